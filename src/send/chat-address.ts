import type { ChatAddress } from '../api/chat-order';
import { ChatAppError } from '../errors';
import { isId, isMessengerType } from '../events';

/** Where to send to, as a flow says it: texts or numbers, or nothing. */
export interface WhereTo {
  readonly licenseId: unknown;
  readonly messengerType: unknown;
  readonly chatId: unknown;
}

/** Longer ones are no chat's id. */
const LONGEST_ID = 256;

/** @throws ChatAppError `SEND_REFUSED` where something is missing, or cannot be */
export function readChatAddress({ licenseId, messengerType, chatId }: WhereTo): ChatAddress {
  const line = textOf(licenseId);
  const messenger = textOf(messengerType);
  const chat = textOf(chatId);
  if (line === '' || messenger === '') throw ChatAppError.of('SEND_REFUSED', 'noLine');
  if (!isId(line)) throw ChatAppError.of('SEND_REFUSED', 'badLine', { field: 'licenseId' });
  if (!isMessengerType(messenger)) throw ChatAppError.of('SEND_REFUSED', 'badLine', { field: 'messengerType' });
  if (chat === '') throw ChatAppError.of('SEND_REFUSED', 'noChat');
  const id = phoneIn(chat) ?? chat;
  if (!isChatId(id)) throw ChatAppError.of('SEND_REFUSED', 'badChat');
  return { licenseId: line, messengerType: messenger, chatId: id };
}

/** The digits of a phone that is written for people, as `+7 (700) 111-22-33`; `undefined` for what is none. */
function phoneIn(text: string): string | undefined {
  if (!/^\+?\(?\d[\d\s().-]*$/.test(text)) return undefined;
  const digits = text.replace(/\D/g, '');
  return digits.length >= 7 && digits.length <= 15 ? digits : undefined;
}

/** The dots would lead to another place of the API. */
function isChatId(text: string): boolean {
  return text.length <= LONGEST_ID && /^[^\s\p{Cc}]+$/u.test(text) && text !== '.' && text !== '..';
}

/** Empty for nothing, and for what is neither text nor number. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return Number.isSafeInteger(value) ? String(value) : '';
}
