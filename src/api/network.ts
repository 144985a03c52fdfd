import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { createGunzip } from 'node:zlib';
import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';

/** How long an idle connection is kept, in ms: less than servers keep it, or a request could meet its end. */
const KEPT_IDLE = 4_000;
/** How long a proxy may take to reach the server, in ms. */
const PROXY_WITHIN = 10_000;

/** How large the body of an answer may be once it is unpacked, in bytes. */
export const MAX_ANSWER = 16 * 1024 * 1024;
/** How many objects and lists it may hold: parsed, an empty one takes 20 times the room of its two characters. */
const MAX_CONTAINERS = 1_000_000;

/** The body of an answer is larger than anything that ChatApp's API says. */
export class AnswerTooLarge extends Error {}

/** The TLS settings that can be chosen for a connection; PEM texts. */
export interface TlsSettings {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface NetworkSettings {
  readonly tls?: TlsSettings;
  /** The URL of the proxy for a URL; empty or absent for none. */
  readonly proxyFor?: (url: string) => string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** Rejects with `AnswerTooLarge` as soon as it is. */
  text(): Promise<string>;
}

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly signal: AbortSignal;
  /** Called when the request begins to leave: whatever fails before has not reached the server. */
  readonly onLeave?: () => void;
}

/** How bytes leave this machine: one place for proxy and TLS, for the REST API and the socket alike. */
export interface Network {
  fetch(url: string, request: HttpRequest): Promise<HttpAnswer>;
  /** What `ws` needs to open `url`: TLS settings, and an agent where there is a proxy. */
  socketOptions(url: string): TlsSettings & { readonly agent?: http.Agent };
  /** Ends idle and running requests. */
  close(): Promise<void>;
}

export function createNetwork({ tls = {}, proxyFor }: NetworkSettings = {}): Network {
  const agents = new Map<string, http.Agent>();

  /** One agent for each proxy, and one for none, with TLS and without: each keeps its connections between requests. */
  function agentFor(url: string): http.Agent {
    const proxy = proxyFor?.(url) ?? '';
    const name = `${String(isSecure(url))} ${proxy}`;
    const known = agents.get(name);
    if (known) return known;
    const made = proxy === '' ? directAgent(url, tls) : proxyAgent(url, proxy, { ...tls, keepAlive: true });
    agents.set(name, made);
    return made;
  }

  return {
    async fetch(url, { body, onLeave, ...request }) {
      const headers = { ...request.headers, 'Accept-Encoding': 'gzip' };
      return answerOf(await exchange(url, { ...request, headers, agent: agentFor(url) }, body, onLeave));
    },
    socketOptions(url) {
      const proxy = proxyFor?.(url);
      return proxy ? { ...tls, agent: proxyAgent(url, proxy, {}) } : tls;
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      return Promise.resolve();
    },
  };
}

function directAgent(url: string, tls: TlsSettings): http.Agent {
  const options = { ...tls, keepAlive: true, timeout: KEPT_IDLE };
  return isSecure(url) ? new https.Agent(options) : new http.Agent(options);
}

/** Throws TypeError where the proxy's URL is none. */
function proxyAgent(url: string, proxy: string, options: https.AgentOptions): http.Agent {
  const all = { ...options, proxy, timeout: PROXY_WITHIN };
  return isSecure(url) ? new HttpsProxyAgent(all) : new HttpProxyAgent(all);
}

/** Sends a request; resolves with the head of its answer, whatever its status. Redirections are not followed. */
function exchange(
  url: string,
  options: https.RequestOptions,
  body: string | Buffer | undefined,
  onLeave: (() => void) | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (isSecure(url) ? https : http).request(url, options, resolve);
    // Also what comes after the answer has begun: it then ends the reading of the body too.
    request.on('error', reject);
    // Not a byte is written before the connection stands, so that it is known what cannot have left.
    request.once('socket', (socket) =>
      whenOpen(socket, request.reusedSocket, () => {
        if (request.destroyed) return;
        onLeave?.();
        request.end(body);
      }),
    );
  });
}

/** Calls `run` once the socket can carry a request: where there is TLS, after its handshake. */
function whenOpen(socket: Socket, isReused: boolean, run: () => void): void {
  if (!isReused && socket instanceof TLSSocket) socket.once('secureConnect', run);
  else if (socket.connecting) socket.once('connect', run);
  else run();
}

function answerOf(message: IncomingMessage): HttpAnswer {
  const { statusCode = 0, headers } = message;
  return {
    status: statusCode,
    headers: {
      get: (name) => {
        const value = headers[name];
        return typeof value === 'string' ? value : null;
      },
    },
    text: () =>
      // Whatever ends one of the two ends the other.
      textOf(headers['content-encoding'] === 'gzip' ? pipeline(message, createGunzip(), () => undefined) : message),
  };
}

/** Ends the reading, and with it the connection, once there is too much. */
async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  let containers = 0;
  for await (const chunk of body) {
    size += chunk.length;
    for (const byte of chunk) if (byte === OPENING_BRACKET || byte === OPENING_BRACE) containers += 1;
    if (size > MAX_ANSWER || containers > MAX_CONTAINERS) throw new AnswerTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;

function isSecure(url: string): boolean {
  return /^(https|wss):/i.test(url);
}
