import type { EventName } from '../catalogue';
import type { ItemOf } from '../items';
import * as chat from './chat';
import * as messages from './messages';
import * as people from './people';
import * as quickReplies from './quick-replies';
import * as team from './team';

/**
 * Believable items of every event, the most usual first. For trying out a flow, for docs and for tests. They are
 * shared: copy one before you change it, or take it out of `sampleEnvelope`.
 */
export const SAMPLES: { readonly [Name in EventName]: readonly [ItemOf[Name], ...ItemOf[Name][]] } = {
  message: messages.MESSAGE,
  messageSystem: messages.MESSAGE_SYSTEM,
  messageStatus: messages.MESSAGE_STATUS,
  messageDestroy: messages.MESSAGE_DESTROY,
  messageReaction: messages.MESSAGE_REACTION,
  chatTag: chat.CHAT_TAG,
  chatStatus: chat.CHAT_STATUS,
  chatResponsible: people.CHAT_RESPONSIBLE,
  chatResponsiblePin: people.CHAT_RESPONSIBLE_PIN,
  chatProducer: people.CHAT_PRODUCER,
  chatAccomplice: people.CHAT_ACCOMPLICE,
  chatAuditor: people.CHAT_AUDITOR,
  chatLevel: chat.CHAT_LEVEL,
  chatConversation: chat.CHAT_CONVERSATION,
  chatRead: chat.CHAT_READ,
  chatUnread: chat.CHAT_UNREAD,
  chatProcess: chat.CHAT_PROCESS,
  chatParticipantAdd: people.CHAT_PARTICIPANT_ADD,
  chatParticipantDestroy: people.CHAT_PARTICIPANT_DESTROY,
  chatComment: chat.CHAT_COMMENT,
  chatConsentSendMessage: chat.CHAT_CONSENT_SEND_MESSAGE,
  chatArchive: chat.CHAT_ARCHIVE,
  chatCustomField: chat.CHAT_CUSTOM_FIELD,
  chatRename: chat.CHAT_RENAME,
  chatFunnelStage: chat.CHAT_FUNNEL_STAGE,
  employeeStatus: team.EMPLOYEE_STATUS,
  employeeWorkday: team.EMPLOYEE_WORKDAY,
  messageImport: messages.MESSAGE_IMPORT,
  quickResponseList: quickReplies.QUICK_RESPONSE_LIST,
  quickResponse: quickReplies.QUICK_RESPONSE,
};
