import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { ApiCall } from '../../src';
import {
  HTTP_METHODS,
  isApiPath,
  placesIn,
  PRESET_NAMES,
  presetOf,
  type HttpMethod,
  type ListKind,
  type MethodField,
} from '../../src/api/methods';
import { ChatAppError } from '../../src/errors';
import { isRecord } from '../../src/events/json';
import { phoneIn, withoutInvisible } from '../../src/pasted-text';
import { isChatList } from '../../src/send/chat-address';
import type { Settings } from '../shared/settings';
import { BODY_TYPES } from '../shared/field-values';
import { evaluate, type TypedValue } from '../shared/typed-value';

export const PAGES = ['off', 'all', 'each'] as const;
export const FORMATS = ['raw', 'conversation'] as const;

const IDS = ['licenseId', 'messengerType', 'chatId'] as const;

/** The saved properties of an API node. */
export interface ApiSettings {
  readonly method: HttpMethod;
  /** With places such as `{chatId}`. */
  readonly path: string;
  /** The fields of a preset; none for a method that is chosen by its path. */
  readonly fields: readonly MethodField[];
  readonly list: ListKind;
  /** Each that is empty is taken from the message. */
  readonly ids: Readonly<Record<(typeof IDS)[number], string | undefined>>;
  readonly rows: readonly (TypedValue & { readonly name: string })[];
  readonly body: TypedValue | undefined;
  readonly pages: (typeof PAGES)[number];
  readonly format: (typeof FORMATS)[number];
}

export function readApiSettings(settings: Settings): ApiSettings {
  const name = settings.choice('preset', ['path', ...PRESET_NAMES], 'path');
  const preset = presetOf(name);
  const path = preset?.path ?? settings.requiredText('path', 'apiPath');
  // What stands in a place is checked once it is known.
  if (path !== '' && !isApiPath(path)) settings.refuse('path', 'apiPath');
  const method = preset?.method ?? settings.choice('method', HTTP_METHODS, 'GET');
  const isGet = method === 'GET';
  const pages = settings.choice('pages', PAGES, 'off');
  const format = settings.choice('format', FORMATS, 'raw');
  return {
    method,
    path,
    fields: preset?.fields ?? [],
    list: preset?.list ?? 'cursor',
    ids: {
      licenseId: settings.id('licenseId'),
      messengerType: settings.messengerType('messengerType'),
      chatId: settings.text('chatId'),
    },
    rows: settings.rows('query'),
    body: preset || isGet ? undefined : settings.typed('body', BODY_TYPES),
    pages: isGet && (preset === undefined || preset.list !== undefined) ? pages : 'off',
    format: preset?.list === 'messages' || preset === undefined ? format : 'raw',
  };
}

/**
 * What the node is to ask for a message. Rows whose name is a place of the path fill it, the others are the query.
 * Rejects with ChatAppError `API_FAILED`, reasons `noValue` and `badValue`, and `SEND_REFUSED`, reason `chatList`.
 */
export async function callFor(
  RED: Pick<NodeAPI, 'util'>,
  node: Node,
  said: ApiSettings,
  message: NodeMessage,
): Promise<ApiCall> {
  const { method, fields } = said;
  const values = await rowsFor(RED, node, said, message);
  const msg: Readonly<Record<string, unknown>> = { ...message };
  const origin = isRecord(msg.chatapp) ? msg.chatapp : {};
  const places = placesIn(said.path);
  const valueAt = (name: string): string => {
    const own = IDS.find((id) => id === name);
    const value = [own && said.ids[own], values.get(name), msg[name], origin[name]].find(
      (one) => valueText(one) !== '',
    );
    const text = valueText(value);
    if (text === '') throw ChatAppError.of('API_FAILED', 'noValue', { field: name });
    if (name === 'chatId' && isChatList(value)) throw ChatAppError.of('SEND_REFUSED', 'chatList');
    if (Array.isArray(value)) return badValue(name);
    const isPhone = name === 'phone' || name === 'chatId';
    return (isPhone ? phoneIn(text) : undefined) ?? text;
  };
  const path = said.path.replace(/\{(\w+)\}/g, (_place, name: string) => {
    const value = encodeURIComponent(valueAt(name).toWellFormed());
    // A value must be one part of the path, whatever it holds.
    if (!isApiPath(`/v1/x/${value}`)) throw ChatAppError.of('API_FAILED', 'badValue', { field: name });
    return value;
  });
  if (!isApiPath(path)) throw ChatAppError.of('API_FAILED', 'badValue', { field: 'path' });

  const inBody = fields.filter(({ isBody }) => isBody);
  const isElsewhere = (name: string): boolean => places.includes(name) || inBody.some((field) => field.name === name);
  const query = [...values].flatMap(([name, value]) => {
    const text = valueText(value);
    return isElsewhere(name) || text === '' ? [] : [[name, text] as const];
  });
  const json = inBody.length > 0 ? groupOf(values) : await bodyFor(RED, node, said, message);
  return { method, path, query: Object.fromEntries(query), ...(json !== undefined && { json }) };
}

async function rowsFor(
  RED: Pick<NodeAPI, 'util'>,
  node: Node,
  { rows }: ApiSettings,
  message: NodeMessage,
): Promise<ReadonlyMap<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const { name, ...field } of rows) {
    if (name === '') continue;
    values.set(name, await evaluate(RED, node, field, message).catch(() => badValue(name)));
  }
  return values;
}

async function bodyFor(
  RED: Pick<NodeAPI, 'util'>,
  node: Node,
  { body }: ApiSettings,
  message: NodeMessage,
): Promise<unknown> {
  if (!body) return undefined;
  const value = await evaluate(RED, node, body, message).catch(() => badValue('body'));
  if (value === undefined || typeof value === 'function') return badValue('body');
  try {
    // A circular object, for instance, cannot be sent.
    JSON.stringify(value);
    return value;
  } catch {
    return badValue('body');
  }
}

/** The body that makes a group chat. */
function groupOf(values: ReadonlyMap<string, unknown>): object {
  const name = valueText(values.get('name'));
  if (name === '') throw ChatAppError.of('API_FAILED', 'noValue', { field: 'name' });
  const given = values.get('phones');
  const list: readonly unknown[] = Array.isArray(given) ? given : valueText(given).split(/[,;\n]+/);
  const phones = list.map(valueText).filter((text) => text !== '');
  if (phones.length === 0) throw ChatAppError.of('API_FAILED', 'noValue', { field: 'phones' });
  const participantsItems = phones.map((phone) => ({ value: phoneIn(phone) ?? badValue('phones') }));
  return { type: 'group', name, participantsType: 'phone', participantsItems };
}

/** A value as it stands in a path or a query; a list with commas between; empty for anything else. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return withoutInvisible(value);
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  return Array.isArray(value) ? value.map(valueText).filter(Boolean).join(',') : '';
}

function badValue(field: string): never {
  throw ChatAppError.of('API_FAILED', 'badValue', { field });
}
