import type { IncomingMessage, ServerResponse } from 'node:http';
import readBody from 'raw-body';
import type { ApiFaults } from '../faults/api-faults';
import type { RequestLog } from '../request-log';
import { type Answer, type Call, notFound, type Outcome, refusal, type Route } from './answer';
import { authForm } from './auth-route';
import type { RateLimit } from './rate-limit';
import { findRoute } from './router';
import type { Tokens } from './tokens';

const BODY_LIMIT = 20 * 1024 * 1024;

interface ApiRules {
  readonly routes: readonly Route[];
  readonly tokens: Tokens;
  readonly rateLimit: RateLimit;
  readonly requestLog: RequestLog;
  readonly faults: ApiFaults;
  /** In ms since the epoch. */
  readonly now: () => number;
}

/** Answers one request: notes it, counts it, checks its token, and asks its route. */
export async function answerRequest(
  rules: ApiRules,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://simulator');
  const method = request.method ?? 'GET';
  // Rejects if it is too long.
  const body = await readBody(request, { limit: BODY_LIMIT }).catch(() => undefined);
  if (!body) {
    send(response, refusal(413, 'ApiTooLargeError', 'The body is too large.'));
    return;
  }
  const { pathname: path, search: query } = url;
  const auth = path === '/broadcasting/auth' ? authForm(body) : {};
  const call = { method, path, query: url.searchParams, params: {}, headers: request.headers, body };
  if (isOwn(path)) {
    send(response, await answerOf(rules, call));
    return;
  }

  const entry = rules.requestLog.request({ method, path, query, at: rules.now(), status: 0, ...auth });
  const isApi = path.startsWith('/v1/') || path.startsWith('/broadcasting/');
  const wait = isApi ? rules.rateLimit.wait(request.socket.remoteAddress ?? '') : 0;
  const answer =
    wait > 0
      ? refusal(429, 'ApiTooManyRequestsError', 'Too Many Requests', { 'retry-after': String(wait) })
      : await rules.faults.answer(path, url.searchParams, () => answerOf(rules, call));
  send(response, answer);
  if (typeof answer === 'object') rules.requestLog.answered(entry, answer.status);
}

/** Reads and drives the simulator itself; ChatApp has none of this. */
function isOwn(path: string): boolean {
  return path === '/' || path.startsWith('/simulator/');
}

async function answerOf({ routes, tokens, faults }: ApiRules, call: Call): Promise<Answer> {
  const match = findRoute(routes, call.method, call.path);
  if (match === undefined) return notFound();
  if (match === 'method') return refusal(405, 'ApiMethodNotAllowedError', 'Method Not Allowed');
  if (match.route.needsToken && !tokens.isAlive(call.headers.authorization)) return faults.deadToken(call.path);
  return match.route.answer({ ...call, params: match.params });
}

function send(response: ServerResponse, answer: Outcome): void {
  if (answer === 'hang') return;
  if (answer === 'hang up') {
    response.destroy();
    return;
  }
  const { body } = answer;
  const isPlain = typeof body === 'string' || Buffer.isBuffer(body);
  const type =
    isPlain && typeof body === 'string' && body.trimStart().startsWith('<') ? 'text/html' : 'application/json';
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers });
  if (answer.afterwards) whenOver(response, answer.afterwards);
  response.end(isPlain ? body : JSON.stringify(body));
}

/** Whether the answer arrived or its client is gone: what was asked for is done all the same. */
function whenOver(response: ServerResponse, act: () => void): void {
  if (response.destroyed) act();
  else response.once('close', act);
}
