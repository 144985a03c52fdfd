import { withoutInvisible } from '../../../../src/pasted-text';
import { cleanOnChange, settingOf } from '../form/fields';
import { isEnvironment, publicUrl } from '../form/validate';
import { element, showRow, valueOf } from '../page/dom';
import { text, textWith } from '../page/text';
import { Callbacks } from '../webhooks/callbacks';
import { isClustered } from './cluster';

/** What the dialog has to know of the two ways to receive. Hand-made and older flows may hold anything in these. */
export interface ReceiveSettings {
  readonly id: string;
  readonly receive: unknown;
  readonly webhookUrl: unknown;
}

/** Makes the dialog follow how events are received: what only webhooks need is shown only with them. */
export function prepareReceive({ id }: Pick<ReceiveSettings, 'id'>): void {
  cleanOnChange([URL_FIELD], withoutInvisible);
  const callbacks = new Callbacks(id);
  const choice = element(RECEIVE);
  let wasShown = false;
  const follow = (): void => {
    const chosen = valueOf(RECEIVE);
    const isShown = mayCall(chosen);
    for (const row of [URL_FIELD, 'chatapp-callbacks-list']) showRow(row, isShown);
    element('chatapp-receive-tip').textContent = tipOf(chosen);
    if (isShown && !wasShown) callbacks.read();
    wasShown = isShown;
  };
  // The editor validates all fields when one has changed, the address among them.
  choice.addEventListener('change', follow);
  for (const event of ['change', 'input']) element(URL_FIELD).addEventListener(event, showAddress);
  follow();
  showAddress();
}

/** The validator of the public address: wanted where webhooks are on, in the open dialog if it is this connection's. */
export const webhookUrl: Validator = function (value, _options) {
  const receive = settingOf('node-config-input', this, 'receive');
  const problem = publicUrl(value);
  if (problem === undefined || !mayCall(receive)) return true;
  // Where a variable decides, the address may be needed or not.
  if (problem === 'missing' && isEnvironment(receive)) return true;
  return text(`invalid.${problem}`, { field: text('chatapp-connection.label.webhookUrl') });
};

/** The validator of how events come: several Node-REDs get them by the socket. */
export const receiving: Validator = function (receive, _options) {
  const isWrong = receive === 'both' || receive === 'webhook';
  if (!isWrong || !isClustered(settingOf('node-config-input', this, 'cluster'))) return true;
  return text('invalid.clusterSocket', { field: text('chatapp-connection.label.receive') });
};

const RECEIVE = 'node-config-input-receive';
const URL_FIELD = 'node-config-input-webhookUrl';

/** Whether ChatApp calls us, or may do so where a variable decides. */
function mayCall(receive: unknown): boolean {
  return receive === 'both' || receive === 'webhook' || isEnvironment(receive);
}

function tipOf(receive: unknown): string {
  if (receive === 'both') return text('chatapp-connection.tip.both');
  return receive === 'webhook' ? text('chatapp-connection.tip.webhook') : '';
}

/** How each address begins that ChatApp gets. What follows is a secret, the line and the messenger. */
function showAddress(): void {
  const typed = valueOf(URL_FIELD)?.trim() ?? '';
  const isUsable = publicUrl(typed) === undefined;
  const begin = `${typed.replace(/\/+$/, '')}${rootOfFlows()}/chatapp/callback/…`;
  element('chatapp-callback-address').textContent = isUsable
    ? textWith('chatapp-connection.tip.callbackUrl', { address: begin })
    : text('chatapp-connection.tip.webhookUrl');
}

/** Where Node-RED serves what flows and nodes offer: its `httpNodeRoot`, without a slash at the end. */
function rootOfFlows(): string {
  const { httpNodeRoot } = RED.settings;
  return typeof httpNodeRoot === 'string' ? httpNodeRoot.replace(/\/+$/, '') : '';
}
