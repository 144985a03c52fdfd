import type { CallbackDispatcher } from './callbacks/dispatcher';
import type { Envelope, MessageItem, MessageToMake, WireOptions } from './contract';
import type { History } from './history/history';
import type { MessageMaker } from './history/message-item';
import { idText, isRecord } from './json';
import type { SocketServer } from './pusher/socket-server';
import { frameData } from './pusher/wire';

interface BroadcasterOptions {
  readonly sockets: SocketServer;
  readonly callbacks: CallbackDispatcher;
  readonly history: History;
  readonly maker: MessageMaker;
  readonly wire: WireOptions;
  readonly changed: () => void;
}

/** Announces events: to the sockets, to webhook addresses and, what is written in chats, to the history. */
export class Broadcaster {
  readonly #rules: BroadcasterOptions;

  constructor(rules: BroadcasterOptions) {
    this.#rules = rules;
  }

  /** Returns how many sockets were reached. */
  announce(channelName: string, event: string, envelope: Envelope, overrides: Partial<WireOptions> = {}): number {
    const { sockets, callbacks, wire, changed } = this.#rules;
    const [, licenseId, messengerType] = /^private-v1\.licenses\.(\d+)\.messengers\.(\w+)$/.exec(channelName) ?? [];
    const isMessenger = licenseId !== undefined && messengerType !== undefined;
    if (isMessenger) this.#remember(licenseId, messengerType, event, envelope);
    const reached = sockets.deliver(channelName, event, frameData(envelope, { ...wire, ...overrides }));
    if (isMessenger) callbacks.take(licenseId, messengerType, event, envelope);
    changed();
    return reached;
  }

  /** Announces on a messenger channel. */
  inMessenger(licenseId: number | string, messengerType: string, event: string, envelope: Envelope): void {
    this.announce(`private-v1.licenses.${licenseId}.messengers.${messengerType}`, event, envelope);
  }

  /** Makes a message and announces it on its messenger channel. */
  message(message: MessageToMake, overrides: Partial<WireOptions> = {}): MessageItem {
    const { item, announce } = this.prepare(message, overrides);
    announce();
    return item;
  }

  /** Makes a message that is announced, and enters the history, when its time has come. */
  prepare(message: MessageToMake, overrides: Partial<WireOptions> = {}): { item: MessageItem; announce: () => void } {
    const { licenseId, messengerType } = message;
    const item = this.#rules.maker.make(message);
    const event = item.type === 'system' ? 'messageSystem' : 'message';
    const envelope = { data: [item], meta: { type: event, licenseId, messengerType } };
    const channelName = `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
    return { item, announce: () => this.announce(channelName, event, envelope, overrides) };
  }

  #remember(licenseId: string, messengerType: string, event: string, { data }: Envelope): void {
    const { history } = this.#rules;
    for (const item of data) {
      if (event === 'message' || event === 'messageSystem') history.keep(licenseId, messengerType, item);
      if (event === 'messageStatus') history.keepStatus(licenseId, messengerType, item);
      if (event === 'messageDestroy') this.#forget(licenseId, messengerType, item);
    }
  }

  #forget(licenseId: string, messengerType: string, item: unknown): void {
    if (!isRecord(item) || !isRecord(item.chat)) return;
    const chatId = idText(item.chat.id);
    const id = idText(item.id);
    if (chatId === undefined || id === undefined) return;
    this.#rules.history.destroy(licenseId, messengerType, chatId, id, Number(item.time));
  }
}
