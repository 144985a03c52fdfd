import { ChatAppError, ERRORS, type ErrorParams, type ErrorReason } from '../errors';
import { isRecord, isTooDeep } from '../events/json';
import { withoutInvisible } from '../pasted-text';
import { retryAfterOf } from '../retry-delay';
import { MAX_ANSWER } from './network';

/** How much of a refusal is looked at, and how much of ChatApp's message is shown, in characters. */
const MAX_BODY = 2_000;
const MAX_WORDS = 300;

/** The path of the request that authorises a channel. */
export const BROADCASTING_AUTH = '/broadcasting/auth';

/** What ChatApp answers to a request that it refuses. */
export interface RefusedAnswer {
  readonly status: number;
  /** Absent if the answer holds no JSON. */
  readonly body?: unknown;
  /** The header `Retry-After`. */
  readonly retryAfter?: string | null;
  /** The header `Date`. */
  readonly date?: string | null;
  /** Secrets of the request, which ChatApp may quote. */
  readonly secrets?: readonly string[];
}

/** A request to ChatApp's API that brought no usable answer. */
export class ApiError extends ChatAppError {
  /** Private to the language too: neither JSON nor a look into the object brings it out. */
  readonly #body: string;
  readonly #words: string;

  private constructor(
    reason: ErrorReason<'API_FAILED'>,
    params: ErrorParams,
    /** The HTTP status; absent where no answer came. */
    readonly status?: number,
    /** ChatApp's own name of the error, as `ApiInvalidTokenError`. */
    readonly apiCode?: string,
    /** How long ChatApp asks to wait before the next attempt, in ms. */
    readonly retryAfter?: number,
    body = '',
    words = '',
  ) {
    super('API_FAILED', reason, params, ERRORS.API_FAILED[reason]);
    this.#body = body;
    this.#words = words;
  }

  /** Whether what ChatApp says about its refusal matches: codes alone do not tell every refusal apart. */
  says(words: RegExp): boolean {
    return words.test(this.#body);
  }

  /** ChatApp's own message about its refusal, on one line, without what the request held in secret; or empty. */
  words(): string {
    return this.#words;
  }

  /** True if the access or refresh token of the request is dead. */
  get invalidToken(): boolean {
    return this.apiCode === 'ApiInvalidTokenError';
  }

  /**
   * True if the access token may be dead although ChatApp does not say so. Some requests are refused by the framework
   * below the API: without a code, with a page, or with a redirect to a login page. That of a channel may fail in any way,
   * if nobody is logged in.
   */
  get mayMeanDeadToken(): boolean {
    const { reason, status = 0, params } = this;
    if (params.path === BROADCASTING_AUTH && (reason === 'unreadable' || [400, 404, 500].includes(status))) return true;
    return reason === 'refused' && [302, 401, 403, 419].includes(status);
  }

  /** True if the same request may succeed later. */
  get passing(): boolean {
    if (this.reason !== 'refused') return this.reason !== 'closed';
    return this.status === undefined || this.status >= 500 || [408, 419, 425, 429].includes(this.status);
  }

  static refused(path: string, { status, body, retryAfter, date, secrets = [] }: RefusedAnswer): ApiError {
    const code = apiCodeOf(body);
    const params = { path: publicPath(path), status, apiCode: code === undefined ? '' : ` (${code})` };
    const wait = retryAfterOf(retryAfter, date);
    return new ApiError('refused', params, status, code, wait, bodyOf(body), wordsOf(body, secrets));
  }

  static unreadable(path: string, status: number): ApiError {
    return new ApiError('unreadable', { path: publicPath(path) }, status);
  }

  static noProgress(path: string): ApiError {
    return new ApiError('noProgress', { path: publicPath(path) });
  }

  static tooLarge(path: string): ApiError {
    return new ApiError('tooLarge', { path: publicPath(path), megabytes: MAX_ANSWER / 1024 / 1024 });
  }

  static timeout(host: string, limit: number): ApiError {
    return new ApiError('timeout', { host, seconds: limit / 1_000 });
  }

  static unreachable(host: string, cause: unknown): ApiError {
    return new ApiError('unreachable', { host, status: systemCode(cause) });
  }

  static closed(host: string): ApiError {
    return new ApiError('closed', { host });
  }
}

/**
 * The code that the system, the TLS layer or a proxy gave to a failed connection, as `ECONNREFUSED`,
 * `CERT_HAS_EXPIRED` or `HTTP 407`.
 * Messages are left behind: they may quote addresses, headers or a server's words.
 */
export function systemCode(error: unknown): string {
  const status = proxyStatus(error);
  if (status !== undefined) return `HTTP ${status}`;
  for (let cause = error, depth = 0; depth < 5 && cause instanceof Error; cause = cause.cause, depth += 1) {
    if ('code' in cause && typeof cause.code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(cause.code)) return cause.code;
  }
  return 'no connection';
}

/** The HTTP status with which a proxy refused to lead on; hpagent tells it in words only. */
export function proxyStatus(error: unknown): number | undefined {
  const [, status] = (error instanceof Error ? /^Bad response: (\d{3})$/.exec(error.message) : null) ?? [];
  return status === undefined ? undefined : Number(status);
}

/** ChatApp's error code, if it looks like one: a server's words go no further than this. */
function apiCodeOf(body: unknown): string | undefined {
  const code = isRecord(body) && isRecord(body.error) ? body.error.code : undefined;
  return typeof code === 'string' && /^[A-Za-z]{1,64}$/.test(code) ? code : undefined;
}

/** What ChatApp says about its refusal, code and all, in short. */
function bodyOf(body: unknown): string {
  const error = isRecord(body) ? body.error : undefined;
  return error === undefined || isTooDeep(error) ? '' : JSON.stringify(error).slice(0, MAX_BODY);
}

function wordsOf(body: unknown, secrets: readonly string[]): string {
  const message = messageIn(body);
  const open = secrets.filter(Boolean).reduce((text, secret) => text.replaceAll(secret, '…'), message);
  // A list of all characters of a long message takes ten times its room.
  const words = withoutInvisible(open.slice(0, MAX_BODY).replace(/[\s\p{Cc}]+/gu, ' ')).toWellFormed();
  const characters = Array.from(words);
  return characters.length <= MAX_WORDS ? words : `${characters.slice(0, MAX_WORDS - 1).join('')}…`;
}

/** ChatApp's message, in whatever form: the frameworks below its API have forms of their own. */
function messageIn(body: unknown): string {
  if (!isRecord(body)) return '';
  const { error, message } = body;
  if (!isRecord(error)) return textIn(error) || textIn(message);
  return textIn(error.message) || textIn(error.messageLang) || textIn(error.description);
}

/** A text; of a list or an object the texts in it: what is wrong with each field, or the same in several languages. */
function textIn(value: unknown, levels = 2): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || levels === 0) return '';
  if (isRecord(value) && typeof value.en === 'string') return value.en;
  const texts = Object.values(value).map((part) => textIn(part, levels - 1));
  return texts.filter((text) => text !== '').join(' ');
}

/** The path without its query and without chat, phone and user: those are mostly somebody's phone number. */
export function publicPath(path: string): string {
  return path.replace(/\?.*$/s, '').replace(/(\/(?:chats|phones|users)\/)[^/]+/, '$1…');
}
