import { ChatAppError, ERRORS, type ErrorParams, type ErrorReason } from '../errors';
import { isRecord } from '../events/json';

/** A server that asks to wait longer is asked again all the same, in s. */
const LONGEST_WAIT = 3_600;
/** How much of ChatApp's own words is looked at, in characters. */
const LONGEST_WORDS = 2_000;

/** A request to ChatApp's API that brought no usable answer. */
export class ApiError extends ChatAppError {
  /** Private to the language too: neither JSON nor a look into the object brings them out. */
  readonly #words: string;

  private constructor(
    reason: ErrorReason<'API_FAILED'>,
    params: ErrorParams,
    /** The HTTP status; absent where no answer came. */
    readonly status?: number,
    /** ChatApp's own name of the error, as `ApiInvalidTokenError`. */
    readonly apiCode?: string,
    /** How long ChatApp asks to wait before the next try, in ms. */
    readonly retryAfter?: number,
    words = '',
  ) {
    super('API_FAILED', reason, params, ERRORS.API_FAILED[reason]);
    this.#words = words;
  }

  /** Whether ChatApp's own words, which are never shown, match: codes alone do not tell every refusal apart. */
  says(words: RegExp): boolean {
    return words.test(this.#words);
  }

  /** True where the access or refresh token of the request is dead. */
  get invalidToken(): boolean {
    return this.apiCode === 'ApiInvalidTokenError';
  }

  /** True where the same request may well be answered later. */
  get passing(): boolean {
    if (this.reason !== 'refused') return this.reason !== 'closed';
    return this.status === undefined || this.status >= 500 || [408, 419, 425, 429].includes(this.status);
  }

  static refused(path: string, status: number, body: unknown, retryAfter: string | null): ApiError {
    const code = apiCodeOf(body);
    const params = { path: publicPath(path), status, apiCode: code === undefined ? '' : ` (${code})` };
    return new ApiError('refused', params, status, code, secondsToMs(retryAfter), wordsOf(body));
  }

  static unreadable(path: string, status: number): ApiError {
    return new ApiError('unreadable', { path: publicPath(path) }, status);
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
function wordsOf(body: unknown): string {
  const error = isRecord(body) ? body.error : undefined;
  return error === undefined ? '' : JSON.stringify(error).slice(0, LONGEST_WORDS);
}

function secondsToMs(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Math.min(Number(header), LONGEST_WAIT) * 1_000 : undefined;
}

/** The path without its query and without the chat: that is mostly somebody's phone number. */
export function publicPath(path: string): string {
  return path.replace(/\?.*$/s, '').replace(/(\/chats\/)[^/]+/, '$1…');
}
