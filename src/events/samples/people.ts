import type {
  ChatAccompliceItem,
  ChatAuditorItem,
  ChatParticipantAddItem,
  ChatParticipantDestroyItem,
  ChatProducerItem,
  ChatRef,
  ChatResponsibleItem,
  ChatResponsiblePinItem,
} from '../items';
import { BEATRIZ, DANA, OWN_APP } from './sample-people';

const chat: ChatRef = { id: '77000000001@c.us' };
const signed = { chat, fromApp: OWN_APP, edited: DANA };
const group: ChatRef = { id: -1009000000417 };

export const CHAT_RESPONSIBLE: readonly [ChatResponsibleItem, ...ChatResponsibleItem[]] = [
  { responsible: BEATRIZ, ...signed },
  { responsible: null, ...signed, fromApp: null },
];

export const CHAT_RESPONSIBLE_PIN: readonly [ChatResponsiblePinItem, ...ChatResponsiblePinItem[]] = [
  { type: 'pin', chat },
  { type: 'unpin', chat },
];

export const CHAT_PRODUCER: readonly [ChatProducerItem] = [{ producer: BEATRIZ, ...signed }];

export const CHAT_ACCOMPLICE: readonly [ChatAccompliceItem, ...ChatAccompliceItem[]] = [
  { type: 'add', accomplice: BEATRIZ, ...signed },
  { type: 'destroy', accomplice: BEATRIZ, ...signed },
];

export const CHAT_AUDITOR: readonly [ChatAuditorItem, ...ChatAuditorItem[]] = [
  { type: 'add', auditor: BEATRIZ, ...signed },
  { type: 'destroy', auditor: BEATRIZ, ...signed },
];

export const CHAT_PARTICIPANT_ADD: readonly [ChatParticipantAddItem] = [
  {
    chat: group,
    participants: [
      { id: 300000011, username: 'bia_florista', name: 'Beatriz Andrade', phone: null },
      { id: 300000012, username: null, name: 'Ержан 🚚', phone: '77000000004' },
    ],
  },
];

export const CHAT_PARTICIPANT_DESTROY: readonly [ChatParticipantDestroyItem] = [
  { chat: group, participants: [{ id: 300000012, username: null, name: 'Ержан 🚚', phone: '77000000004' }] },
];
