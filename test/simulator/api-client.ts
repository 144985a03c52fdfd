import type { Simulator } from '../../simulator';
import { isRecord, parseJson } from '../../simulator/json';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** The body's `data`. */
  readonly data: unknown;
  /** The code of the body's `error`. */
  readonly code: unknown;
}

export interface ApiCall {
  /** Default: the account's. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a form or text as it is. */
  readonly body?: unknown;
}

/** Asks the simulator's API; `what` is method and path. */
export async function ask(simulator: Simulator, what: string, call: ApiCall = {}): Promise<ApiAnswer> {
  const [method = 'GET', path = '/'] = what.split(' ');
  const { body } = call;
  const isReady = typeof body === 'string' || body instanceof URLSearchParams || body instanceof FormData;
  const response = await fetch(simulator.url + path, {
    method,
    headers: { authorization: call.token ?? simulator.account.accessToken, ...call.headers },
    ...(body === undefined ? {} : { body: isReady ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = parseJson(text) ?? text;
  const { data, error } = isRecord(answer) ? answer : {};
  const code = isRecord(error) ? error.code : undefined;
  return { status: response.status, headers: response.headers, body: answer, data, code };
}

/** The items and the cursor of a page. */
export function pageIn({ data }: ApiAnswer): { items: Record<string, unknown>[]; nextPage: string | null } {
  if (!isRecord(data) || !Array.isArray(data.items)) throw new Error('The answer is no page');
  const { items, nextPage } = data;
  if (nextPage !== null && typeof nextPage !== 'string') throw new Error('The answer has no cursor');
  return { items: items.filter(isRecord), nextPage };
}

/** A text field of the answer's data. */
export function textIn({ data }: ApiAnswer, field: string): string {
  const value = isRecord(data) ? data[field] : undefined;
  if (typeof value !== 'string') throw new Error(`The answer has no ${field}`);
  return value;
}
