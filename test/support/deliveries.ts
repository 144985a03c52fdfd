import type { Delivery } from '../../src/inbox/delivery';

export const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

/** A message on its way to a listener. */
export function messageIn(chat: string, id: number, more: Partial<Delivery> = {}): Delivery {
  return deliveryIn(chat, 'message', { id: String(id), internalId: id, time: 1_900_000_000, type: 'text' }, more);
}

function deliveryIn(chat: string, event: string, item: object, more: Partial<Delivery>): Delivery {
  const id = 'id' in item && typeof item.id === 'string' ? { messageId: item.id } : {};
  return {
    event,
    channel: CHANNEL,
    item: { ...item, chat: { id: chat } },
    meta: { type: event, licenseId: 50101, messengerType: 'telegram' },
    licenseId: '50101',
    messengerType: 'telegram',
    chatId: chat,
    ...id,
    receivedAt: 1_900_000_000_000,
    recovered: false,
    ...more,
  };
}
