import { setMaxListeners } from 'node:events';
import { systemClock, pause, type Clock, type Timer } from '../clock';
import { isRecord, parseJson } from '../events/json';
import { silentLog, type Log } from '../log';
import { ApiError, publicPath } from './api-error';
import { AnswerTooLarge, type HttpAnswer, type HttpRequest, type Network } from './network';
import { RateLimiter, type Priority } from './rate-limiter';

/** ChatApp answers more than this many requests a second from one address with 429. */
export const REQUESTS_PER_SECOND = 50;
const TIME_OUT = 10_000;
/** Waits before the second and third try of a request that may be repeated, in ms. */
const RETRY_AFTER = [500, 2_000];
const MAX_WAIT = 10_000;
/** By how much ChatApp's times may differ, in s. */
const AGREES_WITHIN = 60;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the first slash on, encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** A body that is ready made, with its content type. */
  readonly body?: { readonly type: string; readonly bytes: Buffer };
  readonly headers?: Readonly<Record<string, string>>;
  /** The access token, raw as ChatApp wants it. */
  readonly token?: string;
  /** How long the answer may take once the request leaves, in ms; default: 10 s for all of it. */
  readonly within?: number;
  /** Called when the request begins to leave: whatever fails before has not reached ChatApp. */
  readonly onLeave?: () => void;
  /** What goes first if ChatApp's limit is reached; default: `other`. */
  readonly priority?: Priority | (() => Priority);
  /** Gives the request up, whether it still waits or has left: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface ApiClientOptions {
  readonly apiUrl: string;
  readonly network: Network;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Shared with others that ask the same host; default: its own. */
  readonly rateLimiter?: RateLimiter;
}

export interface StatusAndBody {
  readonly status: number;
  /** The answer's JSON, unchecked; `undefined` for an answer without content (204). */
  readonly body: unknown;
}

/** ChatApp's time, in unix seconds, at a moment of the monotonic clock, in ms. */
interface TimeAt {
  readonly time: number;
  readonly at: number;
}

/** Asks ChatApp's REST API, within its limits. */
export class ApiClient {
  /** Named in errors. */
  readonly host: string;
  readonly #ended = new AbortController();
  readonly #rateLimiter: RateLimiter;
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #base: string;
  /** ChatApp's time in the last answer that had one, in unix seconds, and when it arrived, in ms of the monotonic clock. */
  #answered: TimeAt | undefined;
  /** The same for an answer whose time does not fit the ones before: the next one has to confirm it. */
  #doubtful: TimeAt | undefined;
  /** A good answer had no time, as if a proxy leaves it out: until one has, nothing is better than this machine's clock. */
  #isTimeless = false;

