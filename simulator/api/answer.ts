import type { IncomingHttpHeaders } from 'node:http';

/** A request that found its route. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The named parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What goes back. A string or Buffer goes out as it is, anything else as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Done once the answer is out. */
  readonly afterwards?: () => void;
}

/** No answer: the connection stays open without one, or ends. */
export type Silence = 'hang' | 'hang up';

export type Outcome = Answer | Silence;

export interface Route {
  readonly method: string;
  /** Segments after `:` are named. */
  readonly pattern: string;
  /** Whether an access token is needed. */
  readonly needsToken: boolean;
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

/** An answer as ChatApp gives it when all went well. */
export function success(data: unknown): Answer {
  return { status: 200, body: { success: true, data } };
}

/** One page of a list. */
export function page(items: readonly unknown[], nextPage: string | null): Answer {
  return success({ items, nextPage });
}

/** An answer as ChatApp gives it when it refuses. */
export function refusal(status: number, code: string, message: string, headers: Record<string, string> = {}): Answer {
  return { status, body: { success: false, error: { code, message } }, headers };
}

export const invalidToken = (): Answer => refusal(403, 'ApiInvalidTokenError', 'Invalid Token');
export const invalid = (message: string): Answer => refusal(422, 'ApiValidationError', message);
export const notFound = (): Answer => refusal(404, 'ApiNotFoundError', 'Not Found');
