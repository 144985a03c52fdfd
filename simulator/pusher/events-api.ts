import type { Call, Route } from '../api/answer';
import { isRecord, parseJson } from '../json';
import { isSignedRequest, type PusherApp } from './signature';
import type { SocketServer } from './socket-server';
import type { Dialect, TriggerAnswer } from './style';

/** The app's HTTP API. Events that come this way are delivered with their data untouched and enter no history. */
export function triggerRoutes(app: PusherApp, dialect: Dialect, sockets: SocketServer): Route[] {
  const triggers = ['/apps/:appId/events', '/apps/:appId/batch_events'].map((pattern): Route => {
    return { method: 'POST', pattern, needsToken: false, answer: (call) => trigger(app, dialect, sockets, call) };
  });
  const noUpgrade = { status: dialect.withoutUpgrade, body: '' };
  return [...triggers, { method: 'GET', pattern: '/app/:key', needsToken: false, answer: () => noUpgrade }];
}

function trigger(app: PusherApp, dialect: Dialect, sockets: SocketServer, request: Call): TriggerAnswer {
  const appId = request.params.appId ?? '';
  if (appId !== app.id) return dialect.unknownAppId(appId);
  if (!isSignedRequest(app, 'POST', request.path, request.query, request.body)) return dialect.badSignature;
  const body = parseJson(request.body.toString());
  const listed = isRecord(body) ? (request.path.endsWith('/batch_events') ? body.batch : [body]) : undefined;
  const triggers = Array.isArray(listed) ? listed.map(readTrigger) : [undefined];
  const known = triggers.filter((one) => one !== undefined);
  if (known.length < triggers.length) return dialect.badEvent;
  if (known.some(({ data }) => sizeOf(data) > dialect.dataLimit)) return dialect.tooBig;
  for (const { name, channels, data, socketId } of known) {
    for (const channel of channels) sockets.deliver(channel, name, data, socketId);
  }
  return dialect.triggered;
}

interface Trigger {
  readonly name: string;
  readonly channels: readonly string[];
  readonly data: unknown;
  readonly socketId: string | undefined;
}

function readTrigger(value: unknown): Trigger | undefined {
  if (!isRecord(value)) return undefined;
  const { name, data, socket_id: socketId } = value;
  const channels = Array.isArray(value.channels) ? value.channels : [value.channel];
  const named = channels.filter((channel) => typeof channel === 'string');
  if (typeof name !== 'string' || name === '' || data === undefined || data === null) return undefined;
  if (named.length === 0 || named.length < channels.length) return undefined;
  return { name, channels: named, data, socketId: typeof socketId === 'string' ? socketId : undefined };
}

function sizeOf(data: unknown): number {
  return Buffer.byteLength(typeof data === 'string' ? data : JSON.stringify(data));
}