  /** Throws TypeError where `apiUrl` is not a URL. */
  constructor({ apiUrl, network, clock = systemClock, log = silentLog, rateLimiter }: ApiClientOptions) {
    this.host = new URL(apiUrl).host;
    // Any number of requests may pause at once, and each listens for the end.
    setMaxListeners(0, this.#ended.signal);
    this.#base = apiUrl.replace(/\/+$/, '');
    this.#network = network;
    this.#clock = clock;
    this.#log = log;
    this.#rateLimiter = rateLimiter ?? new RateLimiter(REQUESTS_PER_SECOND, clock);
  }

  /**
   * ChatApp's own time, in unix seconds, counted on from its last answer by the monotonic clock: this machine's clock may
   * be wrong. A time that jumps counts only if the next answer confirms it. It is at most as late as ChatApp's clock.
   * Before the first answer it is this machine's time: see `hasTime`.
   */
  get time(): number {
    if (!this.#answered) return this.#clock.now() / 1_000;
    return this.#answered.time + (this.#clock.monotonic() - this.#answered.at) / 1_000;
  }

  /** False until an answer had ChatApp's time: until then, `time` is a guess that must not be stored. */
  get hasTime(): boolean {
    return this.#answered !== undefined || this.#isTimeless;
  }

  /**
   * Sends one request, once.
   * @returns the answer's JSON, unchecked; `undefined` for an answer without content (204)
   * @throws ApiError where there is no answer in time (10 s), a status other than 2xx, or no JSON
   */
  async request(request: ApiRequest): Promise<unknown> {
    return (await this.ask(request)).body;
  }

  /** Like `request`, but tries up to three times where another try may help. Only for requests that change nothing. */
  async read(request: Omit<ApiRequest, 'method'>): Promise<unknown> {
    return (await this.ask({ ...request, method: 'GET' }, true)).body;
  }

  /** Like `request`, or like `read` if it may be repeated; the status of the answer comes too. */
  ask(request: ApiRequest, isRepeatable = false): Promise<StatusAndBody> {
    return this.#until(request.signal, async (ended) => {
      for (const wait of isRepeatable ? RETRY_AFTER : []) {
        try {
          return await this.#request(request, ended);
        } catch (error) {
          if (!(error instanceof ApiError && error.passing)) throw error;
          // Who asked can show a long wait; one in here nobody would see.
          if ((error.retryAfter ?? 0) > MAX_WAIT) throw error;
          await pause(this.#clock, error.retryAfter ?? wait, ended);
        }
      }
      return this.#request(request, ended);
    });
  }

  /** Ends every request under way: each rejects, and so does every later one. */
  close(): void {
    this.#ended.abort(ApiError.closed(this.host));
  }

  /** Runs with a signal that is aborted by `close`, and by `signal` if there is one. */
  async #until<T>(signal: AbortSignal | undefined, run: (ended: AbortSignal) => Promise<T>): Promise<T> {
    if (!signal) return run(this.#ended.signal);
    // Of one reading many requests may be under way.
    setMaxListeners(0, signal);
    const ended = new AbortController();
    const unlinks = [signal, this.#ended.signal].map((one) => link(one, ended));
    try {
      return await run(ended.signal);
    } finally {
      for (const unlink of unlinks) unlink();
    }
  }

  async #request(request: ApiRequest, ended: AbortSignal): Promise<StatusAndBody> {
    await this.#rateLimiter.take({ signal: ended, priority: request.priority });
    const { answer, text } = await this.#exchange(request, ended);
    const body = parseJson(text);
    this.#log.debug(`${request.method} ${publicPath(request.path)} answered ${answer.status}`);
    if (answer.status < 200 || answer.status > 299 || (isRecord(body) && body.success === false)) {
      throw ApiError.refused(request.path, {
        status: answer.status,
        body,
        retryAfter: answer.headers.get('retry-after'),
        date: answer.headers.get('date'),
        secrets: secretsOf(request),
      });
    }
    // An answer without content says all by its status.
    if (body === undefined && answer.status !== 204) throw ApiError.unreadable(request.path, answer.status);
    return { status: answer.status, body };
  }

  /** One exchange, with a time limit that covers the body too. */
  async #exchange(request: ApiRequest, ended: AbortSignal): Promise<{ answer: HttpAnswer; text: string }> {
    // Between its turn and this line it may have been ended.
    ended.throwIfAborted();
    const exchange = new AbortController();
    const unlink = link(ended, exchange);
    const endAfter = (limit: number): Timer =>
      this.#clock.after(limit, () => exchange.abort(ApiError.timeout(this.host, limit)));
    let timer = endAfter(TIME_OUT);
    const onLeave = (): void => {
      if (request.within !== undefined) {
        timer.cancel();
        timer = endAfter(request.within);
      }
      request.onLeave?.();
    };
    try {
      const answer = await this.#network.fetch(this.#url(request), {
        ...asHttp(request, exchange.signal),
        onLeave,
      });
      this.#noteTime(answer);
      return { answer, text: await answer.text() };
    } catch (error) {
      exchange.signal.throwIfAborted();
      if (error instanceof AnswerTooLarge) throw ApiError.tooLarge(request.path);
      throw ApiError.unreachable(this.host, error);
    } finally {
      timer.cancel();
      unlink();
    }
  }

  #noteTime({ status, headers }: HttpAnswer): void {
    const time = Date.parse(headers.get('date') ?? '') / 1_000;
    if (!Number.isFinite(time)) {
      this.#isTimeless ||= status < 300;
      return;
    }
    const answered = { time, at: this.#clock.monotonic() };
    const isFitting = !this.#answered || [this.#answered, this.#doubtful].some((one) => one && agree(one, answered));
    this.#doubtful = isFitting ? undefined : answered;
    // One wrong time would hide a gap of hours.
    if (isFitting) this.#answered = answered;
  }

  #url({ path, query }: ApiRequest): string {
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    return `${this.#base}${path}${search}`;
  }
}

function agree(one: TimeAt, other: TimeAt): boolean {
  return Math.abs(other.time - one.time - (other.at - one.at) / 1_000) < AGREES_WITHIN;
}

/** Aborts `controller` with `signal`; returns how to end that. (`AbortSignal.any` leaks in Node.js 20.) */
function link(signal: AbortSignal, controller: AbortController): () => void {
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return () => signal.removeEventListener('abort', abort);
}

function asHttp({ method, json, form, body, headers = {}, token }: ApiRequest, signal: AbortSignal): HttpRequest {
  const all: Record<string, string> = { Accept: 'application/json', ...headers };
  if (token !== undefined) all.Authorization = token;
  if (json !== undefined) {
    all['Content-Type'] = 'application/json';
    return { method, headers: all, body: JSON.stringify(json, wellFormed), signal };
  }
  if (form !== undefined) {
    all['Content-Type'] = 'application/x-www-form-urlencoded';
    return { method, headers: all, body: new URLSearchParams(form).toString(), signal };
  }
  if (body !== undefined) {
    all['Content-Type'] = body.type;
    return { method, headers: all, body: body.bytes, signal };
  }
  return { method, headers: all, signal };
}

/** Half a surrogate pair, as cutting a text leaves it, is replaced. */
function wellFormed(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

/** What must not be shown of a request, should ChatApp quote it. Without a token it is a login: its body has the password. */
function secretsOf({ token, headers = {}, json }: ApiRequest): string[] {
  const login = token === undefined && isRecord(json) ? Object.values(json) : [];
  return [token, ...Object.values(headers), ...login].filter((one) => typeof one === 'string');
}
