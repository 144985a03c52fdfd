import { eventsOf } from '../../src/events/catalogue';
import type { ChannelType } from '../../src/events/channels';

/**
 * Event names in the order of their outputs: as in the catalogue, then those that it does not have for channels of this
 * type, each once. The editor draws the outputs in this order and the runtime sends to them in it.
 */
export function inOutputOrder(events: Iterable<string>, type: ChannelType): string[] {
  const names = new Set(events);
  const known = eventsOf(type).flatMap(({ name }) => (names.delete(name) ? name : []));
  return [...known, ...names];
}
