import type { EventName } from './events/catalogue';
import type { Id, ItemOf } from './events/items';

/**
 * The `msg` that a listener node sends. `FlowMessage<'message'>` is that of one event; `FlowMessage` alone is any of
 * them, told apart by `topic`. Events that this package does not know come as well, with a `topic` of their own.
 */
export type FlowMessage<Name extends EventName = EventName> = { [Event in Name]: MessageOf<Event> }[Name];

interface MessageOf<Event extends EventName> {
  /** The event's name. */
  topic: Event;
  /** The item, exactly as ChatApp sent it. */
  payload: ItemOf[Event];
  chatapp: Origin<Event>;
  /** Only where one delivery held several items: for a Join node. */
  parts?: Parts;
}

/** Where an item comes from: `msg.chatapp`. Ids are texts; those that neither ChatApp nor the channel tells are absent. */
export interface Origin<Event extends string = string> {
  /** The event's name once more. */
  event: Event;
  /** The channel on which it came, such as `private-v1.users.7001`. */
  channel: string;
  /** The line, which ChatApp calls licence. */
  licenseId?: string;
  /** The messenger, such as `grWhatsApp` or `telegram`. */
  messengerType?: string;
  companyId?: string;
  userId?: string;
  chatId?: string;
  /** The message that the item is, or is about; unique only within its chat. */
  messageId?: string;
  /** When it reached Node-RED, in ms since 1970. */
  receivedAt: number;
  /** True for a message that was missed at first and fetched later. */
  recovered: boolean;
  /** The number of this attempt to deliver it, from 1. */
  attempt: number;
  /** True for what was made up to try a flow; absent from all that ChatApp sent. */
  sample?: true;
  /** What ChatApp said about the whole delivery, untouched. */
  meta: Record<string, unknown>;
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
