import { setMaxListeners } from 'node:events';
import { ApiError, publicPath } from '../api/api-error';
import { unixTimeOf } from '../api/changed-chats';
import type { ApiClient, ApiRequest } from '../api/client';
import { wordsOf } from '../api/entry';
import { Semaphore } from '../api/semaphore';
import type { ListKind } from '../api/methods';
import type { List } from '../api/page-order';
import { pages, type Ask } from '../api/paging';
import { pause, type Clock } from '../clock';
import { ChatAppError } from '../errors';
import { isRecord, isTooDeep, type JsonRecord } from '../events/json';
import type { ChatRate } from './chat-rate';

/** A request to any method of ChatApp. */
export interface ApiCall {
  readonly method: ApiRequest['method'];
  /** Checked (`isApiPath`), with its places filled and encoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly json?: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  /** The `data` of the answer; all of it if it has none; `null` for an answer without content. */
  readonly data: unknown;
}

export interface ApiCallerOptions {
  readonly authorised: <T>(ask: (token: string) => Promise<T>) => Promise<T>;
  readonly api: Pick<ApiClient, 'ask' | 'read' | 'host'>;
  readonly rate: ChatRate;
  readonly clock: Clock;
}

/** How many requests are sent at a time, and how many there may be in all. */
const MAX_IN_FLIGHT = 25;
const MAX_WAITING = 10_000;
/** How long an answer may take once the request has left, in ms. */
const ANSWER_WITHIN = 30_000;
/** The waits before a request is tried again that has not left, in ms. */
const WAITS = [1_000, 3_000, 9_000];

/** Asks any method of ChatApp on behalf of a flow. What may have changed something is never asked twice. */
export class ApiCaller {
  readonly #semaphore = new Semaphore(MAX_IN_FLIGHT);
  readonly #closing = new AbortController();
  #waiting = 0;

