import type { ChatRef, CustomField, FunnelStage, Level, Tag } from './shapes/chat';
import type { FromApp, Id, Open, UnixSeconds, UserRef } from './shapes/values';

/** Something about a chat changed. */
export interface ChatChange {
  chat: ChatRef;
}

/** A change that tells who made it. */
export interface SignedChatChange extends ChatChange {
  /** The app through which it was made. */
  fromApp?: FromApp | null;
  /** The ChatApp user who made it. */
  edited?: UserRef | null;
}

export interface ChatTagItem extends ChatChange {
  type: Open<'add' | 'destroy'>;
  tag: Tag;
}

export interface ChatStatusItem extends ChatChange {
  /** The new status. */
  type: Open<'open' | 'close'>;
}

export interface ChatLevelItem extends SignedChatChange {
  level: Level | null;
}

/** A 24-hour conversation window opened (WhatsApp only). */
export interface ChatConversationItem extends ChatChange {
  conversation: Conversation;
}

export interface Conversation {
  id: Id;
  /** WhatsApp's word for who opened it: `BIC` = the business. */
  type: Open<'BIC'>;
  startTime: UnixSeconds;
  endTime: UnixSeconds;
}

export type ChatReadItem = ChatChange;

export type ChatUnreadItem = ChatChange;

export interface ChatProcessItem extends SignedChatChange {
  /** null = nobody works on the chat any more. */
  process: Open<'inWork'> | null;
}

export interface ChatCommentItem extends SignedChatChange {
  comment: string | null;
}

export interface ChatConsentSendMessageItem extends SignedChatChange {
  consentSendMessage: Open<'accepted'> | null;
}

export interface ChatArchiveItem extends ChatChange {
  /** true = it went into the archive, false = it came back. */
  archive: boolean;
}

export interface ChatCustomFieldItem extends ChatChange {
  /** The field with its new value. */
  field: CustomField;
}

export interface ChatRenameItem extends ChatChange {
  /** The new name. */
  name: string;
}

export interface ChatFunnelStageItem extends ChatChange {
  funnelStage: FunnelStage | null;
}
