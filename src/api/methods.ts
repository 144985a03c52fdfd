/**
 * The methods of ChatApp that a dialog offers: those that are proven. Every other one is reached by its path. Stands alone,
 * since the editor needs it too.
 */
export const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export type HttpMethod = (typeof HTTP_METHODS)[number];

/** How a list is read to its end: by its cursor, or by time as well, as proven for chats and messages. */
export type ListKind = 'cursor' | 'chats' | 'messages';

/** Something that a method needs or takes, besides line, messenger and chat. What stands in no place of the path is a query. */
export interface MethodField {
  readonly name: string;
  readonly isRequired?: boolean;
  /** It is part of the body. */
  readonly isBody?: boolean;
}

export interface MethodPreset {
  readonly method: HttpMethod;
  /** With places such as `{chatId}`. */
  readonly path: string;
  readonly fields: readonly MethodField[];
  /** Present if the answer is a list. */
  readonly list?: ListKind;
}

const LINE = '/v1/licenses/{licenseId}/messengers/{messengerType}';
const CHAT = `${LINE}/chats/{chatId}`;
const COMPANY = { name: 'companyId', isRequired: true } as const;
const LIMIT = { name: 'limit' } as const;

export const METHOD_PRESETS = {
  messages: { method: 'GET', path: `${CHAT}/messages`, fields: [LIMIT], list: 'messages' },
  chat: { method: 'GET', path: CHAT, fields: [] },
  chats: { method: 'GET', path: `${LINE}/chats`, fields: [LIMIT], list: 'chats' },
  allChats: { method: 'GET', path: '/v1/chats', fields: [{ name: 'companyId' }, LIMIT], list: 'cursor' },
  templates: { method: 'GET', path: `${LINE}/templates`, fields: [LIMIT], list: 'cursor' },
  phoneCheck: { method: 'GET', path: `${LINE}/phones/{phone}/check`, fields: [{ name: 'phone', isRequired: true }] },
  userCheck: {
    method: 'GET',
    path: `${LINE}/users/{username}/check`,
    fields: [{ name: 'username', isRequired: true }],
  },
  createGroup: {
    method: 'POST',
    path: `${LINE}/chats`,
    fields: [
      { name: 'name', isRequired: true, isBody: true },
      { name: 'phones', isRequired: true, isBody: true },
    ],
  },
  tags: { method: 'GET', path: '/v1/chatTags', fields: [], list: 'cursor' },
  companies: { method: 'GET', path: '/v1/companies', fields: [LIMIT], list: 'cursor' },
  employees: { method: 'GET', path: '/v1/companies/{companyId}/employees', fields: [COMPANY, LIMIT], list: 'cursor' },
  employee: {
    method: 'GET',
    path: '/v1/companies/{companyId}/employees/{employeeId}',
    fields: [COMPANY, { name: 'employeeId', isRequired: true }],
  },
  lines: { method: 'GET', path: '/v1/licenses', fields: [] },
  balance: { method: 'GET', path: `${LINE}/balanceConversations`, fields: [] },
  me: { method: 'GET', path: '/v1/me', fields: [] },
} as const satisfies Record<string, MethodPreset>;

export type PresetName = keyof typeof METHOD_PRESETS;

export const PRESET_NAMES: readonly PresetName[] = Object.keys(METHOD_PRESETS).filter(isPresetName);

function isPresetName(name: string): name is PresetName {
  return Object.keys(METHOD_PRESETS).includes(name);
}

/** The preset of this name; undefined for none: the method is chosen by its path. */
export function presetOf(name: unknown): MethodPreset | undefined {
  return typeof name === 'string' && isPresetName(name) ? METHOD_PRESETS[name] : undefined;
}

/** The names of the places in a path, such as `chatId`. */
export function placesIn(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** How often a text is decoded: a server behind a proxy may do so once more. */
const DECODED = 3;
const ODD = /[\s\p{Cc}\\]/u;

/**
 * Whether a path, which may have places, stays below the API's address and away from what belongs to the connection: its
 * login, its channels and its webhooks.
 */
export function isApiPath(path: string): boolean {
  if (!/^\/[^/?#]/.test(path) || /[?#]/.test(path) || ODD.test(path)) return false;
  const segments = path.slice(1).split('/').map(decodedSegment);
  if (segments.some((segment) => segment === undefined || segment === '')) return false;
  const words = segments.map((segment = '') => segment.toLowerCase());
  const isLogin = words[1] === 'tokens' || words[0] === 'tokens' || words[0] === 'broadcasting';
  return !isLogin && !words.some((word) => word === 'callbackurl' || word === 'callbackurls');
}

/** Undefined for one that would lead elsewhere, in whatever form it is encoded. */
function decodedSegment(segment: string): string | undefined {
  let text = segment;
  for (let round = 0; round < DECODED; round += 1) {
    if (text === '.' || text === '..' || /[/\\]/.test(text) || /\p{Cc}/u.test(text)) return undefined;
    try {
      text = decodeURIComponent(text);
    } catch {
      // Only the first round has to work: a `%` may be part of a value.
      return round === 0 ? undefined : text;
    }
  }
  return text === '.' || text === '..' || /[/\\]/.test(text) ? undefined : text;
}
