import type { Id, Open, Translations, UnixSeconds, UserRef } from './values';

/** A chat, by id alone. */
export interface ChatRef {
  /** The messenger's id of the chat, such as `77000000001@c.us`. Groups of Telegram bots have negative numbers. */
  id: Id;
}

/** A chat with what the messenger tells about the other side. */
export interface ChatContact extends ChatRef {
  hash?: string | null;
  type: Open<'private' | 'group'>;
  phone?: string | null;
  username: string | null;
  email: string | null;
}

/**
 * A chat with all that ChatApp knows about it. With a message that was fetched later it is the chat's entry in ChatApp's list
 * of chats.
 */
export interface Chat extends ChatContact {
  /** ChatApp's own id of the chat. */
  internalId: Id;
  fullId?: string;
  name: string | null;
  /** The address of the chat's picture. */
  image: string | null;
  /** When the chat last changed. */
  lastTime: UnixSeconds | null;
  /** When the customer last wrote. */
  timeLastInMessage: UnixSeconds | null;
  lastRead: UnixSeconds | null;
  unreadMessages: number | null;
  lastMessage: LastMessage | null;
  link: string | null;
  secondLink: string | null;
  inviteLink: string | null;
  tags?: Tag[] | null;
  /** The employee who answers for the chat. */
  responsible?: UserRef | null;
  /** Whether the responsible employee is pinned to the chat. */
  responsiblePin: boolean;
  producer?: UserRef | null;
  accomplices: UserRef[] | null;
  auditors: UserRef[] | null;
  status: Open<'open' | 'close'> | null;
  level: Level | null;
  funnelStage?: FunnelStage | null;
  /** `inWork` while someone works on the chat. */
  process: Open<'inWork'> | null;
  /** The advertisement that brought the customer. Its shape is not documented. */
  advert: unknown;
  subtype: string | null;
  /** The employees' internal comment. */
  comment: string | null;
  consentSendMessage: Open<'accepted'> | null;
  /** Whether the chat is in the archive. */
  archive?: boolean | null;
  /** True where this message began the chat. */
  created?: boolean | null;
  customFields?: CustomField[] | null;
}

/** The newest message of a chat, as chat lists show it. */
export interface LastMessage {
  type: Open<'text' | 'system'>;
  previewText: string | null;
  previewTextLang: Translations | null;
}

export interface Tag {
  id: Id;
  name: string;
  color: string;
  /** The place in lists: lower comes first. */
  sort: number;
  /** An empty list where the tag has no category. */
  category: TagCategory | [];
}

export interface TagCategory {
  id: Id;
  name: string;
  sort: number;
}

export interface Level {
  id: Id;
}

export interface FunnelStage {
  id: Id;
}

/** A field that the company added to its chats. */
export interface CustomField {
  id: Id;
  name: string;
  type: Open<'string' | 'numeric' | 'select'>;
  sort: number;
  /** What can be chosen in a `select`; null for other types. */
  options: CustomFieldOption[] | null;
  /** The value; in a `select` the id of the chosen option. */
  value: string | number | null;
}

export interface CustomFieldOption {
  id: Id;
  value: string;
  sort: number;
}
