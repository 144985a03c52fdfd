import type { ChatAddress } from '../api/chat-order';
import { ChatAppError } from '../errors';
import { isId, isMessengerType } from '../events';
import { compact, isChatId, phoneIn, withoutInvisible } from '../pasted-text';

/** Where to send to, as a flow says it: texts or numbers, or nothing. */
export interface WhereTo {
  readonly licenseId: unknown;
  readonly messengerType: unknown;
  readonly chatId: unknown;
}

/** @throws ChatAppError `SEND_REFUSED` if something is missing or not usable */
export function readChatAddress({ licenseId, messengerType, chatId }: WhereTo): ChatAddress {
  if (isChatList(chatId)) throw ChatAppError.of('SEND_REFUSED', 'chatList');
  const line = compact(idText(licenseId));
  const messenger = withoutInvisible(idText(messengerType));
  const chat = withoutInvisible(idText(chatId));
  const hasPlace = line !== '' && messenger !== '';
  if (isUnusable(chatId)) throw ChatAppError.of('SEND_REFUSED', 'badChat');
  if (chat === '') throw ChatAppError.of('SEND_REFUSED', hasPlace ? 'noChat' : 'noAddress');
  if (!hasPlace) throw ChatAppError.of('SEND_REFUSED', 'noLine');
  if (!isId(line)) throw ChatAppError.of('SEND_REFUSED', 'badLine', { field: 'licenseId' });
  if (!isMessengerType(messenger)) throw ChatAppError.of('SEND_REFUSED', 'badLine', { field: 'messengerType' });
  const id = phoneIn(chat) ?? chat;
  if (!isChatId(id)) throw ChatAppError.of('SEND_REFUSED', 'badChat');
  return { licenseId: line, messengerType: messenger, chatId: id };
}

/** An array, or several phones in one text. */
export function isChatList(chatId: unknown): boolean {
  if (typeof chatId !== 'string') return Array.isArray(chatId);
  const parts = chatId.split(/[,;\r\n]+/).filter((part) => withoutInvisible(part) !== '');
  return parts.length > 1 && parts.every((part) => phoneIn(part) !== undefined);
}

/** Something is given that is neither a text nor a whole number, such as an object. */
function isUnusable(value: unknown): boolean {
  return value !== undefined && value !== null && typeof value !== 'string' && !Number.isSafeInteger(value);
}

/** Empty for nothing, and for what is neither text nor number. */
function idText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : '';
}
