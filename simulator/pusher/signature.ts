import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The credentials of a Pusher app. */
export interface PusherApp {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

/** The `auth` that lets one socket subscribe to one private channel: `key:signature`. */
export function channelAuth(app: PusherApp, socketId: string, channelName: string): string {
  return `${app.key}:${sign(app, `${socketId}:${channelName}`)}`;
}

export function isChannelAuth(app: PusherApp, socketId: string, channelName: string, auth: unknown): boolean {
  return typeof auth === 'string' && same(auth, channelAuth(app, socketId, channelName));
}

/** Whether a request to the app's HTTP API is signed with the app's secret, and its body is the one that was signed. */
export function isSignedRequest(
  app: PusherApp,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Buffer,
): boolean {
  const signed = [...query]
    .filter(([name]) => name !== 'auth_signature')
    .map(([name, value]) => `${name.toLowerCase()}=${value}`)
    .sort()
    .join('&');
  return (
    query.get('auth_key') === app.key &&
    query.get('body_md5') === createHash('md5').update(body).digest('hex') &&
    same(query.get('auth_signature') ?? '', sign(app, `${method}\n${path}\n${signed}`))
  );
}

function sign(app: PusherApp, text: string): string {
  return createHmac('sha256', app.secret).update(text).digest('hex');
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
