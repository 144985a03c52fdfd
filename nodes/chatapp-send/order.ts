import type { NodeMessage } from 'node-red';
import { readOrder, SEND_ACTIONS, type ChatOrder, type SendAnswer } from '../../src';
import { isRecord } from '../../src/events/json';
import type { Settings } from '../shared/settings';

/** The saved properties of a send node that make an order, with a message. */
export interface SendSettings {
  readonly action: (typeof SEND_ACTIONS)[number];
  /** Each empty one is taken from the message. */
  readonly licenseId: string | undefined;
  readonly messengerType: string | undefined;
  readonly chatId: string | undefined;
  readonly markdown: boolean;
  readonly sender?: 'employee' | 'system';
  readonly tracking?: string;
}

const SENDERS = ['employee', 'system'] as const;

export function readSendSettings(settings: Settings): SendSettings {
  const sender = settings.text('sender') === undefined ? undefined : settings.choice('sender', SENDERS, 'employee');
  const tracking = settings.text('tracking');
  return {
    action: settings.choice('action', SEND_ACTIONS, 'text'),
    licenseId: settings.id('licenseId'),
    messengerType: settings.messengerType('messengerType'),
    chatId: settings.text('chatId'),
    markdown: settings.flag('markdown', false),
    ...(sender !== undefined && { sender }),
    ...(tracking !== undefined && { tracking }),
  };
}

/**
 * What the node is to send for a message. Where to is said by the node, else by the message itself, else by the event
 * that it comes from. Throws ChatAppError `SEND_REFUSED`.
 */
export function orderFor({ licenseId, messengerType, chatId, ...said }: SendSettings, message: NodeMessage): ChatOrder {
  const msg: Readonly<Record<string, unknown>> = { ...message };
  const origin = isRecord(msg.chatapp) ? msg.chatapp : {};
  const to = {
    licenseId: licenseId ?? given(msg.licenseId) ?? origin.licenseId,
    messengerType: messengerType ?? given(msg.messengerType) ?? origin.messengerType,
    chatId: chatId ?? given(msg.chatId) ?? origin.chatId,
  };
  return readOrder({ ...said, to, payload: msg.payload, fileName: msg.filename });
}

/**
 * The message with what ChatApp has answered: the same one, or a copy if it cannot be changed. It never throws, since
 * what was sent must not be reported as failed.
 */
export function withAnswer(message: NodeMessage, { chat }: ChatOrder, answer: SendAnswer): NodeMessage {
  const { data, messageId, chatId = chat.chatId } = answer;
  const sent = { ...chat, chatId, ...(messageId !== undefined && { messageId }) };
  const values = { payload: data ?? null, chatapp: { ...originOf(message), ...sent } };
  // Not by assignment: a property may have a getter only, and the message may be frozen.
  const isChanged = Object.entries(values).every(([name, value]) =>
    Reflect.defineProperty(message, name, { value, writable: true, enumerable: true, configurable: true }),
  );
  if (isChanged) return message;
  const copy: NodeMessage = {};
  return Object.defineProperties(copy, {
    ...Object.getOwnPropertyDescriptors(message),
    ...Object.getOwnPropertyDescriptors(values),
  });
}

function originOf(message: NodeMessage): object {
  try {
    const origin: unknown = Reflect.get(message, 'chatapp');
    return isRecord(origin) ? { ...origin } : {};
  } catch {
    return {};
  }
}

/** An empty one is none: another may be given elsewhere. */
function given(value: unknown): unknown {
  return value === '' ? undefined : (value ?? undefined);
}
