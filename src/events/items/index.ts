import type { EventName } from '../catalogue';
import type {
  ChatArchiveItem,
  ChatCommentItem,
  ChatConsentSendMessageItem,
  ChatConversationItem,
  ChatCustomFieldItem,
  ChatFunnelStageItem,
  ChatLevelItem,
  ChatProcessItem,
  ChatReadItem,
  ChatRenameItem,
  ChatStatusItem,
  ChatTagItem,
  ChatUnreadItem,
} from './chat';
import type {
  MessageDestroyItem,
  MessageImportItem,
  MessageItem,
  MessageReactionItem,
  MessageStatusItem,
  MessageSystemItem,
} from './messages';
import type {
  ChatAccompliceItem,
  ChatAuditorItem,
  ChatParticipantAddItem,
  ChatParticipantDestroyItem,
  ChatProducerItem,
  ChatResponsibleItem,
  ChatResponsiblePinItem,
} from './people';
import type { QuickResponseItem, QuickResponseListItem } from './quick-replies';
import type { EmployeeStatusItem, EmployeeWorkdayItem } from './team';

/**
 * The item of every event, by the event's name: `ItemOf['message']` is the type of `msg.payload` where `msg.topic` is
 * `message`. It tells what ChatApp documents and what has been seen; further fields may come at any time.
 */
export interface ItemOf {
  message: MessageItem;
  messageSystem: MessageSystemItem;
  messageStatus: MessageStatusItem;
  messageDestroy: MessageDestroyItem;
  messageReaction: MessageReactionItem;
  chatTag: ChatTagItem;
  chatStatus: ChatStatusItem;
  chatResponsible: ChatResponsibleItem;
  chatResponsiblePin: ChatResponsiblePinItem;
  chatProducer: ChatProducerItem;
  chatAccomplice: ChatAccompliceItem;
  chatAuditor: ChatAuditorItem;
  chatLevel: ChatLevelItem;
  chatConversation: ChatConversationItem;
  chatRead: ChatReadItem;
  chatUnread: ChatUnreadItem;
  chatProcess: ChatProcessItem;
  chatParticipantAdd: ChatParticipantAddItem;
  chatParticipantDestroy: ChatParticipantDestroyItem;
  chatComment: ChatCommentItem;
  chatConsentSendMessage: ChatConsentSendMessageItem;
  chatArchive: ChatArchiveItem;
  chatCustomField: ChatCustomFieldItem;
  chatRename: ChatRenameItem;
  chatFunnelStage: ChatFunnelStageItem;
  employeeStatus: EmployeeStatusItem;
  employeeWorkday: EmployeeWorkdayItem;
  messageImport: MessageImportItem;
  quickResponseList: QuickResponseListItem;
  quickResponse: QuickResponseItem;
}

/** The item of any event. Does not compile where the catalogue and `ItemOf` differ by a single name. */
export type AnyItem = ItemOf[Within<EventName, keyof ItemOf> & Within<keyof ItemOf, EventName>];

type Within<Part extends Whole, Whole> = Part;

export type * from './chat';
export type * from './messages';
export type * from './people';
export type * from './quick-replies';
export type * from './shapes/chat';
export type * from './shapes/message';
export type * from './shapes/values';
export type * from './team';
