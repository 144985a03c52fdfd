import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { isRecord, parseJson, type JsonRecord } from '../../../src/events/json';
import { Accounts } from './accounts';
import { apiOf, chatEntry, type ApiRequest } from './api';
import { Callbacks } from './callbacks';
import { failure, Faults, type Answer } from './faults';
import { History, type Bound, type ChatMessage, type Line } from './history';
import { PusherServer } from './pusher';

/** Requests that are answered in a second; ChatApp refuses more. */
const REQUESTS_PER_SECOND = 50;

/** What is written into a chat. */
export interface Written {
  readonly line: Line;
  readonly chat: string;
  readonly text: string;
  readonly id?: string;
  readonly side?: 'in' | 'out';
  readonly type?: string;
  /** Unix seconds; default: now. */
  readonly time?: number;
  readonly more?: JsonRecord;
  /** `nowhere`: it is in the history alone, as if it had not been announced. */
  readonly to?: 'everyone' | 'nowhere';
}

export interface SeenRequest {
  /** As `GET /v1/licenses?x=y`. */
  readonly line: string;
  readonly status: number;
  /** In ms of the server's clock. */
  readonly at: number;
}

/** An employee's channel; what its role shows is on it. */
export interface Employee {
  readonly companyId: number;
  readonly userId: number;
  readonly sees: (message: ChatMessage) => boolean;
}

/** ChatApp, as strict as the real one is known to be, and as wrong as a test wants it. Made of the public facts alone. */
export class ChatAppServer {
  /** What the server's clock is ahead of this machine's, in ms. */
  ahead = 0;
  readonly accounts = new Accounts(() => this.seconds);
  readonly callbacks = new Callbacks();
  readonly pusher = new PusherServer();
  readonly faults = new Faults();
  readonly employees: Employee[] = [];
  readonly history: History;
  readonly requests: SeenRequest[] = [];
  readonly #api: (request: ApiRequest) => Promise<Answer>;
  readonly #server: Server;
  readonly #streams = new Set<Socket>();
  #lately: number[] = [];

  private constructor(bound: Bound) {
    this.history = new History(bound);
    this.#api = apiOf(this);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('upgrade', (request: IncomingMessage, stream: Socket, head: Buffer) =>
      this.pusher.upgrade(request, stream, head),
    );
    this.#server.on('connection', (stream: Socket) => {
      this.#streams.add(stream);
      stream.on('close', () => this.#streams.delete(stream));
    });
  }

  static async start(bound: Bound = 'inclusive'): Promise<ChatAppServer> {
    const made = new ChatAppServer(bound);
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The server does not listen.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** ms since 1970 by the server's clock. */
  get now(): number {
    return Date.now() + this.ahead;
  }

  get seconds(): number {
    return Math.floor(this.now / 1_000);
  }

  addLine(licenseId: number, messengerType = 'grWhatsApp'): Line {
    const line = { licenseId, messengerType };
    this.history.lines.push(line);
    return line;
  }

  /** Keeps a message and, as a rule, tells everyone of it. */
  write({ line, chat: chatId, text, side = 'in', type = 'text', time = this.seconds, ...rest }: Written): ChatMessage {
    const chat = this.history.chat(line, chatId);
    const internalId = this.history.nextInternalId;
    const id = rest.id ?? `3A${internalId.toString(16).padStart(10, '0')}`;
    const item = {
      id,
      internalId,
      groupId: null,
      fromApi: false,
      fromMe: side === 'out',
      side,
      time,
      type,
      subtype: null,
      message: { text, textLang: null, caption: '', file: null, location: null, template: null, html: '' },
      quotedMessage: null,
      fromUser: null,
      fromApp: null,
      utm: null,
      created: null,
      forwarded: false,
      edited: false,
      ...rest.more,
    };
    const message = { item, id, chat, time, internalId };
    chat.messages.push(message);
    if (rest.to !== 'nowhere') this.announce(message);
    return message;
  }

  /** Changes the text of a message and tells everyone. */
  edit(message: ChatMessage, text: string, to: Written['to'] = 'everyone'): void {
    const content = isRecord(message.item.message) ? message.item.message : {};
    message.item = { ...message.item, edited: true, message: { ...content, text } };
    if (to === 'everyone') this.announce(message);
  }

  /** Tells everyone of a message, as it reads now. */
  announce(message: ChatMessage): void {
    const { item, chat } = message;
    const event = item.type === 'system' ? 'messageSystem' : 'message';
    this.happen(chat.line, event, this.itemOf(message));
    for (const { companyId, userId, sees } of this.employees) {
      if (!sees(message)) continue;
      const data = [this.itemOf(message)];
      const meta = { type: event, ...chat.line, companyId, userId };
      this.pusher.send(`private-v1.companies.${companyId}.users.${userId}`, event, {
        queue: 'x',
        payload: { data, meta },
      });
    }
  }

  /** A message as the socket announces it. */
  itemOf({ item, chat }: ChatMessage): JsonRecord {
    return { ...item, chat: chatEntry(chat) };
  }

  /** Announces a message to the next client that subscribes to the line, right before the subscription is confirmed. */
  announceBeforeConfirming(message: ChatMessage): void {
    const { line } = message.chat;
    this.pusher.beforeConfirming = (channel, send) => {
      if (channel !== channelOf(line)) return;
      this.pusher.beforeConfirming = undefined;
      const meta = { type: 'message', ...line };
      send('message', { queue: 'messengers', payload: { data: [this.itemOf(message)], meta } });
    };
  }

  /** Anything that happens in a line: on its channel, and by its webhook. */
  happen(line: Line, event: string, item: JsonRecord, by: 'socket' | 'webhook' | 'both' = 'both'): void {
    const envelope = { data: [item], meta: { type: event, ...line } };
    if (by !== 'webhook') this.pusher.send(channelOf(line), event, { queue: 'messengers', payload: envelope });
    if (by !== 'socket') void this.callbacks.call(line.licenseId, line.messengerType, event, envelope);
  }

  /** Requests so far whose line matches. */
  asked(pattern: RegExp): readonly SeenRequest[] {
    return this.requests.filter(({ line }) => pattern.test(line));
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const line = `${request.method ?? ''} ${url.pathname}${url.search}`;
    const right = this.#isTooFast() ? failure(429, 'ApiTooManyRequestsError') : await this.#answer(request, url);
    const { status, body, delay, breaks, ahead = 0 } = this.faults.applyTo(right, line);
    this.requests.push({ line, status, at: this.now });
    if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
    if (breaks || response.destroyed) {
      request.socket.destroy();
      return;
    }
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
      date: new Date(this.now + ahead).toUTCString(),
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }

  #isTooFast(): boolean {
    const now = this.now;
    this.#lately = this.#lately.filter((at) => at > now - 1_000);
    if (this.#lately.length >= REQUESTS_PER_SECOND) return true;
    this.#lately.push(now);
    return false;
  }

  async #answer(request: IncomingMessage, url: URL): Promise<Answer> {
    const text = await bodyOf(request);
    const isForm = request.headers['content-type']?.includes('urlencoded') ?? false;
    const { authorization, refresh } = request.headers;
    return this.#api({
      method: request.method ?? '',
      url,
      body: isForm ? new URLSearchParams(text) : parseJson(text),
      token: authorization,
      refreshToken: typeof refresh === 'string' ? refresh : undefined,
    });
  }
}

export function channelOf({ licenseId, messengerType }: Line): string {
  return `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
