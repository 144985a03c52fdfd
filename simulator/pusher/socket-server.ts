import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Packets } from '../faults/contract';
import type { RequestLog } from '../request-log';
import { Conversation, type ConversationRules } from './conversation';

interface SocketServerRules extends Omit<ConversationRules, 'onFrame'> {
  readonly requestLog: RequestLog;
  /** In ms. */
  readonly silentUnsubscribeAfter: number | undefined;
}

/** The Pusher side of the simulator: who is connected, and who gets what. */
export class SocketServer {
  /** How frames are cut or joined on their way; undefined: not at all. */
  packets: Packets | undefined;
  /** How many times each event is sent. */
  times = 1;
  readonly #rules: SocketServerRules;
  readonly #upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1024 * 1024 });
  readonly #conversations = new Set<Conversation>();
  readonly #unidentified = new Set<WebSocket>();
  readonly #sweep: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];
  #frozen = false;

  constructor(rules: SocketServerRules) {
    this.#rules = rules;
    const { silentUnsubscribeAfter } = rules;
    if (silentUnsubscribeAfter !== undefined) {
      this.#sweep = setInterval(() => this.#forgetTheSilent(), Math.max(10, silentUnsubscribeAfter / 4)).unref();
    }
  }

  get open(): number {
    return this.#conversations.size;
  }

  /** Answers a request for an upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const key = /^\/app\/([^/?]+)\/?(?:\?|$)/.exec(request.url ?? '')?.[1];
    socket.on('error', () => socket.destroy());
    if (key === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
      return;
    }
    const go = (): void => this.#upgrader.handleUpgrade(request, socket, head, (ws) => this.#welcome(ws, socket, key));
    if (this.#frozen) this.#waiting.push(go);
    else go();
  }

  /** Sends one event to the subscribers of a channel, less `exceptSocketId`; returns how many there were. */
  deliver(channelName: string, event: string, data: unknown, exceptSocketId?: string): number {
    this.#forgetTheSilent();
    if (this.#frozen) return 0;
    const { dialect } = this.#rules;
    const frame = dialect.encode(dialect.event(channelName, event, data));
    const reached = [...this.#conversations].filter(
      ({ channels, socketId }) => channels.has(channelName) && socketId !== exceptSocketId,
    );
    for (const conversation of reached) {
      for (let time = 0; time < this.times; time += 1) conversation.send(frame, this.packets);
    }
    return reached.length;
  }

  sendRaw(frame: string | Buffer): number {
    if (this.#frozen) return 0;
    for (const conversation of this.#conversations) conversation.send(frame, this.packets);
    return this.#conversations.size;
  }

  sendBytes(bytes: Buffer): number {
    for (const conversation of this.#conversations) conversation.sendBytes(bytes);
    return this.#conversations.size;
  }

  subscriptions(channelName: string): number {
    this.#forgetTheSilent();
    return [...this.#conversations].filter(({ channels }) => channels.has(channelName)).length;
  }

  /** Ends every socket and returns how many. They count as gone at once. */
  dropAll(code?: number): number {
    const dropped = [...this.#conversations];
    this.#conversations.clear();
    for (const conversation of dropped) {
      conversation.resume();
      conversation.end(code);
    }
    for (const socket of this.#unidentified) socket.terminate();
    this.#rules.requestLog.changed();
    return dropped.length;
  }

  /** Ends every socket in the middle of a frame and returns how many. They count as gone at once. */
  breakOff(): number {
    const broken = [...this.#conversations];
    this.#conversations.clear();
    for (const conversation of broken) conversation.breakOff();
    this.#rules.requestLog.changed();
    return broken.length;
  }

  freeze(): void {
    this.#frozen = true;
    for (const conversation of this.#conversations) conversation.pause();
  }

  thaw(): void {
    this.#frozen = false;
    for (const conversation of this.#conversations) conversation.resume();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  close(): void {
    clearInterval(this.#sweep);
    this.dropAll();
  }

  #welcome(ws: WebSocket, socket: Duplex, key: string): void {
    const { app, dialect, requestLog } = this.#rules;
    requestLog.connections += 1;
    ws.on('error', () => ws.terminate());
    if (decodeURIComponentOrNot(key) !== app.key) {
      this.#turnAway(ws, key);
      requestLog.changed();
      return;
    }
    const conversation = new Conversation(ws, socket, {
      ...this.#rules,
      dialect,
      onFrame: (frame) => requestLog.frame(frame),
    });
    this.#conversations.add(conversation);
    ws.on('close', () => {
      if (this.#conversations.delete(conversation)) requestLog.changed();
    });
    requestLog.changed();
  }

  #turnAway(ws: WebSocket, key: string): void {
    const { dialect } = this.#rules;
    this.#unidentified.add(ws);
    ws.on('close', () => this.#unidentified.delete(ws));
    ws.send(dialect.encode(dialect.unknownApp(key)));
    if (dialect.unknownAppCloses !== undefined) ws.close(dialect.unknownAppCloses);
  }

  #forgetTheSilent(): void {
    const { silentUnsubscribeAfter, now, requestLog } = this.#rules;
    if (silentUnsubscribeAfter === undefined) return;
    for (const { channels, lastPing } of this.#conversations) {
      if (channels.size === 0 || now() - lastPing <= silentUnsubscribeAfter) continue;
      channels.clear();
      requestLog.changed();
    }
  }
}

function decodeURIComponentOrNot(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
