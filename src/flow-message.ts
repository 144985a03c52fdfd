import type { EventName } from './events/catalogue';
import type { Id, ItemOf } from './events/items';

/**
 * The `msg` that a listener node sends. `FlowMessage<'message'>` is that of one event; `FlowMessage` alone is any of
 * them, distinguished by `topic`. Events that this package does not know come as well, with a `topic` of their own.
 */
export type FlowMessage<Name extends EventName = EventName> = { [Event in Name]: MessageOf<Event> }[Name];

interface MessageOf<Event extends EventName> {
  /** The event's name, such as `message`. */
  topic: Event;
  /** The item, exactly as ChatApp sent it. */
  payload: ItemOf[Event];
  chatapp: Origin<Event>;
  /** Only if one delivery held several items, and no other Node-RED shares the work: for a Join node. */
  parts?: Parts;
}

/** Where an item comes from, and what flows need of it: `msg.chatapp`. Ids are texts. What ChatApp does not say is absent. */
export interface Origin<Event extends string = string> {
  /** The event's name once more. */
  event: Event;
  /** The channel on which it came, such as `private-v1.users.7001`. */
  channel: string;
  /** The line, which ChatApp calls licence. */
  licenseId?: string;
  /** The messenger, such as `grWhatsApp`, `caWhatsApp`, `telegram`, `instagram`. */
  messengerType?: string;
  /** The company. */
  companyId?: string;
  /** The user. */
  userId?: string;
  /** The chat. */
  chatId?: string;
  /** The message that the item is, or is about; unique only within its chat. */
  messageId?: string;
  /** Line, messenger and chat as one text, for context keys and topics. */
  chatKey?: string;
  /** What a message says: its text, or its file's caption, else its type, such as `(image)`; absent for other events. */
  text?: string;
  /** The person in the chat; in a group, who wrote. */
  from?: Person;
  /** What the account calls the line; absent until its list was read. */
  lineName?: string;
  /** What the account calls the messenger; absent until its list was read. */
  messengerName?: string;
  /** The name of the connection node. */
  connectionName?: string;
  /** `true` for a chat of several people. */
  isGroup?: boolean;
  /** `true` for a message that comes again because it was edited; absent for other events. */
  isEdited?: boolean;
  /** `in` for what the customer wrote, `out` for what went to the customer. */
  direction?: 'in' | 'out';
  /** When it happened, by ChatApp's clock, in ISO 8601. */
  time?: string;
  /** The file of a message. */
  file?: FileReference;
  /** When it reached Node-RED, in ms since 1970. */
  receivedAt: number;
  /** `true` for a message that was missed at first and fetched later, else `false`. */
  recovered: boolean;
  /** The number of this attempt to deliver it, from 1. */
  attempt: number;
  /** `true` for what was made up to try a flow; absent from all that ChatApp sent. */
  sample?: true;
  /** What ChatApp said about the whole delivery, untouched. */
  meta: Record<string, unknown>;
}

/** A person in a messenger, as far as ChatApp says who that is. */
export interface Person {
  /** The name in the messenger. */
  name?: string;
  /** The phone in E.164, such as `+77000000001`. */
  phone?: string;
  /** The user name in the messenger. */
  username?: string;
  /** The name, else the phone, else the id. */
  title?: string;
}

/** The file of a message. */
export interface FileReference {
  /** Where the file can be fetched. */
  url: string;
  /** The name of the file. */
  name?: string;
  /** The media type, such as `image/jpeg`. */
  mimeType?: string;
}

/**
 * The `msg` that a send node sends on once ChatApp has taken what was sent: the one that came in, with these in it. After
 * marking a chat as read, `payload` may be anything.
 */
export interface SentMessage {
  payload: SentPayload;
  chatapp: SentOrigin;
}

/** What ChatApp answers. */
export interface SentPayload {
  /** The id of the new message, as the events that follow have it. */
  id: Id;
  /** The chat as ChatApp knows it, also where a phone was given. */
  chatId: Id;
}

/** What `msg.chatapp` says after a send node: where it went; what a listener put there before is there still. */
export interface SentOrigin extends Partial<Origin> {
  licenseId: string;
  messengerType: string;
  chatId: string;
  /** The new message; after marking a chat as read, what it was before. */
  messageId?: string;
}

/** The place of an item among those of its delivery. */
export interface Parts {
  id: string;
  type: 'array';
  index: number;
  count: number;
}
