import type { Chat, ChatContact, ChatRef } from './shapes/chat';
import type { MessageBody, MessageType, QuotedMessage } from './shapes/message';
import type { FromApp, FromUser, Id, Open, Translations, UnixSeconds, UserRef } from './shapes/values';

/**
 * A message, incoming or outgoing. An edited one comes again, with the same `id` and `edited: true`. Live data leaves out or
 * gives as null what is optional here, more often than ChatApp's documentation shows.
 */
export interface MessageItem {
  /** The messenger's id of the message. Some messengers count again in each chat. */
  id: Id;
  /** ChatApp's own id of the message. */
  internalId: Id;
  groupId?: Id | null;
  /** Whether it was sent through the API. */
  fromApi: boolean;
  /** Whether the line itself sent it. */
  fromMe: boolean;
  /** `in` from the customer, `out` to the customer. */
  side: Open<'in' | 'out'>;
  time: UnixSeconds;
  type: MessageType;
  subtype: string | null;
  message: MessageBody;
  /** The message to which this one answers. */
  quotedMessage?: QuotedMessage | null;
  /** Who wrote it, in a group chat. */
  fromUser?: FromUser | null;
  chat: Chat;
  fromApp?: FromApp | null;
  /** Its shape is not documented. */
  utm?: unknown;
  /** The ChatApp user who wrote it. */
  created?: UserRef | null;
  forwarded?: boolean | null;
  /** True if it was edited; mostly absent or false. */
  edited?: boolean | null;
  /** Truthy where the message was deleted. Only on messages fetched from history. */
  destroyed?: unknown;
}

/** A note that ChatApp wrote into a chat; `message.textLang` has it in several languages. */
export type MessageSystemItem = MessageItem;

/** How an outgoing message fares. Several may come at once, and not always in order. */
export interface MessageStatusItem {
  /** The id of the message. */
  id: Id;
  type: Open<'sent' | 'delivered' | 'viewed' | 'failed'>;
  time: UnixSeconds;
  chat: ChatContact;
  fromApp?: FromApp | null;
  /** Why it failed. */
  error?: MessageStatusError | null;
}

export interface MessageStatusError {
  /** The messenger's own code. */
  code: Id;
  message: string;
  messageLang: Translations;
}

export interface MessageDestroyItem {
  /** The id of the deleted message. */
  id: Id;
  time: UnixSeconds;
  chat: ChatRef;
}

export interface MessageReactionItem {
  /** The id of the message to which the reaction belongs. */
  id: Id;
  /** The emoji. */
  reaction: string;
  time: UnixSeconds;
  chat: ChatRef;
  /** Who reacted, in a group chat. */
  fromUser?: FromUser | null;
  action: Open<'react' | 'unreact'>;
}

/** How a task fares that loads older messages of a chat from the messenger. */
export interface MessageImportItem {
  /** The id of the task, not of a message. */
  id: Id;
  /** From when on messages are loaded. */
  timeFrom: UnixSeconds | null;
  /** Up to when; null = up to now. */
  timeTo: UnixSeconds | null;
  time: UnixSeconds;
  status: Open<'failed'>;
  error?: MessageImportError | null;
  /** The ChatApp user who started it. */
  created?: UserRef | null;
  licenseId: Id;
  messengerType: string;
  chat: ImportedChat;
  /** Where the next load goes on. */
  messagesNextPage: string | null;
}

export interface MessageImportError {
  /** A word such as `messagesNotFound`. */
  code: Id;
  messageLang: Translations;
}

export interface ImportedChat extends ChatRef {
  name: string | null;
}
