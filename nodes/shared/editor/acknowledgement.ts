import { cleanOnChange, element, showRow, valueOf } from './fields';
import { text } from './text';
import { isEnvironment } from './validate';

/** When a listener's event counts as handled. Hand-made and older flows may hold anything in these. */
export interface AcknowledgementSettings {
  readonly ack: unknown;
  readonly ackSeconds: unknown;
  readonly inFlight: unknown;
}

/** Makes the dialog show what only a listener that waits for a done node needs. */
export function prepareAcknowledgement(): void {
  cleanOnChange(['node-input-ackSeconds', 'node-input-inFlight']);
  element('node-input-ack').addEventListener('change', showFields);
  showFields();
}

/** The validator of `ack`. */
export const acknowledgement: Validator = function (ack, _options) {
  const isChoice = ack === undefined || ack === '' || ack === 'sent' || ack === 'done' || isEnvironment(ack);
  return isChoice || text('invalid.choice', { field: text('listener.label.ack') });
};

function showFields(): void {
  const isWaiting = valueOf('node-input-ack') !== 'sent';
  for (const id of ['node-input-ackSeconds', 'node-input-inFlight', 'chatapp-ack-tip']) showRow(id, isWaiting);
}
