import { idText, isRecord } from '../json';

const KEPT_PER_CHAT = 10_000;

type Fields = Readonly<Record<string, unknown>>;

/** Where something stands in a list that is ordered by time. */
export interface Place {
  /** In s since the epoch. */
  readonly time: number;
  readonly sequence: number;
}

export interface KeptMessage extends Place {
  readonly isSystem: boolean;
  /** The item as it was announced, without its chat. */
  readonly item: Fields;
  /** How it fares, where that was announced; no part of what the API shows. */
  readonly status?: MessageStatus;
}

/** What a `messageStatus` said last: a message that was viewed is not less for a `delivered` that comes late. */
export interface MessageStatus {
  readonly type: string;
  /** Why it failed. */
  readonly reason?: string;
}

export interface KeptChat {
  /** The chat as it was last seen, with `lastTime` and `unreadMessages` kept up to date. */
  fields: Fields;
  readonly id: string;
  /** The time of its newest activity. */
  place: Place;
  readonly messages: Map<string, KeptMessage>;
}

/** What was written in every chat, whether or not anyone was connected. The last 10,000 messages of a chat are kept. */
export class History {
  readonly #messengers = new Map<string, Map<string, KeptChat>>();
  #sequence = 0;

  /** Keeps a message's item. One that has no id, time or chat is left out; a known id is an edit. */
  keep(licenseId: string, messengerType: string, item: unknown): void {
    if (!isRecord(item) || !isRecord(item.chat)) return;
    const { chat: fields, ...rest } = item;
    const id = idText(item.id);
    const chatId = idText(fields.id);
    const time = Number(item.time);
    if (id === undefined || chatId === undefined || !Number.isFinite(time)) return;
    const chat = this.#chatFor(`${licenseId} ${messengerType}`, chatId);
    const known = chat.messages.get(id);
    const place = known ?? { time, sequence: (this.#sequence += 1) };
    const isSystem = item.type === 'system';
    chat.messages.set(id, { ...known, time: place.time, sequence: place.sequence, isSystem, item: rest });
    if (place.time >= chat.place.time) chat.place = { time: place.time, sequence: place.sequence };
    const unread = Number(chat.fields.unreadMessages ?? 0) + (known || item.side !== 'in' ? 0 : 1);
    chat.fields = { ...chat.fields, ...fields, lastTime: chat.place.time, unreadMessages: unread };
    dropOldest(chat.messages);
  }

  /** Marks a message as deleted, at a time in s. */
  destroy(licenseId: string, messengerType: string, chatId: string, id: string, time: number): void {
    const messages = this.chat(licenseId, messengerType, chatId)?.messages;
    const kept = messages?.get(id);
    if (kept) messages?.set(id, { ...kept, item: { ...kept.item, destroyed: time } });
  }

  /** Notes an item of `messageStatus`. One about an unknown message is left out. */
  keepStatus(licenseId: string, messengerType: string, item: unknown): void {
    if (!isRecord(item) || !isRecord(item.chat) || typeof item.type !== 'string') return;
    const messages = this.chat(licenseId, messengerType, idText(item.chat.id) ?? '')?.messages;
    const id = idText(item.id) ?? '';
    const kept = messages?.get(id);
    if (!kept || rankOf(kept.status?.type) > rankOf(item.type)) return;
    const reason = isRecord(item.error) && typeof item.error.message === 'string' ? { reason: item.error.message } : {};
    messages?.set(id, { ...kept, status: { type: item.type, ...reason } });
  }

  markRead(chat: KeptChat): void {
    chat.fields = { ...chat.fields, unreadMessages: 0 };
  }

  /** A messenger's chats, newest activity first. */
  chats(licenseId: string, messengerType: string): KeptChat[] {
    const chats = this.#messengers.get(`${licenseId} ${messengerType}`);
    return [...(chats?.values() ?? [])].sort((one, other) => -compare(one.place, other.place));
  }

  /** A chat by its id, or by the bare phone of its customer. */
  chat(licenseId: string, messengerType: string, idOrPhone: string): KeptChat | undefined {
    const chats = this.#messengers.get(`${licenseId} ${messengerType}`);
    const phone = idOrPhone.replace(/^\+/, '');
    return chats?.get(idOrPhone) ?? [...(chats?.values() ?? [])].find(({ fields }) => fields.phone === phone);
  }

  #chatFor(messenger: string, chatId: string): KeptChat {
    const chats = this.#messengers.get(messenger) ?? new Map<string, KeptChat>();
    this.#messengers.set(messenger, chats);
    const place = { time: 0, sequence: 0 };
    const chat = chats.get(chatId) ?? { id: chatId, fields: {}, place, messages: new Map<string, KeptMessage>() };
    chats.set(chatId, chat);
    return chat;
  }
}

function rankOf(status: string | undefined): number {
  return ['sent', 'delivered', 'viewed', 'failed'].indexOf(status ?? '');
}

/** By time, then in the order of arrival. */
export function compare(one: Place, other: Place): number {
  return one.time - other.time || one.sequence - other.sequence;
}

function dropOldest(messages: Map<string, KeptMessage>): void {
  if (messages.size <= KEPT_PER_CHAT) return;
  for (const id of messages.keys()) {
    messages.delete(id);
    return;
  }
}
