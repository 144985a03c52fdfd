import type { ChatChange, SignedChatChange } from './chat';
import type { Id, Open, UserRef } from './shapes/values';

export interface ChatResponsibleItem extends SignedChatChange {
  /** The new responsible employee; null = none. */
  responsible: UserRef | null;
}

export interface ChatResponsiblePinItem extends ChatChange {
  type: Open<'pin' | 'unpin'>;
}

export interface ChatProducerItem extends SignedChatChange {
  /** The new producer; null = none. */
  producer: UserRef | null;
}

export interface ChatAccompliceItem extends SignedChatChange {
  type: Open<'add' | 'destroy'>;
  accomplice: UserRef;
}

export interface ChatAuditorItem extends SignedChatChange {
  type: Open<'add' | 'destroy'>;
  auditor: UserRef;
}

export interface ChatParticipantAddItem extends ChatChange {
  /** Who joined. */
  participants: Participant[];
}

export interface ChatParticipantDestroyItem extends ChatChange {
  /** Who left. */
  participants: Participant[];
}

/** A member of a group chat. */
export interface Participant {
  id: Id;
  username: string | null;
  name: string | null;
  phone: string | null;
}
