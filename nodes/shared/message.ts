import { randomBytes } from 'node:crypto';
import type { NodeMessage } from 'node-red';
import type { Delivery, Origin } from '../../src';
import { addItemFields } from '../../src/item-fields';
import { chatKeyOf } from '../../src/inbox/delivery';

/** What the account and the editor call the place from which an item comes. */
export interface Naming {
  readonly lineName?: string | undefined;
  readonly messengerName?: string | undefined;
  readonly connectionName?: string | undefined;
}

const NO_NAMES: Naming = {};

const MESSAGE_IDS = randomBytes(5).toString('hex');
let messages = 0x100000;

/** An id that no other message has, in the form of Node-RED's own. Node-RED would make random bytes for each message. */
export function nextMessageId(): string {
  messages += 1;
  return MESSAGE_IDS + messages.toString(16);
}

/**
 * The `msg` for one item: the item untouched as `payload`, all that is added in `chatapp`. A delivery token is its `_msgid`,
 * since that is what nodes leave in a message whatever else they make of it.
 */
export function messageOf(delivery: Delivery, naming = NO_NAMES): NodeMessage {
  const { event, item, part, deliveryToken } = delivery;
  const message: NodeMessage & { topic: string; chatapp: Origin; parts?: object } = {
    topic: event,
    payload: item,
    chatapp: originOf(delivery, naming),
  };
  if (deliveryToken !== undefined) message._msgid = deliveryToken;
  if (part) message.parts = { id: part.id, index: part.index, count: part.count, type: 'array' };
  return message;
}

/** This runs for each event: one field after the other costs a tenth of what spreading objects does. */
function originOf(delivery: Delivery, naming: Naming): Origin {
  const { event, channel, licenseId, messengerType, companyId, userId, chatId, messageId } = delivery;
  const { item, receivedAt, recovered, attempt = 1, sample, meta } = delivery;
  const { lineName, messengerName, connectionName } = naming;
  const origin: Origin = { event, channel, receivedAt, recovered, attempt, meta };
  if (licenseId !== undefined) origin.licenseId = licenseId;
  if (messengerType !== undefined) origin.messengerType = messengerType;
  if (companyId !== undefined) origin.companyId = companyId;
  if (userId !== undefined) origin.userId = userId;
  if (chatId !== undefined) origin.chatId = chatId;
  if (messageId !== undefined) origin.messageId = messageId;
  const chatKey = chatKeyOf(delivery);
  if (chatKey !== undefined) origin.chatKey = chatKey;
  addItemFields(origin, event, item, messengerType);
  if (lineName !== undefined) origin.lineName = lineName;
  if (messengerName !== undefined) origin.messengerName = messengerName;
  if (connectionName !== undefined) origin.connectionName = connectionName;
  if (sample) origin.sample = sample;
  return origin;
}

/** The message with these properties: the same one, or a copy if it cannot be changed. Never throws. */
export function withValues(message: NodeMessage, values: Readonly<Record<string, unknown>>): NodeMessage {
  // Not by assignment: a property may have a getter only, and the message may be frozen.
  const isChanged = Object.entries(values).every(([name, value]) =>
    Reflect.defineProperty(message, name, { value, writable: true, enumerable: true, configurable: true }),
  );
  if (isChanged) return message;
  const copy: NodeMessage = {};
  return Object.defineProperties(copy, {
    ...Object.getOwnPropertyDescriptors(message),
    ...Object.getOwnPropertyDescriptors(values),
  });
}
