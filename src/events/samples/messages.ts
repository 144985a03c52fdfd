import type {
  MessageBody,
  MessageDestroyItem,
  MessageImportItem,
  MessageItem,
  MessageReactionItem,
  MessageStatusItem,
  MessageSystemItem,
} from '../items';
import { AIGERIM, AIGERIM_CONTACT, JOAO, DANA, OWN_APP } from './sample-people';

const EMPTY_BODY: MessageBody = {
  text: '',
  textLang: null,
  caption: '',
  file: null,
  location: null,
  template: null,
  html: '',
};

const QUESTION: MessageItem = {
  id: '3A5F09C1B77E2D40',
  internalId: 5520871,
  groupId: null,
  fromApi: false,
  fromMe: false,
  side: 'in',
  time: 1760515230,
  type: 'text',
  subtype: null,
  message: { ...EMPTY_BODY, text: 'Здравствуйте! А доставка сегодня? 🌷' },
  quotedMessage: null,
  fromUser: null,
  chat: AIGERIM,
  fromApp: null,
  utm: null,
  created: null,
  forwarded: false,
  edited: false,
};

const ANSWER: MessageItem = {
  ...QUESTION,
  id: '3EB0D4471C6A90F2',
  internalId: '5520874',
  fromApi: true,
  fromMe: true,
  side: 'out',
  time: 1760515291,
  message: { ...EMPTY_BODY, text: 'Да, курьер приедет до 20:00 🚚' },
  quotedMessage: {
    id: '3A5F09C1B77E2D40',
    internalId: '5520871',
    time: 1760515230,
    type: 'text',
    subtype: null,
    message: { ...EMPTY_BODY, text: 'Здравствуйте! А доставка сегодня? 🌷' },
  },
  fromApp: { ...OWN_APP, tracking: 'order-1187', sender: 'employee' },
  created: DANA,
};

const PICTURE: MessageItem = {
  ...QUESTION,
  id: '3A88E0415D92C7BB',
  internalId: 5520960,
  time: '1760520118',
  type: 'image',
  message: {
    ...EMPTY_BODY,
    caption: 'Olá! Vocês têm este arranjo de orquídeas? 😍',
    file: { link: 'https://files.example/orquideas.jpg', name: 'orquideas.jpg', contentType: 'image/jpeg' },
  },
  chat: JOAO,
  forwarded: true,
};

const IN_GROUP: MessageItem = {
  ...QUESTION,
  id: '3A10B6F3C05D7E14',
  internalId: 5521002,
  time: 1760522400,
  message: { ...EMPTY_BODY, text: 'The roses are at the back door.' },
  fromUser: {
    id: '77000000003@c.us',
    username: 'timur_flowers',
    name: 'Timur, supplier',
    phone: '77000000003',
    email: null,
  },
  chat: { ...JOAO, id: '77000000009-1700000000@g.us', internalId: 880150, type: 'group', name: 'Suppliers' },
};

/** A question, its answer, a new customer's picture, the question after an edit, and a message in a group. */
export const MESSAGE: readonly [MessageItem, ...MessageItem[]] = [
  QUESTION,
  ANSWER,
  PICTURE,
  { ...QUESTION, message: { ...EMPTY_BODY, text: 'Здравствуйте! А доставка завтра? 🌷' }, edited: true },
  IN_GROUP,
];

const ASSIGNED = {
  en: 'Dana Omarova [9041] now answers for this chat',
  ru: 'За этот чат теперь отвечает Dana Omarova [9041]',
  pt: 'Dana Omarova [9041] agora responde por esta conversa',
};

export const MESSAGE_SYSTEM: readonly [MessageSystemItem] = [
  {
    ...QUESTION,
    id: '6f2c1f0e-8a54-4c1b-9f55-2f6f0b7f3d11',
    internalId: 5520872,
    fromApi: true,
    fromMe: true,
    side: 'out',
    time: 1760515233,
    type: 'system',
    message: { ...EMPTY_BODY, text: ASSIGNED.en, textLang: ASSIGNED },
    fromUser: { id: null, username: null, name: 'Loja das Flores', phone: null, email: null },
    chat: {
      ...AIGERIM,
      lastMessage: { type: 'system', previewText: ASSIGNED.en, previewTextLang: ASSIGNED },
    },
    fromApp: OWN_APP,
    created: DANA,
  },
];

const DELIVERED: MessageStatusItem = {
  id: '3EB0D4471C6A90F2',
  type: 'delivered',
  time: 1760515294,
  chat: AIGERIM_CONTACT,
  fromApp: { ...OWN_APP, tracking: 'order-1187', sender: 'employee' },
};

/** What becomes of a message; a failure tells its reason. */
export const MESSAGE_STATUS: readonly [MessageStatusItem, ...MessageStatusItem[]] = [
  DELIVERED,
  { ...DELIVERED, type: 'sent', time: 1760515292 },
  { ...DELIVERED, type: 'viewed', time: '1760515340', fromApp: null },
  {
    ...DELIVERED,
    id: '3EB0D4471C6A90F9',
    type: 'failed',
    time: 1760515400,
    error: {
      code: 470011,
      message: 'This number is not on the messenger.',
      messageLang: {
        en: 'This number is not on the messenger.',
        ru: 'Этого номера нет в мессенджере.',
        pt: 'Este número não está no mensageiro.',
      },
    },
  },
];

export const MESSAGE_DESTROY: readonly [MessageDestroyItem] = [
  { id: '3A5F09C1B77E2D40', time: 1760515500, chat: { id: AIGERIM.id } },
];

const LIKED: MessageReactionItem = {
  id: '3EB0D4471C6A90F2',
  reaction: '❤️',
  time: '1760515350',
  chat: { id: AIGERIM.id },
  fromUser: { id: '77000000001@c.us', name: 'Айгерим Садыкова' },
  action: 'react',
};

export const MESSAGE_REACTION: readonly [MessageReactionItem, ...MessageReactionItem[]] = [
  LIKED,
  { ...LIKED, reaction: '', time: 1760515360, fromUser: null, action: 'unreact' },
];

export const MESSAGE_IMPORT: readonly [MessageImportItem] = [
  {
    id: 614,
    timeFrom: 1757900000,
    timeTo: null,
    time: 1760600000,
    status: 'failed',
    error: {
      code: 'messagesNotFound',
      messageLang: {
        en: 'The messenger has no older messages',
        ru: 'В мессенджере нет более старых сообщений',
        pt: 'O mensageiro não tem mensagens mais antigas',
      },
    },
    created: DANA,
    licenseId: 50718,
    messengerType: 'telegram',
    chat: { id: 'private-300000001h-4400000000000000001', name: 'Дана Омарова' },
    messagesNextPage: '1757900000,5519001',
  },
];
