import { createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { isRecord, parseJson } from '../../../src/events/json';
import { Changes } from '../../support/changes';

export const APP_KEY = 'ChatsAppApiProdKey';
const APP_SECRET = 'a secret of the server';

interface Client {
  readonly id: string;
  readonly socket: WebSocket;
  readonly channels: Set<string>;
}

/** The Pusher protocol as Laravel WebSockets speaks it. */
export class PusherServer {
  /** Upgrades are answered with this status, or the stream is cut (`down`). */
  refuses: number | 'down' | undefined;
  /** Nothing is read and nothing is sent, though connections stay open. */
  isFrozen = false;
  /** New connections get `pusher:error` with this code, and are closed with it. */
  refusesWith: number | undefined;
  /** Runs before a subscription is confirmed; what it sends on the channel arrives first. */
  beforeConfirming: ((channel: string, send: (event: string, data: unknown) => void) => void) | undefined;
  /** Subscriptions in their order, of all connections. */
  readonly subscribed: string[] = [];
  /** Connections so far. */
  connections = 0;
  readonly #clients = new Set<Client>();
  readonly #closed = new Changes();
  readonly #upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  get sockets(): number {
    return this.#clients.size;
  }

  /** Resolves once no connection is left. */
  untilClosed(): Promise<void> {
    return this.#closed.until(
      () => this.sockets === 0,
      () => this.sockets,
    );
  }

  isSubscribed(channel: string): boolean {
    return [...this.#clients].some(({ channels }) => channels.has(channel));
  }

  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy());
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (this.refuses === 'down') stream.destroy();
    else if (this.refuses !== undefined || !pathname.startsWith('/app/')) {
      stream.end(`HTTP/1.1 ${this.refuses ?? 404} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    } else this.#upgrader.handleUpgrade(request, stream, head, (socket) => this.#welcome(socket, pathname));
  }

  /** Sends an event to all subscribers, as one text with the escapes of PHP. */
  send(channel: string, event: string, data: unknown): void {
    if (this.isFrozen) return;
    const frame = eventFrame(channel, event, data);
    for (const { channels, socket } of this.#clients) if (channels.has(channel)) socket.send(frame);
  }

  /** Sends text frames as they are to all clients. */
  sendRaw(text: string): void {
    for (const { socket } of this.#clients) socket.send(text);
  }

  /** Closes every connection with `code`; without one, the connections break. */
  drop(code?: number): void {
    for (const { socket } of this.#clients) {
      if (code === undefined) socket.terminate();
      else socket.close(code);
    }
  }

  #welcome(socket: WebSocket, pathname: string): void {
    this.connections += 1;
    const id = `${this.connections}.${1_000_000 + this.connections}`;
    const client: Client = { id, socket, channels: new Set() };
    socket.on('error', () => socket.terminate());
    const code = pathname === `/app/${APP_KEY}` ? this.refusesWith : 4001;
    if (code !== undefined) {
      socket.send(JSON.stringify({ event: 'pusher:error', data: { message: `Refused (${code})`, code } }));
      socket.close(code);
      return;
    }
    this.#clients.add(client);
    socket.on('close', () => {
      this.#clients.delete(client);
      this.#closed.happened();
    });
    socket.on('message', (frame: Buffer) => this.#onFrame(client, frame.toString()));
    const data = JSON.stringify({ socket_id: id, activity_timeout: 30 });
    socket.send(JSON.stringify({ event: 'pusher:connection_established', data }));
  }

  #onFrame({ id, socket, channels }: Client, text: string): void {
    const frame = parseJson(text);
    if (!isRecord(frame) || this.isFrozen) return;
    const data = isRecord(frame.data) ? frame.data : {};
    const channel = String(data.channel);
    if (frame.event === 'pusher:ping') socket.send('{"event":"pusher:pong"}');
    if (frame.event === 'pusher:unsubscribe') channels.delete(channel);
    if (frame.event !== 'pusher:subscribe') return;
    if (data.auth !== signature(id, channel)) {
      socket.send(JSON.stringify({ event: 'pusher:error', data: { message: 'Invalid Signature', code: 4009 } }));
      return;
    }
    this.subscribed.push(channel);
    this.beforeConfirming?.(channel, (event, item) => socket.send(eventFrame(channel, event, item)));
    channels.add(channel);
    socket.send(JSON.stringify({ event: 'pusher_internal:subscription_succeeded', channel }));
  }
}

/** What `/broadcasting/auth` answers. */
export function signature(socketId: string, channel: string): string {
  return `${APP_KEY}:${createHmac('sha256', APP_SECRET).update(`${socketId}:${channel}`).digest('hex')}`;
}

function eventFrame(channel: string, event: string, data: unknown): string {
  const php = JSON.stringify(data)
    .replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\//g, '\\/');
  return JSON.stringify({ event, channel, data: php });
}
