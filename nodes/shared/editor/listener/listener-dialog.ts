import type { ChannelType } from '../../../../src/events/channels';
import { isUnversioned, migrate, type Migration } from '../../migration';
import { chooseOnlyConnection, claimForm, cleanOnChange, fillForm } from '../form/fields';
import { isEnvironment } from '../form/validate';
import { element, isTicked, setValue, showRow, valueOf } from '../page/dom';
import { text } from '../page/text';
import { showEventList, tickedEvents } from './event-list';
import { chosenEvents, outputCount, outputsField } from './outputs';
import { prepareSampleMessage } from './sample';

/** The saved properties that every listener has. Hand-made flows may hold anything in those of type `unknown`. */
export interface ListenerSettings extends AcknowledgementSettings {
  name: string;
  connection: string;
  events: unknown;
  separate: unknown;
  outputs: number;
  version: unknown;
}

/** Those of listeners to chats: company and user channels have no direction. */
export interface ChatListenerSettings extends ListenerSettings {
  direction: unknown;
  ignoreOwn: unknown;
  skipGroups: unknown;
  skipEdited: unknown;
}

/** Fills the rows that listeners share. `ids` names the properties that hold ids, of a line or a company for instance. */
export function prepareListener(
  node: (ListenerSettings | ChatListenerSettings) & { readonly id: string },
  channelType: ChannelType,
  ids: readonly string[],
  migration: Migration,
): void {
  claimForm('node-input', node.id);
  chooseOnlyConnection();
  const properties = migrate(node, migration);
  fillForm('node-input', properties);
  cleanOnChange(ids.map((name) => `node-input-${name}`));
  const saved = isUnversioned(node) && 'direction' in node ? node.direction : undefined;
  const refresh = (): void => {
    showOutputs(channelType);
    if ('direction' in properties) showDirection(saved, tickedEvents(channelType));
  };
  showEventList(channelType, properties.events, refresh);
  element('node-input-separate').addEventListener('change', refresh);
  document.getElementById('node-input-direction')?.addEventListener('change', refresh);
  refresh();
  prepareAcknowledgement();
  prepareSampleMessage(channelType, ids);
}

/**
 * Writes what the editor does not read from the form by itself: the version, the events, and where each output's wires
 * go.
 */
export function saveListener(node: ListenerSettings, channelType: ChannelType, migration: Migration): void {
  Object.assign(node, migrate(node, migration));
  const after = settings(channelType);
  // A variable decides only when the flow starts: until then the outputs stay as they are.
  const unknown = isEnvironment(valueOf('node-input-separate'));
  setValue('node-input-outputs', unknown ? '' : outputsField(node, after, channelType));
  // A list in another order, or a variable, says the same: it is left as it was written.
  const isSame = chosenEvents(node.events, channelType).join() === after.events.join();
  if (!isSame) node.events = after.events;
}

/** Says below the direction what it leaves out. */
function showDirection(before: unknown, events: readonly string[]): void {
  const tip = directionTip(valueOf('node-input-direction'), before, events);
  element('chatapp-direction-tip').textContent = tip ? text(`listener.direction.${tip}`) : '';
  showRow('chatapp-direction-tip', tip !== undefined);
}

/** Says beside the check box how many outputs there will be. */
function showOutputs(channelType: ChannelType): void {
  const after = settings(channelType);
  const key = after.events.length === 0 ? 'listener.separate.none' : 'listener.separate.count';
  const outputs = outputCount(after, channelType);
  element('chatapp-outputs').textContent = after.separate ? text(key, { outputs }) : '';
}

function settings(channelType: ChannelType): { events: string[]; separate: boolean } {
  return { events: tickedEvents(channelType), separate: isTicked('node-input-separate') };
}

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

/** What a dialog says below the direction: the keys under which the words stand. */
export type DirectionTip = 'leavesOut' | 'changes';

/**
 * What there is to say about the direction that is chosen in a dialog. `before` is the one that a node without a version
 * was saved with: such a node gets `messageStatus` with `in` until it is edited. No event chosen means every event.
 */
export function directionTip(chosen: unknown, before: unknown, events: readonly string[]): DirectionTip | undefined {
  if (chosen !== 'in' || (events.length > 0 && !events.includes('messageStatus'))) return undefined;
  return before === 'in' ? 'changes' : 'leavesOut';
}
