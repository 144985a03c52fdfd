import { randomUUID } from 'node:crypto';
import { itemFacts, metaFacts, parseChannelName, type Envelope, type Item, type ItemFacts, type Meta } from '../events';
import type { ItemFilter } from './listener';

/** One item on its way to one listener. Ids are strings; what neither meta, channel nor item tells is absent. */
export interface Delivery {
  readonly event: string;
  readonly channel: string;
  readonly item: Item;
  readonly meta: Meta;
  readonly licenseId?: string;
  readonly messengerType?: string;
  readonly companyId?: string;
  readonly userId?: string;
  readonly chatId?: string;
  readonly messageId?: string;
  /** When it reached this machine, ms since the epoch. */
  readonly receivedAt: number;
  /** True where it was fetched after a gap. */
  readonly recovered: boolean;
  /** Present, and true, for what was made up to try a flow. */
  readonly sample?: true;
  /** Present where one envelope brought the listener several items: `id` is the same for all of them. */
  readonly part?: { readonly id: string; readonly index: number; readonly count: number };
}

/** What arrived: one envelope of one event. */
export interface Arrival {
  readonly event: string;
  readonly channel: string;
  readonly receivedAt: number;
  readonly recovered: boolean;
}

/** The deliveries of one envelope to a listener with this filter, in the envelope's order. */
export function deliveriesOf(arrival: Arrival, { items, meta }: Envelope, filter: ItemFilter): Delivery[] {
  const origin = { ...addressFacts(arrival.channel), ...metaFacts(meta) };
  const wanted = items.flatMap((item) => {
    const facts = itemFacts(arrival.event, item);
    return passes(facts, filter) ? [{ item, facts }] : [];
  });
  const count = wanted.length;
  const id = count > 1 ? randomUUID() : '';
  return wanted.map(({ item, facts: { chatId, messageId } }, index) => ({
    ...arrival,
    ...origin,
    item,
    meta,
    ...(chatId !== undefined && { chatId }),
    ...(messageId !== undefined && { messageId }),
    ...(count > 1 && { part: { id, index, count } }),
  }));
}

/** True where a listener with this filter wants what was made ready for another one. */
export function isWanted({ event, item }: Delivery, filter: ItemFilter): boolean {
  return (filter.events.length === 0 || filter.events.includes(event)) && passes(itemFacts(event, item), filter);
}

function passes({ side, fromAppId }: ItemFacts, { direction, ignoreApp }: ItemFilter): boolean {
  if (direction !== 'any' && side !== undefined && side !== direction) return false;
  return ignoreApp === undefined || fromAppId !== ignoreApp;
}

function addressFacts(channel: string): object {
  const { type: _, ...ids } = parseChannelName(channel) ?? { type: undefined };
  return ids;
}

/** The delivery with item and meta of its own: the first to ask gets the originals, the others copies. */
export function ownCopy(delivery: Delivery, owned: Set<object>): Delivery {
  return { ...delivery, item: own(delivery.item, owned), meta: own(delivery.meta, owned) };
}

function own<T extends object>(value: T, owned: Set<object>): T {
  // Frozen is what stands for a meta that was not sent: it is shared by all that lack one.
  if (owned.has(value) || Object.isFrozen(value)) return structuredClone(value);
  owned.add(value);
  return value;
}
