import { randomUUID } from 'node:crypto';
import type { Line } from '../api/lines';
import {
  channelName,
  isAlwaysOut,
  itemFacts,
  metaFacts,
  parseChannelName,
  readEnvelopes,
  type Envelope,
  type Item,
  type ItemFacts,
  type Meta,
  type MetaFacts,
} from '../events';
import type { Writable } from '../events/facts';
import { copyRecord, isRecord, isTooDeep, type JsonRecord } from '../events/json';
import { isEdited, isInGroup } from '../item-fields';
import type { Delivery, ItemFilter, Listener } from './listener';

export type { Delivery } from './listener';

/** What arrived: one envelope of one event. */
export interface Arrival {
  readonly event: string;
  readonly channel: string;
  /** What the channel's name and the envelope's meta tell. */
  readonly facts: MetaFacts;
  readonly receivedAt: number;
  readonly recovered: boolean;
}

/** The ids in a channel's name; none in a name that is no channel's. */
export function channelFacts(channel: string): MetaFacts {
  const { type: _, ...ids } = parseChannelName(channel) ?? { type: undefined };
  return ids;
}

/** The deliveries of one envelope to a listener with this filter, in the envelope's order. */
export function deliveriesOf(arrival: Arrival, { items, meta }: Envelope, filter: ItemFilter): Writable<Delivery>[] {
  const wanted: Writable<Delivery>[] = [];
  for (const item of items) {
    const facts = itemFacts(arrival.event, item);
    if (passes(arrival, item, facts, filter)) wanted.push(deliveryOf(arrival, item, meta, facts));
  }
  if (wanted.length > 1) {
    const id = randomUUID();
    for (const [index, delivery] of wanted.entries()) delivery.part = { id, index, count: wanted.length };
  }
  return wanted;
}

/** This runs for each event: one field after the other costs a fraction of what a spread does. */
function deliveryOf(
  { event, channel, facts, receivedAt, recovered }: Arrival,
  item: Item,
  meta: Meta,
  { chatId, messageId }: ItemFacts,
): Writable<Delivery> {
  const delivery: Writable<Delivery> = { event, channel, item, meta, receivedAt, recovered };
  const { licenseId, messengerType, companyId, userId } = facts;
  if (licenseId !== undefined) delivery.licenseId = licenseId;
  if (messengerType !== undefined) delivery.messengerType = messengerType;
  if (companyId !== undefined) delivery.companyId = companyId;
  if (userId !== undefined) delivery.userId = userId;
  if (chatId !== undefined) delivery.chatId = chatId;
  if (messageId !== undefined) delivery.messageId = messageId;
  return delivery;
}

/** True if a listener with this filter and these channels wants what was made ready for its predecessor. */
export function isWanted(delivery: Delivery, listener: ItemFilter & Pick<Listener, 'channel'>): boolean {
  const { event, channel, item } = delivery;
  const { events } = listener;
  const isNamed = events.length === 0 || events.includes(event);
  return isNamed && isChosen(channel, listener.channel) && passes(delivery, item, itemFacts(event, item), listener);
}

function isChosen(channel: string, choice: Listener['channel']): boolean {
  if (choice.type !== 'messenger') return channelName(choice) === channel;
  const address = parseChannelName(channel);
  const { licenseId, messengerType } = choice;
  return (
    address?.type === 'messenger' &&
    (!licenseId || address.licenseId === licenseId) &&
    (!messengerType || address.messengerType === messengerType)
  );
}

function passes(
  { event, recovered }: Pick<Delivery, 'event' | 'recovered'>,
  item: Item,
  { side, fromAppId }: ItemFacts,
  filter: ItemFilter,
): boolean {
  const { direction, keepStatuses = false, ignoreApp, skipGroups = false, skipEdited = false } = filter;
  if (skipGroups && isInGroup(item)) return false;
  // Of what was missed, the message as it was before may never have come.
  if (skipEdited && !recovered && isEdited(event, item)) return false;
  const isOut = isAlwaysOut(event);
  if (direction !== 'any' && !(isOut && keepStatuses)) {
    const way = isOut ? 'out' : side;
    if (way !== undefined && way !== direction) return false;
  }
  return isOut || ignoreApp === undefined || fromAppId !== ignoreApp;
}

