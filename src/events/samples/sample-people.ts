import type { Chat, ChatContact, CustomField, FromApp, Tag, UserRef } from '../items';

/** Who appears in the samples. All of them, their numbers and their shops are invented. */
export const DANA: UserRef = { id: 9041 };
export const BEATRIZ: UserRef = { id: 9057 };

/** The app through which the samples' own messages go out. */
export const OWN_APP: FromApp = { id: 'app_9041_3', tracking: null, sender: null };

export const VIP_TAG: Tag = {
  id: 71,
  name: 'Постоянный клиент',
  color: '#2a9d8f',
  sort: 10,
  category: { id: 4, name: 'Лояльность', sort: 10 },
};

export const DELIVERY_TAG: Tag = { id: 75, name: 'entrega', color: '#e9c46a', sort: 20, category: [] };

export const CITY_FIELD: CustomField = {
  id: 310,
  name: 'Город',
  type: 'select',
  sort: 10,
  options: [
    { id: 3101, value: 'Алматы', sort: 10 },
    { id: 3102, value: 'Астана', sort: 20 },
  ],
  value: 3101,
};

export const BUDGET_FIELD: CustomField = {
  id: 311,
  name: 'Orçamento',
  type: 'numeric',
  sort: 20,
  options: null,
  value: 149.9,
};

export const NOTE_FIELD: CustomField = {
  id: 312,
  name: 'Gift note',
  type: 'string',
  sort: 30,
  options: null,
  value: 'С днём рождения, Дана! 🎂',
};

/** A customer on WhatsApp, known for long. */
export const AIGERIM: Chat = {
  id: '77000000001@c.us',
  internalId: 880121,
  fullId: '5d1fb0c2a47e4f0c9e3370b6a8c41d92',
  hash: null,
  type: 'private',
  phone: '77000000001',
  username: null,
  email: null,
  name: 'Айгерим Садыкова',
  image: 'https://pictures.example/aigerim.jpg',
  lastTime: 1760515230,
  link: null,
  tags: [VIP_TAG, DELIVERY_TAG],
  responsible: DANA,
  producer: BEATRIZ,
  accomplices: [BEATRIZ],
  auditors: null,
  status: 'open',
  level: { id: 12 },
  funnelStage: { id: 33 },
  responsiblePin: true,
  process: 'inWork',
  timeLastInMessage: 1760515230,
  unreadMessages: 2,
  lastRead: 1760514000,
  advert: null,
  secondLink: null,
  subtype: null,
  inviteLink: null,
  lastMessage: { type: 'text', previewText: 'А доставка сегодня? 🌷', previewTextLang: null },
  comment: 'Звонить после 18:00',
  consentSendMessage: 'accepted',
  archive: false,
  customFields: [CITY_FIELD, BUDGET_FIELD],
};

/** A customer who writes for the first time: most of what ChatApp could know is still empty. */
export const JOAO: Chat = {
  id: '77000000002@c.us',
  internalId: '880134',
  hash: null,
  type: 'private',
  phone: null,
  username: null,
  email: null,
  name: 'João Ribeiro',
  image: null,
  lastTime: '1760520118',
  link: null,
  tags: [],
  responsible: null,
  producer: null,
  accomplices: null,
  auditors: null,
  status: 'open',
  level: null,
  funnelStage: null,
  responsiblePin: false,
  process: null,
  timeLastInMessage: 1760520118,
  unreadMessages: 1,
  lastRead: null,
  advert: null,
  secondLink: null,
  subtype: null,
  inviteLink: null,
  lastMessage: { type: 'image', previewText: null, previewTextLang: null },
  comment: null,
  consentSendMessage: null,
  archive: false,
  created: true,
  customFields: null,
};

/** As much of the chat with Aigerim as a status tells. */
export const AIGERIM_CONTACT: ChatContact = {
  id: '77000000001@c.us',
  hash: null,
  type: 'private',
  phone: '77000000001',
  username: null,
  email: null,
};
