import type { ChannelType } from '../../../src/events/channels';
import { prepareAcknowledgement, type AcknowledgementSettings } from './acknowledgement';
import { showEventList, tickedEvents } from './event-list';
import { element, isTicked, setValue, showChoices, trimOnChange, valueOf } from './fields';
import { claimForm } from './open-form';
import { chosenEvents, outputCount, outputsField } from './outputs';
import { prepareSampleMessage } from './sample-message';
import { text } from './text';
import { isEnvironment } from './validate';

/** The saved properties that every listener has. Hand-made flows may hold anything in those of type `unknown`. */
export interface ListenerSettings extends AcknowledgementSettings {
  name: string;
  connection: string;
  events: unknown;
  separate: unknown;
  direction: unknown;
  ignoreOwn: unknown;
  outputs: number;
}

/** Fills the rows that listeners share. `ids` names the properties that hold ids, of a line or a company for instance. */
export function prepareListener(
  node: ListenerSettings & { readonly id: string },
  channelType: ChannelType,
  ids: readonly string[],
): void {
  claimForm('node-input', node.id);
  showChoices('node-input', {
    separate: { saved: node.separate, otherwise: false },
    direction: { saved: node.direction, otherwise: 'any' },
    ignoreOwn: { saved: node.ignoreOwn, otherwise: false },
  });
  trimOnChange(ids.map((name) => `node-input-${name}`));
  const refresh = (): void => showOutputs(channelType);
  showEventList(channelType, node.events, refresh);
  element('node-input-separate').addEventListener('change', refresh);
  refresh();
  prepareAcknowledgement(node);
  prepareSampleMessage(channelType, ids);
}

/** Writes what the editor does not read from the form by itself: the events, and where each output's wires go. */
export function saveListener(node: ListenerSettings, channelType: ChannelType): void {
  const after = settings(channelType);
  // A variable decides only when the flow starts: until then the outputs stay as they are.
  const unknown = isEnvironment(valueOf('node-input-separate'));
  setValue('node-input-outputs', unknown ? '' : outputsField(node, after, channelType));
  // A list in another order, or a variable, says the same: it is left as it was written.
  const isSame = chosenEvents(node.events, channelType).join() === after.events.join();
  if (!isSame) node.events = after.events;
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
