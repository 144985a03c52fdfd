import { isRecord, isTooDeep } from '../events/json';
import type { Writable } from '../events/facts';
import type { Delivery } from './delivery';

const IDS = ['licenseId', 'messengerType', 'companyId', 'userId', 'chatId', 'messageId'] as const;

/** A delivery as it was written as JSON, without its part; `undefined` if the value is none. */
export function asDelivery(value: unknown): Writable<Delivery> | undefined {
  if (!isRecord(value)) return undefined;
  const { event, channel, item, meta, receivedAt, recovered, sample } = value;
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
  return delivery;
}

/** The same with its part: the items of one envelope stay together in one Node-RED. */
export function asStoredDelivery(value: unknown): Delivery | undefined {
  const delivery = asDelivery(value);
  const part = isRecord(value) ? value.part : undefined;
  if (!delivery || !isRecord(part)) return delivery;
  const { id, index, count } = part;
  if (typeof id === 'string' && typeof index === 'number' && typeof count === 'number') {
    delivery.part = { id, index, count };
  }
  return delivery;
}
