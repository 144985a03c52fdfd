import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CallbackRequest, Webhook } from '../../src';
import { detail } from '../../src/error-details';
import { ChatAppError } from '../../src/errors';
import type { ConnectionRegistry } from './connection-registry';
import { decoded, type Routes } from './routes';
import type { ConnectionSettings } from './settings';

/** Below Node-RED's own path for flows, `httpNodeRoot`. */
const PATH = '/chatapp/callback';

/** The parts of an address behind `PATH`. */
interface Params {
  readonly id: string;
  readonly secret: string;
  readonly licenseId: string;
  readonly messengerType: string;
}

/**
 * Serves `POST <httpNodeRoot>/chatapp/callback/<connection node id>/<secret>/<licenseId>/<messengerType>`, where
 * ChatApp brings its events, for all connections and as long as Node-RED runs. Whatever it is not for is answered with
 * 404 and no word, whether there is such a connection or not.
 */
export function serveCallbacks(routes: Routes, connections: ConnectionRegistry): void {
  // Not by a pattern: the router takes such apart itself, and writes a stack for each part that is not well encoded.
  routes.public(PATH, (request, response, next) => {
    const address = addressIn(request.path);
    if (!address) return next();
    const { id, ...rest } = address;
    const webhook = connections.find(id)?.webhook;
    return webhook ? pass(webhook, rest, request, response) : answer(response, 404);
  });
}

/** The parts of a path as `/<id>/<secret>/<licenseId>/<messengerType>`; `undefined` for any other path. */
function addressIn(path: string): Params | undefined {
  const [, id, secret, licenseId, messengerType, ...more] = path.replace(/\/$/, '').split('/');
  if (!id || !secret || !licenseId || !messengerType || more.length > 0) return undefined;
  // The id of a node may hold anything. Nothing else of an address is ever encoded.
  return { id: decoded(id), secret, licenseId, messengerType };
}

/** Hands a request to the webhook of its connection, and its answer back. */
export async function pass(
  webhook: Webhook,
  address: Omit<Params, 'id'>,
  request: IncomingMessage & { readonly body?: unknown },
  response: ServerResponse,
): Promise<void> {
  const { method = '' } = request;
  const unanswered = unansweredOf(request, response);
  answer(response, await webhook.answer({ method, ...address, ...bodyOf(request), unanswered }));
}

/**
 * The settings of the connection node `id` with the address of its callbacks, where it wants any.
 * @param httpNodeRoot as Node-RED has it: with a slash at either end, or `false`
 */
export function withCallbackUrl(settings: ConnectionSettings, httpNodeRoot: unknown, id: string): ConnectionSettings {
  const { webhookUrl, options, problems } = settings;
  if (webhookUrl === undefined) return settings;
  if (httpNodeRoot === false) {
    const params = { field: 'receive', ...detail('wanted', 'noHttpNode') };
    const problem = ChatAppError.of('CONFIG_INVALID', 'malformed', params);
    return { ...settings, problems: [...problems, problem] };
  }
  return { ...settings, options: { ...options, callbackUrl: callbackUrlOf(webhookUrl, httpNodeRoot, id) } };
}

/** Whose callbacks a connection with these settings sets; `undefined` where it sets none. */
export function callbacksOf({ callbackUrl, credentials, apiUrl }: ConnectionSettings['options']): string | undefined {
  if (callbackUrl === undefined) return undefined;
  // A new token is mostly one of the same account.
  const account = credentials.kind === 'account' ? [credentials.email, credentials.appId] : [];
  return JSON.stringify([apiUrl, ...account]);
}

/** Where ChatApp reaches the callbacks of the connection node `id`, without secret and line. */
function callbackUrlOf(webhookUrl: string, httpNodeRoot: unknown, id: string): string {
  const root = typeof httpNodeRoot === 'string' ? httpNodeRoot : '/';
  const path = `${root}${PATH}`.replace(/\/+/g, '/');
  return `${webhookUrl.replace(/\/+$/, '')}${path}/${encodeURIComponent(id)}`;
}

/** The body, of which nothing is looked at before it is known who sent it. */
function bodyOf(request: IncomingMessage & { readonly body?: unknown }): Pick<CallbackRequest, 'body' | 'length'> {
  const { body, headers } = request;
  const length = Number(headers['content-length'] ?? 0);
  if (!request.readableEnded || body === undefined) return { body: request, length };
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  // A parser for forms, such as Node-RED's own, takes JSON apart: what it has left must not be taken for an event.
  const isLost =
    isForm && typeof body === 'object' && body !== null && Object.keys(body).length > 0 && !('data' in body);
  return { body: { parsed: isLost ? 'a form' : body }, length };
}

/** Aborted where the answer cannot leave, or comes back as not wanted. */
function unansweredOf({ socket }: IncomingMessage, response: ServerResponse): AbortSignal {
  const unanswered = new AbortController();
  const check = (): void => {
    if (!response.writableFinished) unanswered.abort();
  };
  // Node.js sends nothing to a caller that has ended its side, but closes the response only some turns later.
  socket.once('end', check);
  response.once('close', () => {
    socket.off('end', check);
    check();
  });
  if (!lastAnswers.has(socket)) {
    socket.once('close', (isBroken) => {
      const last = lastAnswers.get(socket);
      if (isBroken && last) last.abort();
    });
  }
  lastAnswers.set(socket, unanswered);
  return unanswered.signal;
}

/**
 * The last answer on each connection: a client that asks again has read those before. A connection that breaks after it left
 * tells that nobody has read it.
 */
const lastAnswers = new WeakMap<Socket, AbortController>();

function answer(response: ServerResponse, status: number): void {
  // What was not read stays unread: the connection ends with the answer.
  if (status !== 200) response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Length': 0, 'Cache-Control': 'no-store' }).end();
}
