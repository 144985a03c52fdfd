import { isClustered } from './cluster-login';
import { element, showChoices, showRow, trimOnChange, valueOf } from './fields';
import { isObject, settingOf } from './open-form';
import { text } from './text';
import { isEnvironment } from './validate';

/** When a listener's event counts as handled. Hand-made and older flows may hold anything in these. */
export interface AcknowledgementSettings {
  readonly ack: unknown;
  readonly ackSeconds: unknown;
}

/** Makes the dialog follow the connection: what only several Node-REDs need is shown only with them. */
export function prepareAcknowledgement(node: AcknowledgementSettings): void {
  showChoices('node-input', { ack: { saved: node.ack, otherwise: 'sent' } });
  trimOnChange(['node-input-ackSeconds']);
  // By the editor's jQuery: what the editor itself changes, no other handler hears.
  $(element('node-input-connection')).on('change', showFields);
  element('node-input-ack').addEventListener('change', showFields);
  showFields();
}

/** The validator of `ack`: one of the list, and waiting for a done node only where the connection has NATS servers. */
export const acknowledgement: Validator = function (ack, _options) {
  const field = text('listener.label.ack');
  if (ack === undefined || ack === '' || ack === 'sent' || isEnvironment(ack)) return true;
  if (ack !== 'done') return text('invalid.choice', { field });
  const connection = settingOf('node-input', this, 'connection');
  return isNone(connection) || isShared(connection) || text('invalid.noCluster', { field });
};

function showFields(): void {
  const ack = valueOf('node-input-ack');
  const isShown = ack !== 'sent' || isShared(valueOf('node-input-connection'));
  showRow('node-input-ack', isShown);
  showRow('node-input-ackSeconds', isShown && ack !== 'sent');
}

/** Whether several Node-REDs share the account of a connection. */
function isShared(connection: unknown): boolean {
  const node = typeof connection === 'string' ? RED.nodes.node(connection) : undefined;
  return isObject(node) && 'cluster' in node && isClustered(node.cluster);
}

/** Another validator tells that a connection is missing. */
function isNone(connection: unknown): boolean {
  return typeof connection !== 'string' || !RED.nodes.node(connection);
}
