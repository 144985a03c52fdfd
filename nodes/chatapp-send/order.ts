import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { readOrder, SEND_ACTIONS, type ChatOrder, type OrderParts, type SendAnswer } from '../../src';
import { TEXT_SENDERS, type SendAction, type TextSender } from '../../src/api/send-actions';
import { ChatAppError } from '../../src/errors';
import { isRecord } from '../../src/events/json';
import { withValues } from '../shared/message';
import type { Settings } from '../shared/settings';
import { evaluate, type TypedValue } from '../shared/typed-value';

/** The fields that hold what is sent, by action. */
const FIELDS = {
  text: ['text'],
  file: ['file', 'fileName', 'caption'],
  template: ['file', 'fileName'],
  read: [],
} as const satisfies Record<SendAction, readonly string[]>;

type FieldName = (typeof FIELDS)[SendAction][number];

/** The saved properties of a send node that make an order, with a message. */
export interface SendSettings {
  readonly action: SendAction;
  /** Each empty one is taken from the message. */
  readonly licenseId: string | undefined;
  readonly messengerType: string | undefined;
  readonly chatId: string | undefined;
  /** Those of the action that are filled in; what the others would say is taken from the message. */
  readonly fields: readonly (readonly [FieldName, TypedValue])[];
  /** The id of the template; absent: `msg.payload` says it. */
  readonly template: string | undefined;
  readonly params: readonly TypedValue[];
  readonly markdown: boolean;
  readonly sender?: TextSender;
  readonly tracking?: string;
}

/** What the fields hold for one message. */
type Values = Readonly<Partial<Record<FieldName, unknown>>> & { readonly params: readonly unknown[] };

export function readSendSettings(settings: Settings): SendSettings {
  const sender =
    settings.text('sender') === undefined ? undefined : settings.choice('sender', TEXT_SENDERS, 'employee');
  const tracking = settings.text('tracking');
  const action = settings.choice('action', SEND_ACTIONS, 'text');
  const names: readonly FieldName[] = FIELDS[action];
  const isTemplate = action === 'template';
  return {
    action,
    licenseId: settings.id('licenseId'),
    messengerType: settings.messengerType('messengerType'),
    chatId: settings.text('chatId'),
    fields: names.flatMap((name) => {
      const value = settings.typed(name);
      return value ? [[name, value] as const] : [];
    }),
    template: isTemplate ? settings.text('template') : undefined,
    params: isTemplate ? settings.rows('params') : [],
    markdown: settings.flag('markdown', false),
    ...(sender !== undefined && { sender }),
    ...(tracking !== undefined && { tracking }),
  };
}

/**
 * What the node is to send for a message. Where to is said by the node, else by the message itself, else by the event
 * that it comes from. Rejects with ChatAppError `SEND_REFUSED`.
 */
export async function orderFor(
  RED: Pick<NodeAPI, 'util'>,
  node: Node,
  said: SendSettings,
  message: NodeMessage,
): Promise<ChatOrder> {
  const { action, licenseId, messengerType, chatId, markdown, sender, tracking } = said;
  const msg: Readonly<Record<string, unknown>> = { ...message };
  const origin = isRecord(msg.chatapp) ? msg.chatapp : {};
  const to = {
    licenseId: licenseId ?? given(msg.licenseId) ?? origin.licenseId,
    messengerType: messengerType ?? given(msg.messengerType) ?? origin.messengerType,
    chatId: chatId ?? given(msg.chatId) ?? origin.chatId,
  };
  const values = await valuesFor(RED, node, said, message);
  return readOrder({
    action,
    to,
    markdown,
    ...(sender !== undefined && { sender }),
    ...(tracking !== undefined && { tracking }),
    ...contentFor(said, values, msg),
    isEvent: typeof origin.event === 'string',
  });
}

async function valuesFor(
  RED: Pick<NodeAPI, 'util'>,
  node: Node,
  { fields, template, params }: SendSettings,
  message: NodeMessage,
): Promise<Values> {
  const values: Partial<Record<FieldName, unknown>> = {};
  const read = (name: string, field: TypedValue): Promise<unknown> =>
    evaluate(RED, node, field, message).catch(() => badField(name));
  for (const [name, field] of fields) values[name] = await read(name, field);
  const rows = template === undefined ? [] : params;
  return { ...values, params: await Promise.all(rows.map((param) => read('params', param))) };
}

/** The content as `msg.payload` would say it: by the fields, and by the payload as far as they are empty. */
function contentFor(
  { action, template, fields }: SendSettings,
  values: Values,
  { payload, filename }: Readonly<Record<string, unknown>>,
): Pick<OrderParts, 'payload' | 'fileName'> {
  const isFilled = (name: FieldName): boolean => fields.some(([field]) => field === name);
  if (action === 'text' && isFilled('text')) return { payload: { text: textIn('text', values.text) } };
  if (action !== 'file' && action !== 'template') return { payload, fileName: filename };

  const { file, fileName, caption } = values;
  const named = {
    ...(!isEmpty(fileName) && { fileName: textIn('fileName', fileName) }),
    ...(!isEmpty(caption) && { caption: textIn('caption', caption) }),
  };
  if (template !== undefined) {
    const params = values.params.map((param) => textIn('params', param));
    return { payload: { template: { id: template, params }, ...(!isEmpty(file) && { file }), ...named } };
  }
  if (isFilled('file')) {
    if (isEmpty(file)) return badField('file');
    // An address tells the name; that of a file which was read before belongs to its bytes.
    return { payload: { file, ...named }, ...(typeof file !== 'string' && { fileName: filename }) };
  }
  if (Object.keys(named).length === 0) return { payload, fileName: filename };
  const said = isRecord(payload) && !Buffer.isBuffer(payload) ? payload : { file: payload };
  return { payload: { ...said, ...named }, fileName: filename };
}

function textIn(field: string, value: unknown): string | number {
  return typeof value === 'string' || typeof value === 'number' ? value : badField(field);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function badField(field: string): never {
  throw ChatAppError.of('SEND_REFUSED', 'badField', { field });
}

/**
 * The message with what ChatApp has answered: the same one, or a copy if it cannot be changed. It never throws, since
 * what was sent must not be reported as failed.
 */
export function withAnswer(message: NodeMessage, { chat }: ChatOrder, answer: SendAnswer): NodeMessage {
  const { data, messageId, chatId = chat.chatId } = answer;
  const sent = { ...chat, chatId, ...(messageId !== undefined && { messageId }) };
  return withValues(message, { payload: data ?? null, chatapp: { ...originOf(message), ...sent } });
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
