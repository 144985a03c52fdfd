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
  ChatRef,
  ChatRenameItem,
  ChatStatusItem,
  ChatTagItem,
  ChatUnreadItem,
} from '../items';
import { CITY_FIELD, BUDGET_FIELD, DELIVERY_TAG, DANA, NOTE_FIELD, OWN_APP, VIP_TAG } from './sample-people';

const chat: ChatRef = { id: '77000000001@c.us' };
const signed = { chat, fromApp: OWN_APP, edited: DANA };

export const CHAT_TAG: readonly [ChatTagItem, ...ChatTagItem[]] = [
  { type: 'add', tag: VIP_TAG, chat },
  { type: 'destroy', tag: DELIVERY_TAG, chat },
];

export const CHAT_STATUS: readonly [ChatStatusItem, ...ChatStatusItem[]] = [
  { type: 'close', chat },
  { type: 'open', chat },
];

export const CHAT_LEVEL: readonly [ChatLevelItem, ...ChatLevelItem[]] = [
  { level: { id: 12 }, ...signed },
  { level: null, ...signed, fromApp: null },
];

export const CHAT_CONVERSATION: readonly [ChatConversationItem] = [
  {
    conversation: {
      id: 'b7e90c4fd2a84f6bb1d34c0a9e5f7702',
      type: 'BIC',
      startTime: 1760515291,
      endTime: 1760601691,
    },
    chat,
  },
];

export const CHAT_READ: readonly [ChatReadItem] = [{ chat }];

export const CHAT_UNREAD: readonly [ChatUnreadItem] = [{ chat }];

export const CHAT_PROCESS: readonly [ChatProcessItem, ...ChatProcessItem[]] = [
  { process: 'inWork', ...signed },
  { process: null, ...signed },
];

export const CHAT_COMMENT: readonly [ChatCommentItem, ...ChatCommentItem[]] = [
  { comment: 'Prefere falar de manhã ☀️', ...signed },
  { comment: null, ...signed },
];

export const CHAT_CONSENT_SEND_MESSAGE: readonly [ChatConsentSendMessageItem] = [
  { consentSendMessage: 'accepted', ...signed },
];

export const CHAT_ARCHIVE: readonly [ChatArchiveItem, ...ChatArchiveItem[]] = [
  { archive: true, chat },
  { archive: false, chat },
];

export const CHAT_CUSTOM_FIELD: readonly [ChatCustomFieldItem, ...ChatCustomFieldItem[]] = [
  { field: NOTE_FIELD, chat },
  { field: BUDGET_FIELD, chat },
  { field: CITY_FIELD, chat },
];

export const CHAT_RENAME: readonly [ChatRenameItem] = [{ name: 'Айгерим · цветы к пятнице', chat }];

export const CHAT_FUNNEL_STAGE: readonly [ChatFunnelStageItem] = [{ funnelStage: { id: 34 }, chat }];
