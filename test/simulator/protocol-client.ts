import { once } from 'node:events';
import Pusher from 'pusher';
import { WebSocket } from 'ws';
import { isRecord, parseJson } from '../../simulator/json';

/** A Pusher server that cases are run against, be it the simulator or a real one. */
export interface ProtocolServer {
  readonly url: string;
  readonly socketUrl: string;
  readonly appKey: string;
  readonly appId: string;
  readonly secret: string;
  /** The most that one event's data may hold, in bytes. */
  readonly dataLimit: number;
}

/** A bare client that sends what a test gives it and keeps what it receives. */
export class ProtocolClient {
  readonly ws: WebSocket;
  readonly #spy: unknown[] = [];
  #wake: () => void = () => undefined;

  constructor(server: ProtocolServer, path = `/app/${server.appKey}?protocol=7`, tls: { ca?: string } = {}) {
    this.ws = new WebSocket(server.socketUrl + path, tls);
    this.ws.on('message', (data: Buffer) => {
      this.#spy.push(parseJson(data.toString()));
      this.#wake();
    });
    this.ws.on('close', () => this.#wake());
  }

  /** Opens a socket and takes in the greeting; returns the socket's id with it. */
  static async connect(server: ProtocolServer): Promise<{ client: ProtocolClient; socketId: string }> {
    const client = new ProtocolClient(server);
    const greeting = await client.receive();
    const data = isRecord(greeting) && typeof greeting.data === 'string' ? parseJson(greeting.data) : undefined;
    if (!isRecord(data) || typeof data.socket_id !== 'string') throw new Error('The server did not greet');
    return { client, socketId: data.socket_id };
  }

  say(frame: unknown): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The next frame. Rejects where the socket ends before there is one. */
  async receive(): Promise<unknown> {
    while (this.#spy.length === 0) {
      if (this.ws.readyState === WebSocket.CLOSED) throw new Error('The socket ended');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    return this.#spy.shift();
  }

  /** Every frame that comes before the answers to two pings in a row: what silence looks like. */
  async receiveAll(): Promise<unknown[]> {
    const spy: unknown[] = [];
    for (let pongs = 0; pongs < 2; pongs += 1) {
      this.say({ event: 'pusher:ping', data: {} });
      spy.push(...(await this.receiveUntil('pusher:pong')));
    }
    return spy;
  }

  /** Every frame before the next one with that event. */
  async receiveUntil(event: string): Promise<unknown[]> {
    const spy: unknown[] = [];
    for (;;) {
      const frame = await this.receive();
      if (isRecord(frame) && frame.event === event) return spy;
      spy.push(frame);
    }
  }

  async subscribe(server: ProtocolServer, socketId: string, channel: string): Promise<unknown> {
    const { auth } = pusherFor(server).authorizeChannel(socketId, channel);
    this.say({ event: 'pusher:subscribe', data: { channel, auth } });
    return this.receive();
  }

  /** The close code, or undefined where a WebSocket ping is answered instead. */
  async closeCode(): Promise<number | undefined> {
    if (this.ws.readyState === WebSocket.CLOSED) throw new Error('Ask before the socket has ended');
    const closed = once(this.ws, 'close').then(([code]: unknown[]) => Number(code));
    const answered = once(this.ws, 'pong').then(() => undefined);
    if (this.ws.readyState === WebSocket.OPEN) this.ws.ping();
    return Promise.race([closed, answered]);
  }

  end(): void {
    this.ws.terminate();
  }
}

/** The stock server library, pointed at a server. */
export function pusherFor({ url, appId, appKey: key, secret }: ProtocolServer): Pusher {
  const { hostname: host, port } = new URL(url);
  return new Pusher({ appId, key, secret, host, port, useTLS: false });
}

/** Triggers an event with its data as it is (the library itself makes text of an object), and returns the status and what counts of the body. */
export async function trigger(
  server: ProtocolServer,
  event: { readonly name: string; readonly channel: string; readonly data: unknown },
): Promise<Record<string, unknown>> {
  const path = `/apps/${server.appId}/events`;
  const json = JSON.stringify(event);
  const query = pusherFor(server).createSignedQueryString({ method: 'POST', path, body: json });
  const response = await fetch(`${server.url}${path}?${query}`, { method: 'POST', body: json });
  const body = parseJson(await response.text());
  const { ok, code } = isRecord(body) ? body : {};
  return { status: response.status, ...(ok === undefined ? {} : { ok }), ...(code === undefined ? {} : { code }) };
}
