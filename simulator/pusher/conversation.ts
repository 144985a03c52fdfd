import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Packets } from '../faults/contract';
import { PacketWriter } from '../faults/packets';
import { isRecord, parseJson } from '../json';
import { isChannelAuth, type PusherApp } from './signature';
import type { Dialect, Frame } from './style';

export interface ConversationRules {
  readonly app: PusherApp;
  readonly dialect: Dialect;
  /** In s. */
  readonly activityTimeout: number;
  readonly now: () => number;
  readonly onFrame: (frame: { socketId: string; event: string; channel?: string; at: number }) => void;
}

/** What one client and the server say to each other over one socket. */
export class Conversation {
  /** Two numbers with a dot between, never the same twice. */
  readonly socketId = `${randomInt(1e9)}.${randomInt(1e9)}`;
  readonly channels = new Set<string>();
  /** When the client last sent a `pusher:ping`, or came; in ms since the epoch. */
  lastPing: number;
  readonly #ws: WebSocket;
  readonly #packetWriter: PacketWriter;
  readonly #rules: ConversationRules;

  /** `socket` is the one below `ws`. */
  constructor(ws: WebSocket, socket: Duplex, rules: ConversationRules) {
    this.#ws = ws;
    this.#packetWriter = new PacketWriter(socket);
    this.#rules = rules;
    this.lastPing = rules.now();
    ws.on('message', (data) => this.#receive(data));
    const established = { socket_id: this.socketId, activity_timeout: rules.activityTimeout };
    this.say({ event: 'pusher:connection_established', data: JSON.stringify(established) });
  }

  say(frame: Frame): void {
    this.send(this.#rules.dialect.encode(frame));
  }

  /** Sends text or bytes as they are; `packets` says in which packets, if it matters. */
  send(frame: string | Buffer, packets?: Packets): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (packets) this.#packetWriter.write(frame, packets);
    else this.#ws.send(frame);
  }

  /** Sends bytes that need not be a frame. */
  sendBytes(bytes: Buffer): void {
    this.#packetWriter.writeBytes(bytes);
  }

  /** Ends the socket in the middle of a frame. */
  breakOff(): void {
    const channel = [...this.channels][0] ?? 'private-v1.users.1';
    const { dialect } = this.#rules;
    this.#packetWriter.breakOff(dialect.encode(dialect.event(channel, 'message', '{"data":[],"meta":{}}')));
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }

  /** Ends the socket: with a close frame of `code`, or without a word. */
  end(code?: number): void {
    if (code === undefined) return this.#ws.terminate();
    this.#ws.close(code);
    // A client that does not answer the close frame must not keep the socket.
    setTimeout(() => this.#ws.terminate(), 500).unref();
  }

  #receive(raw: RawData): void {
    const frame = parseJson(textOf(raw));
    const said = isRecord(frame) ? frame : {};
    const data = isRecord(said.data) ? said.data : {};
    const event = typeof said.event === 'string' ? said.event : '';
    const channel = typeof data.channel === 'string' ? data.channel : undefined;
    this.#act(event, channel, data.auth);
    const at = this.#rules.now();
    this.#rules.onFrame({ socketId: this.socketId, event, at, ...(channel === undefined ? {} : { channel }) });
  }

  /** Whatever is not listed here is met with silence. */
  #act(event: string, channel: string | undefined, auth: unknown): void {
    if (event === 'pusher:ping') {
      this.lastPing = this.#rules.now();
      this.say(this.#rules.dialect.pong);
    } else if (event === 'pusher:subscribe' && channel !== undefined) {
      this.#subscribe(channel, auth);
    } else if (event === 'pusher:unsubscribe' && channel !== undefined) {
      this.channels.delete(channel);
    }
  }

  #subscribe(channel: string, auth: unknown): void {
    const { app, dialect } = this.#rules;
    const isOpen = !/^(private|presence)-/.test(channel);
    if (!isOpen && !isChannelAuth(app, this.socketId, channel, auth)) return this.say(dialect.refused(channel));
    this.channels.add(channel);
    this.say({ event: 'pusher_internal:subscription_succeeded', channel });
  }
}

function textOf(raw: RawData): string {
  if (Array.isArray(raw)) return Buffer.concat(raw).toString();
  return Buffer.isBuffer(raw) ? raw.toString() : Buffer.from(raw).toString();
}
