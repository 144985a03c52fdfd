import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { isRecord, parseJson } from '../../simulator/json';
import { SAMPLES } from '../../src/events';
import { lineAddress, messageFrames } from './frames';

/** How much is written in one go, in bytes. */
const CHUNK = 512 * 1024;
/** How often a steady rate is kept up with, and how long ChatApp takes for an authorisation, in ms. */
const STEP = 5;
const AUTHORISATION_TAKES = 50;
/** ChatApp answers more requests than this within a second with 429. */
const REQUESTS_PER_SECOND = 50;

interface Noted {
  readonly channel: string;
  readonly at: number;
}

/** A small and fast ChatApp in the process of the bench. Subjects are distinguished by the app key of their socket. */
export class Generator {
  /** How many lines the account has. */
  lines = 1;
  /** True: each line has a chat that has changed since. */
  isChanged = false;
  authorised: Noted[] = [];
  subscribed: Noted[] = [];
  /** How many requests came too soon after others. */
  refused = 0;
  readonly events = new EventEmitter<{ subscribed: [key: string, channel: string] }>();
  #server: Server | undefined;
  #port = 0;
  #recent: number[] = [];
  #number = 1;
  readonly #sockets = new Map<string, { readonly socket: WebSocket; readonly stream: Socket }>();

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, after `stop` on the same port. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    sockets.on('connection', (socket, request) => this.#greet(socket, request));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    this.#port = typeof address === 'object' && address ? address.port : 0;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    this.drop();
    server.closeAllConnections();
    await closed;
  }

  /** Ends all sockets. */
  drop(): void {
    for (const { socket } of this.#sockets.values()) socket.terminate();
  }

  /** Resolves when so many channels were subscribed since the lists were emptied. */
  async untilSubscribed(channels: number, within: number): Promise<void> {
    const signal = AbortSignal.timeout(within);
    while (this.subscribed.length < channels) await once(this.events, 'subscribed', { signal });
  }

  forget(): void {
    this.authorised = [];
    this.subscribed = [];
  }

  /** Makes the frames of so many messages, with so many items each. */
  messages(line: number, count: number, items = 1): Buffer[] {
    const frames = messageFrames(line, items)(count, this.#number);
    this.#number += count * items;
    return frames;
  }

  /** Sends frames to a subject as fast as it takes them. */
  async send(key: string, frames: readonly Buffer[]): Promise<void> {
    const { stream } = this.#socketOf(key);
    for (let from = 0; from < frames.length;) {
      let [size, to] = [0, from];
      for (; to < frames.length && size < CHUNK; to += 1) size += frames[to]?.length ?? 0;
      const isTaken = stream.write(Buffer.concat(frames.slice(from, to)));
      from = to;
      if (!isTaken) await once(stream, 'drain');
    }
  }

  /** Sends frames at a steady rate. */
  async pace(key: string, frames: readonly Buffer[], perSecond: number): Promise<void> {
    const { stream } = this.#socketOf(key);
    const begun = performance.now();
    for (let sent = 0; sent < frames.length; await pause(STEP)) {
      const due = Math.min(frames.length, Math.floor(((performance.now() - begun) / 1_000) * perSecond));
      for (; sent < due; sent += 1) stream.write(frames[sent] ?? '');
    }
  }

  #socketOf(key: string): { readonly stream: Socket } {
    const found = this.#sockets.get(key);
    if (!found) throw new Error(`${key} is not connected`);
    return found;
  }

  #greet(socket: WebSocket, { url = '', socket: stream }: IncomingMessage): void {
    const key = /^\/app\/([\w-]+)/.exec(url)?.[1] ?? '';
    this.#sockets.set(key, { socket, stream });
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const frame = parseJson(data.toString());
      if (!isRecord(frame)) return;
      if (frame.event === 'pusher:ping') return socket.send('{"event":"pusher:pong","data":"{}"}');
      const channel = isRecord(frame.data) ? frame.data.channel : undefined;
      if (frame.event !== 'pusher:subscribe' || typeof channel !== 'string') return;
      socket.send(JSON.stringify({ event: 'pusher_internal:subscription_succeeded', channel, data: '{}' }));
      this.subscribed.push({ channel, at: performance.now() });
      this.events.emit('subscribed', key, channel);
    });
    const data = JSON.stringify({ socket_id: `${this.#number++}.1`, activity_timeout: 30 });
    socket.send(JSON.stringify({ event: 'pusher:connection_established', data }));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://generator');
    let body = '';
    for await (const part of request) body += String(part);
    const answer = (status: number, value: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (!this.#mayAsk()) return answer(429, { success: false, error: { code: 'TooManyRequests' } });
    if (pathname === '/broadcasting/auth') {
      const channel = new URLSearchParams(body).get('channel_name') ?? '';
      this.authorised.push({ channel, at: performance.now() });
      await pause(AUTHORISATION_TAKES);
      return answer(200, { auth: 'key:signature' });
    }
    answer(200, { success: true, data: pathname === '/v1/licenses' ? this.#licences() : this.#history(pathname) });
  }

  #mayAsk(): boolean {
    const now = performance.now();
    this.#recent = this.#recent.filter((at) => at > now - 1_000);
    const isAllowed = this.#recent.length < REQUESTS_PER_SECOND;
    if (isAllowed) this.#recent.push(now);
    else this.refused += 1;
    return isAllowed;
  }

  #licences(): object[] {
    return Array.from({ length: this.lines }, (_, number) => {
      const { licenseId, messengerType } = lineAddress(number);
      const messenger = [{ type: messengerType, name: 'WhatsApp' }];
      return { licenseId: Number(licenseId), licenseName: null, messenger };
    });
  }

  #history(path: string): object {
    const [message] = SAMPLES.message;
    const [, line, chat] = /\/licenses\/(\d+)\/.*\/chats(?:\/([^/]+)\/messages)?$/.exec(path) ?? [];
    const time = Math.ceil(Date.now() / 1_000);
    const item =
      chat === undefined ? { id: '77000000001', lastTime: time } : { ...message, id: `missed-${line}`, time };
    return { items: this.isChanged ? [item] : [], nextPage: null };
  }
}
