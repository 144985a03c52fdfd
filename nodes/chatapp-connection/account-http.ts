import type { IncomingMessage, ServerResponse } from 'node:http';
import { isTooDeep } from '../../src/events/json';

/** What Node-RED hands us of a request, as far as we look at it. */
export interface Asked extends IncomingMessage {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Node-RED has parsed it, and answered what is not JSON with 400. */
  readonly body?: unknown;
  is(type: string): string | false | null;
}

export interface Answer extends ServerResponse {
  status(code: number): this;
  json(body: unknown): this;
  sendStatus(code: number): this;
}

/** In bytes; a draft is about 1 KB. */
const MAX_BODY_BYTES = 64 * 1_024;

/** The body as JSON; `undefined` where it was refused. */
export function bodyIn(request: Asked, response: Answer): unknown {
  if (!request.is('application/json')) return refuse(response, 415, 'The body is not application/json.');
  // First: nothing may walk through what is nested without end.
  if (isTooDeep(request.body)) return refuse(response, 400, 'The body is nested too deeply.');
  return sizeOf(request) > MAX_BODY_BYTES ? refuse(response, 413, 'The body is larger than 64 KB.') : request.body;
}

export function respond(response: Answer, status: number, body: unknown): void {
  response.setHeader('Cache-Control', 'no-store');
  response.status(status).json(body);
}

export function refuse(response: Answer, status: number, problem: string): undefined {
  respond(response, status, { problem });
  return undefined;
}

/** In bytes, as it was sent or, where that is not reported or it came compressed, as it was read. */
function sizeOf({ headers, body }: Asked): number {
  const sent = Number(headers['content-length'] ?? 0);
  return sent > MAX_BODY_BYTES ? sent : Buffer.byteLength(JSON.stringify(body ?? null));
}
