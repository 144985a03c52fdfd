import { withoutInvisible } from '../../../src/pasted-text';
import { migrate, type Migration } from '../migration';
import { prepareLineFields } from './account-fields';
import { cleanOnChange, element, fillForm, showRow, valueOf } from './fields';
import { actionOf, hasOption, SEND_OPTIONS } from './send-actions';
import { text } from './text';

/** The saved properties of a send node. Hand-made flows may hold anything in those of type `unknown`. */
export interface SendSettings {
  name: string;
  connection: string;
  action: unknown;
  licenseId: unknown;
  messengerType: unknown;
  chatId: unknown;
  markdown: unknown;
  sender: unknown;
  tracking: unknown;
  perMinute: unknown;
  version: unknown;
}

/** Fills the dialog, and makes it follow the action: what that does not have is hidden, and keeps what it holds. */
export function prepareSend(node: SendSettings, migration: Migration): void {
  fillForm('node-input', migrate(node, migration));
  cleanOnChange(['licenseId', 'perMinute'].map(fieldOf));
  cleanOnChange(['messengerType', 'chatId'].map(fieldOf), withoutInvisible);
  cleanOnChange([fieldOf('tracking')], (tracking) => tracking.trim());
  const fromMsg = text('chatapp-send.fromMsg');
  prepareLineFields({ line: fromMsg, messenger: fromMsg });
  element(fieldOf('action')).addEventListener('change', showAction);
  showAction();
}

function showAction(): void {
  const action = actionOf(valueOf(fieldOf('action')));
  for (const option of SEND_OPTIONS) showRow(fieldOf(option), hasOption(action, option));
  showRow(fieldOf('perMinute'), action !== 'read');
  element('chatapp-send-tip').textContent = action === undefined ? '' : text(`chatapp-send.tip.${action}`);
  showRow('chatapp-send-tip', action !== undefined);
}

function fieldOf(name: string): string {
  return `node-input-${name}`;
}
