import { setMaxListeners } from 'node:events';
import { systemClock, pause, type Clock, type Timer } from '../clock';
import { isRecord, parseJson } from '../events/json';
import { silentLog, type Log } from '../log';
import { ApiError, publicPath } from './api-error';
import { RequestBudget } from './budget';
import type { HttpAnswer, HttpRequest, Network } from './network';

/** ChatApp answers more than this many requests a second from one address with 429. */
export const REQUESTS_PER_SECOND = 50;
const TIME_OUT = 10_000;
/** Waits before the second and third try of a request that may be repeated, in ms. */
const RETRY_AFTER = [500, 2_000];
const LONGEST_WAIT = 10_000;

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
}

export interface ApiClientOptions {
  readonly apiUrl: string;
  readonly network: Network;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Shared with others that ask the same host; default: its own. */
  readonly budget?: RequestBudget;
}

/** Asks ChatApp's REST API, within its limits. */
export class ApiClient {
  /** Named in errors. */
  readonly host: string;
  readonly #ended = new AbortController();
  readonly #exchanges = new Set<AbortController>();
  readonly #budget: RequestBudget;
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #base: string;
  /** How far ChatApp's clock is ahead of ours, in s. */
  #ahead = 0;

  /** Throws TypeError where `apiUrl` is not a URL. */
  constructor({ apiUrl, network, clock = systemClock, log = silentLog, budget }: ApiClientOptions) {
    this.host = new URL(apiUrl).host;
    // Any number of requests may pause at once, and each listens for the end.
    setMaxListeners(0, this.#ended.signal);
    this.#base = apiUrl.replace(/\/+$/, '');
    this.#network = network;
    this.#clock = clock;
    this.#log = log;
    this.#budget = budget ?? new RequestBudget(REQUESTS_PER_SECOND, clock);
  }

  /** ChatApp's own time, in unix seconds: this machine's clock may be wrong. */
  get time(): number {
    return this.#clock.now() / 1_000 + this.#ahead;
  }

  /**
   * Sends one request, once.
   * @returns the answer's JSON, unchecked; `undefined` for an answer without content (204)
   * @throws ApiError where there is no answer in time (10 s), a status other than 2xx, or no JSON
   */
  async request(request: ApiRequest): Promise<unknown> {
    await this.#budget.take({ signal: this.#ended.signal });
    const { answer, text } = await this.#exchange(request);
    const body = parseJson(text);
    this.#log.debug(`${request.method} ${publicPath(request.path)} answered ${answer.status}`);
    if (answer.status < 200 || answer.status > 299 || (isRecord(body) && body.success === false)) {
      throw ApiError.refused(request.path, answer.status, body, answer.headers.get('retry-after'));
    }
    // An answer without content says all by its status.
    if (body === undefined && answer.status !== 204) throw ApiError.unreadable(request.path, answer.status);
    return body;
  }

  /** Like `request`, but tries up to three times where another try may help. Only for requests that change nothing. */
  async read(request: Omit<ApiRequest, 'method'>): Promise<unknown> {
    for (const wait of RETRY_AFTER) {
      try {
        return await this.request({ ...request, method: 'GET' });
      } catch (error) {
        if (!(error instanceof ApiError && error.passing)) throw error;
        // Who asked can show a long wait; one in here nobody would see.
        if ((error.retryAfter ?? 0) > LONGEST_WAIT) throw error;
        await pause(this.#clock, error.retryAfter ?? wait, this.#ended.signal);
      }
    }
    return this.request({ ...request, method: 'GET' });
  }

  /** Ends every request under way: each rejects, and so does every later one. */
  close(): void {
    const closed = ApiError.closed(this.host);
    this.#ended.abort(closed);
    for (const exchange of this.#exchanges) exchange.abort(closed);
  }

  /** One exchange, with a time limit that covers the body too. */
  async #exchange(request: ApiRequest): Promise<{ answer: HttpAnswer; text: string }> {
    // Between its turn and this line it may have been closed.
    this.#ended.signal.throwIfAborted();
    const exchange = new AbortController();
    this.#exchanges.add(exchange);
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
      this.#noteTime(answer.headers.get('date'));
      return { answer, text: await answer.text() };
    } catch (error) {
      exchange.signal.throwIfAborted();
      throw ApiError.unreachable(this.host, error);
    } finally {
      timer.cancel();
      this.#exchanges.delete(exchange);
    }
  }

  #noteTime(date: string | null): void {
    const time = Date.parse(date ?? '') / 1_000;
    if (Number.isFinite(time)) this.#ahead = time - Math.floor(this.#clock.now() / 1_000);
  }

  #url({ path, query }: ApiRequest): string {
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    return `${this.#base}${path}${search}`;
  }
}

function asHttp({ method, json, form, body, headers = {}, token }: ApiRequest, signal: AbortSignal): HttpRequest {
  const all: Record<string, string> = { Accept: 'application/json', ...headers };
  if (token !== undefined) all.Authorization = token;
  if (json !== undefined) {
    all['Content-Type'] = 'application/json';
    return { method, headers: all, body: JSON.stringify(json), signal };
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
