import { randomBytes, randomUUID } from 'node:crypto';
import type { MessageItem, MessageToMake } from '../contract';
import { isRecord } from '../json';
import { chatIdOf, CUSTOMERS, customerOf } from './customers';

const BLANK_BODY = { text: '', textLang: null, caption: '', file: null, location: null, template: null, html: '' };

/** In ms since the epoch. */
const EPOCH = 1_700_000_000_000;

/** Makes full message items, with ids that look as those of the messenger do. */
export class MessageMaker {
  readonly #now: () => number;
  readonly #inChat = new Map<string, number>();
  /** Numbers begin with the time, so that a simulator which is started again gives no id twice. */
  readonly #firstNumber: number;
  #made = 40_000;

  /** `now` in ms since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
    this.#firstNumber = Math.max(0, now() - EPOCH);
  }

  make(message: MessageToMake): MessageItem {
    const { licenseId, messengerType, chat: wanted, text = '', side = 'in', message: body, ...fields } = message;
    const time = typeof fields.time === 'number' ? fields.time : Math.floor(this.#now() / 1000);
    const type = typeof fields.type === 'string' ? fields.type : 'text';
    const chat = this.#chat(wanted, messengerType, time);
    this.#made += 1;
    return {
      id: this.#id(`${licenseId} ${messengerType} ${chat.id}`, messengerType, type),
      internalId: this.#made,
      groupId: null,
      fromApi: false,
      fromMe: side === 'out',
      side,
      time,
      type,
      subtype: null,
      message: { ...BLANK_BODY, text, ...(isRecord(body) ? body : {}) },
      quotedMessage: null,
      fromUser:
        side === 'in'
          ? { id: chat.id, username: chat.username, name: chat.name, phone: chat.phone, email: null }
          : null,
      chat,
      fromApp: null,
      utm: null,
      created: null,
      forwarded: false,
      edited: false,
      ...fields,
    };
  }

  #id(chatKey: string, messengerType: string, type: string): string {
    if (type === 'system') return randomUUID();
    if (messengerType === 'grWhatsApp') return `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
    if (/whatsapp$/i.test(messengerType)) return `wamid.${randomBytes(39).toString('base64')}`;
    const number = (this.#inChat.get(chatKey) ?? this.#firstNumber) + 1;
    this.#inChat.set(chatKey, number);
    return String(number);
  }

  #chat(wanted: MessageToMake['chat'], messengerType: string, time: number): MessageItem['chat'] {
    const given = typeof wanted === 'object' ? wanted : { id: wanted ?? chatIdOf(CUSTOMERS[0], messengerType) };
    const customer = customerOf(String(given.id), messengerType);
    const phone = customer?.phone ?? /^\+?(\d{7,15})(?:@c\.us)?$/.exec(String(given.id))?.[1] ?? null;
    return {
      internalId: this.#made,
      hash: null,
      type: 'private',
      phone,
      username: customer?.username ?? null,
      email: null,
      name: customer?.name ?? String(given.id),
      image: null,
      link: null,
      tags: [],
      responsible: null,
      status: 'open',
      unreadMessages: 0,
      comment: null,
      archive: false,
      customFields: null,
      ...given,
      lastTime: time,
    };
  }
}