/** What each subscriber gets of an envelope. The objects of one are not those of another: a flow may change them. */
export function sharesOf<S extends { readonly listener: ItemFilter }>(
  arrival: Arrival,
  envelope: Envelope,
  subscribers: readonly S[],
): { readonly subscriber: S; readonly delivery: Delivery }[] {
  const shares: { readonly subscriber: S; readonly delivery: Writable<Delivery> }[] = [];
  const { items, meta } = envelope;
  const [item] = items;
  if (item && items.length === 1) {
    // Nearly every event.
    const facts = itemFacts(arrival.event, item);
    for (const subscriber of subscribers) {
      if (!passes(arrival, item, facts, subscriber.listener)) continue;
      shares.push({ subscriber, delivery: deliveryOf(arrival, item, meta, facts) });
    }
  } else {
    for (const subscriber of subscribers) {
      for (const delivery of deliveriesOf(arrival, envelope, subscriber.listener))
        shares.push({ subscriber, delivery });
    }
  }
  if (shares.length > 1 || Object.isFrozen(meta)) separate(shares.map(({ delivery }) => delivery));
  return shares;
}

/** Gives each delivery an item and a meta of its own: the first to have one keeps the original, the others get copies. */
export function separate(deliveries: readonly Writable<Delivery>[]): void {
  const owned = new Set<object>();
  for (const delivery of deliveries) {
    delivery.item = own(delivery.item, owned);
    delivery.meta = own(delivery.meta, owned);
  }
}

function own(value: JsonRecord, owned: Set<object>): JsonRecord {
  // Frozen is what stands for a meta that was not sent: it is shared by all that lack one.
  if (owned.has(value) || Object.isFrozen(value)) return copyRecord(value);
  owned.add(value);
  return value;
}

/** The line that an envelope's meta names. */
export function lineOf(meta: Meta): Line | undefined {
  const { licenseId, messengerType } = metaFacts(meta);
  return licenseId === undefined || messengerType === undefined ? undefined : { licenseId, messengerType };
}

/** What has to keep its order: the events of a chat, of an employee, or of the channel. */
export function orderOf(delivery: Delivery): string {
  return chatKeyOf(delivery) ?? delivery.userId ?? delivery.channel;
}

/** Line, messenger and chat as one text, which names a chat of the account; `undefined` if no chat is known. */
export function chatKeyOf({ licenseId, messengerType, chatId }: Delivery): string | undefined {
  return chatId === undefined ? undefined : `${licenseId ?? ''}/${messengerType ?? ''}/${chatId}`;
}

const IDS = ['licenseId', 'messengerType', 'companyId', 'userId', 'chatId', 'messageId'] as const;

/** A delivery as it was written as JSON, without its part; `undefined` if the value is none. */
export function asDelivery(value: unknown): Writable<Delivery> | undefined {
  if (!isRecord(value)) return undefined;
  const { event, channel, item, meta, receivedAt, recovered, sample, attempt } = value;
  if (typeof event !== 'string' || typeof channel !== 'string' || !isRecord(item) || !isRecord(meta)) return undefined;
  if (isTooDeep(item) || isTooDeep(meta)) return undefined;
  if (typeof receivedAt !== 'number' || typeof recovered !== 'boolean') return undefined;
  const delivery: Writable<Delivery> = { event, channel, item, meta, receivedAt, recovered };
  for (const name of IDS) {
    const id = value[name];
    if (typeof id === 'string') delivery[name] = id;
    else if (id !== undefined) return undefined;
  }
  if (sample === true) delivery.sample = true;
  if (typeof attempt === 'number') delivery.attempt = attempt;
  return delivery;
}

/**
 * A delivery as JSON for the store.
 * @param text the JSON in which the item came alone: `JSON.stringify` would cost more than all else that is done with it
 */
export function storedText(delivery: Delivery, text?: string): string {
  if (text === undefined) return JSON.stringify(delivery);
  const head = JSON.stringify({ ...delivery, item: undefined, meta: undefined });
  return `${head.slice(0, -1)},"received":${text}}`;
}

function withItem(stored: JsonRecord): JsonRecord {
  const [envelope] = stored.received === undefined ? [] : readEnvelopes(stored.received).envelopes;
  return envelope ? { ...stored, item: envelope.items[0], meta: envelope.meta } : stored;
}

/** What `storedText` gave, with its part: the items of one envelope stay together in one Node-RED. */
export function asStoredDelivery(value: unknown): Delivery | undefined {
  const delivery = asDelivery(isRecord(value) ? withItem(value) : value);
  const part = isRecord(value) ? value.part : undefined;
  if (!delivery || !isRecord(part)) return delivery;
  const { id, index, count } = part;
  if (typeof id === 'string' && typeof index === 'number' && typeof count === 'number') {
    delivery.part = { id, index, count };
  }
  return delivery;
}
