import type { ChatOrder } from '../api/chat-order';
import { SEND_ACTIONS, type SendAction, type TextSender } from '../api/send-actions';
import { ChatAppError } from '../errors';
import { isRecord, type JsonRecord } from '../events/json';
import { withoutInvisible } from '../pasted-text';
import { readChatAddress, type WhereTo } from './chat-address';
import { nameOfUrl, readFile, readFileLink } from './sent-file';

export { SEND_ACTIONS };

/** Longer texts are cut or refused by the messengers behind ChatApp; in UTF-16 units, as they count. */
export const MAX_TEXT_LENGTH = 4_096;
/** Messengers that take longer ones. */
const WITHOUT_LIMIT: readonly string[] = ['email'];

export interface OrderParts {
  readonly action: SendAction;
  readonly to: WhereTo;
  /** For a text: it, or `{text}`. A file: `{file, fileName, caption}`, a URL or a Buffer. A template: `{template}`. */
  readonly payload: unknown;
  /** The message is that of a listener: its payload is an event, unless a flow has put something else there. */
  readonly isEvent?: boolean;
  /** The name of a file whose payload does not say it. */
  readonly fileName?: unknown;
  /** For a text only. */
  readonly markdown?: boolean;
  /** For all that is sent. */
  readonly sender?: TextSender;
  /** For texts and templates; what the payload says counts where this is absent. */
  readonly tracking?: string;
}

/**
 * Makes an order of what a flow hands over, whatever that is.
 * @throws ChatAppError `SEND_REFUSED`, with what to do about it
 */
export function readOrder(parts: OrderParts): ChatOrder {
  const chat = readChatAddress(parts.to);
  switch (parts.action) {
    case 'text':
      return { chat, ...textOrder(parts, chat.messengerType) };
    case 'file':
      return { chat, ...fileOrder(parts) };
    case 'template':
      return { chat, ...templateOrder(parts) };
    case 'read':
      return { chat, action: 'read' };
  }
}

function textOrder(parts: OrderParts, messengerType: string): Omit<ChatOrder & { action: 'text' }, 'chat'> {
  const { payload, markdown = false } = parts;
  const text = textOf(isRecord(payload) ? payload.text : payload) ?? refuse(...nothingFor(parts, 'noText'));
  if (withoutInvisible(text) === '') return refuse('empty');
  if (text.length > MAX_TEXT_LENGTH && !WITHOUT_LIMIT.includes(messengerType)) {
    return refuse('tooLong', { length: text.length, most: MAX_TEXT_LENGTH });
  }
  return { action: 'text', text, markdown, ...trackingOf(parts), ...senderOf(parts) };
}

function fileOrder(parts: OrderParts): Omit<ChatOrder & { action: 'file' }, 'chat'> {
  const { payload, fileName } = parts;
  const said: JsonRecord = isRecord(payload) && !Buffer.isBuffer(payload) ? payload : { file: payload };
  if (!isGiven(said.file) && (parts.isEvent || !isGiven(payload))) refuse('noFile');
  const file = readFile(said.file, textOf(said.fileName) ?? textOf(fileName));
  const caption = textOf(said.caption) ?? '';
  return { action: 'file', file, ...(withoutInvisible(caption) !== '' && { caption }), ...senderOf(parts) };
}

function templateOrder(parts: OrderParts): Omit<ChatOrder & { action: 'template' }, 'chat'> {
  const { payload } = parts;
  if (!isRecord(payload) || !isRecord(payload.template)) return refuse(...nothingFor(parts, 'noTemplate'));
  const { template, file, fileName, companyId } = payload;
  const id = withoutInvisible(textOf(template.id) ?? '');
  const params = template.params ?? [];
  if (id === '' || !Array.isArray(params)) return refuse('badTemplate');
  const texts = params.map((param: unknown) => textOf(param) ?? refuse('badTemplate'));
  const company = withoutInvisible(textOf(companyId) ?? '');
  return {
    action: 'template',
    id,
    params: texts,
    ...(isGiven(file) && { file: readFileLink(file, textOf(fileName) ?? nameOfUrl(file)) }),
    ...trackingOf(parts),
    ...senderOf(parts),
    ...(company !== '' && { companyId: company }),
  };
}

/** Why there is nothing to send: nobody said anything, or what they said is something else. */
function nothingFor({ action, payload, isEvent = false }: OrderParts, reason: 'noText' | 'noTemplate'): Refusal {
  return isEvent || payload === undefined || payload === null ? [reason] : ['badPayload', { action }];
}

function senderOf({ sender }: OrderParts): { readonly sender?: TextSender } {
  return sender === undefined ? {} : { sender };
}

function trackingOf({ tracking, payload }: OrderParts): { readonly tracking?: string } {
  const text = textOf(tracking ?? (isRecord(payload) ? payload.tracking : undefined)) ?? '';
  return text === '' ? {} : { tracking: text };
}

/** A text, or a number as one; `undefined` for anything else. Half a surrogate pair, as cutting a text leaves it, is replaced. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toWellFormed();
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function refuse(...[reason, params]: Refusal): never {
  throw ChatAppError.of('SEND_REFUSED', reason, params);
}

type Refusal =
  | ['empty' | 'badTemplate' | 'noText' | 'noFile' | 'noTemplate', undefined?]
  | ['badPayload', { readonly action: SendAction }]
  | ['tooLong', { readonly length: number; readonly most: number }];