  constructor(private readonly options: ApiCallerOptions) {
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Asks once; a GET again if ChatApp is busy or fails, anything else only as long as it has not left.
   * @throws ChatAppError `API_FAILED`, with ChatApp's own words if it refuses; reason `uncertain` if it may or
   *   may not have been carried out; `SEND_REFUSED`, reason `busy`; the errors of a login
   */
  async call(call: ApiCall): Promise<ApiAnswer> {
    if (this.#waiting >= MAX_WAITING) throw ChatAppError.of('SEND_REFUSED', 'busy', { count: this.#waiting });
    const chat = chatOfMessage(call);
    const confirm = chat && this.options.rate.accept(chat, 0);
    this.#waiting += 1;
    try {
      const answer = await this.#semaphore.run(() => (call.method === 'GET' ? this.#read(call) : this.#change(call)));
      confirm?.(true);
      return answer;
    } catch (error) {
      confirm?.(error instanceof ChatAppError && error.reason === 'uncertain');
      throw error;
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * Reads a list page by page, up to its end.
   * @param limit how many entries are wanted
   * @throws ChatAppError `API_FAILED`, reason `noProgress` if the pages repeat or do not end
   */
  async *pages(call: ApiCall, kind: ListKind, limit = Infinity): AsyncGenerator<readonly JsonRecord[]> {
    const { authorised, api } = this.options;
    const { signal } = this.#closing;
    const ask: Ask = async (path, query) =>
      asList(await this.#semaphore.run(() => authorised((token) => api.read({ path, query, token, signal }))));
    let left = limit;
    try {
      for await (const entries of pages(ask, listOf(call, kind, signal))) {
        yield entries.slice(0, left);
        left -= entries.length;
        if (left <= 0) return;
      }
    } catch (error) {
      throw refusedOf(error);
    }
  }

  /** Ends the requests that are in flight: they reject, and so do later ones. */
  close(): void {
    this.#closing.abort(ApiError.closed(this.options.api.host));
  }

  async #read({ path, query }: ApiCall): Promise<ApiAnswer> {
    const { authorised, api } = this.options;
    const { signal } = this.#closing;
    try {
      return answerOf(
        await authorised((token) =>
          api.ask({ method: 'GET', path, query, token, signal, within: ANSWER_WITHIN }, true),
        ),
      );
    } catch (error) {
      throw refusedOf(error);
    }
  }

  async #change({ method, path, query, json }: ApiCall): Promise<ApiAnswer> {
    const { authorised, api, clock } = this.options;
    const { signal } = this.#closing;
    for (let tries = 0; ; tries += 1) {
      const request = { hasLeft: false, isRefused: false };
      try {
        const onLeave = (): void => void (request.hasLeft = true);
        const asked = {
          method,
          path,
          query,
          json,
          signal,
          within: ANSWER_WITHIN,
          onLeave,
          priority: 'send',
        } as const;
        return answerOf(
          await authorised(async (token) => {
            Object.assign(request, { hasLeft: false, isRefused: false });
            try {
              return await api.ask({ ...asked, token });
            } catch (error) {
              // ChatApp has refused it: a later failure, such as that of a new login, does not change that.
              request.isRefused = isRefusal(error);
              throw error;
            }
          }),
        );
      } catch (error) {
        if (request.hasLeft && !request.isRefused) throw uncertainOf(error, method, path);
        const wait = WAITS[tries];
        if (request.hasLeft || wait === undefined || !(error instanceof ApiError && error.passing))
          throw refusedOf(error);
        await pause(clock, wait, signal);
      }
    }
  }
}

/** The chat to which a call sends a message; undefined for any other call. */
function chatOfMessage({ method, path }: ApiCall): Parameters<ChatRate['accept']>[0] | undefined {
  if (method !== 'POST') return undefined;
  const parts = path.split('/').map((part) => decodeURIComponent(part));
  const [, , licenses = '', licenseId = '', , messengerType = '', chats = '', chatId = '', messages = ''] = parts;
  const words = [licenses, chats, messages].map((word) => word.toLowerCase());
  return words.join() === 'licenses,chats,messages' ? { licenseId, messengerType, chatId } : undefined;
}

function listOf(call: ApiCall, kind: ListKind, signal: AbortSignal): List {
  const { limit: _, ...query } = call.query;
  const list = { path: call.path, query, signal, idOf: ({ id, companyId }: JsonRecord) => wordsOf(id ?? companyId) };
  if (kind === 'cursor') return list;
  const timeOf = (entry: JsonRecord): number | undefined => unixTimeOf(kind === 'chats' ? entry.lastTime : entry.time);
  const order = query.direction === 'next' ? 'oldestFirst' : 'newestFirst';
  return { ...list, byTime: { timeOf, order, endsWithoutCursor: kind === 'messages' } };
}

/** Some lists come bare, and what is no list is one of a single entry. */
function asList(body: unknown): unknown {
  const data = isRecord(body) ? body.data : undefined;
  if (isRecord(data) && Array.isArray(data.items)) return body;
  return { data: { items: Array.isArray(data) ? data : [data], nextPage: null } };
}

function answerOf({ status, body }: { readonly status: number; readonly body: unknown }): ApiAnswer {
  const answer = isRecord(body) && 'data' in body ? body.data : body;
  // It becomes part of a message, which Node-RED copies with recursion.
  return { status, data: answer === undefined || isTooDeep(answer) ? null : answer };
}

/** A refusal with ChatApp's own words; any other error as it is. */
function refusedOf(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.reason !== 'refused') return error;
  return ChatAppError.of('API_FAILED', 'refused', { ...error.params, words: error.words() });
}

/** Whether ChatApp has read and refused the request. With a status from 500 on, it may have begun to act. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'refused' && (error.status ?? 0) < 500;
}

/** The error of a request that left and got no clear answer. */
function uncertainOf(error: unknown, method: string, path: string): unknown {
  if (!(error instanceof ApiError)) return error;
  const { reason, status = 0 } = error;
  const cause =
    reason === 'refused' || reason === 'unreadable' ? `HTTP ${status}` : (CAUSES[reason] ?? error.params.status);
  const params = { method, path: publicPath(path), status: cause ?? reason };
  return ChatAppError.of('API_FAILED', 'uncertain', { ...params, words: error.words() });
}

const CAUSES: Readonly<Record<string, string>> = { timeout: 'ETIMEDOUT', closed: 'ECONNABORTED' };
