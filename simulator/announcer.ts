import type { Envelope, MessageItem, MessageToMake, WireOptions } from './contract';
import type { History } from './history/history';
import type { MessageMaker } from './history/message-item';
import { idText, isRecord } from './json';
import type { SocketServer } from './pusher/socket-server';
import { frameData } from './pusher/wire';

/** Announces events: to the sockets and, what is written in chats, to the history. */
export class Announcer {
  readonly #sockets: SocketServer;
  readonly #history: History;
  readonly #maker: MessageMaker;
  readonly #wire: WireOptions;
  readonly #changed: () => void;

  constructor(sockets: SocketServer, history: History, maker: MessageMaker, wire: WireOptions, changed: () => void) {
    this.#sockets = sockets;
    this.#history = history;
    this.#maker = maker;
    this.#wire = wire;
    this.#changed = changed;
  }

  /** Returns how many sockets were reached. */
  announce(channelName: string, event: string, envelope: Envelope, overrides: Partial<WireOptions> = {}): number {
    this.#remember(channelName, event, envelope);
    const data = frameData(envelope, { ...this.#wire, ...overrides });
    const reached = this.#sockets.deliver(channelName, event, data);
    this.#changed();
    return reached;
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
    const item = this.#maker.make(message);
    const event = item.type === 'system' ? 'messageSystem' : 'message';
    const envelope = { data: [item], meta: { type: event, licenseId, messengerType } };
    const channelName = `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
    return { item, announce: () => this.announce(channelName, event, envelope, overrides) };
  }

  #remember(channelName: string, event: string, envelope: Envelope): void {
    const [, licenseId, messengerType] = /^private-v1\.licenses\.(\d+)\.messengers\.(\w+)$/.exec(channelName) ?? [];
    if (licenseId === undefined || messengerType === undefined) return;
    for (const item of envelope.data) {
      if (event === 'message' || event === 'messageSystem') this.#history.keep(licenseId, messengerType, item);
      if (event === 'messageDestroy') this.#forget(licenseId, messengerType, item);
    }
  }

  #forget(licenseId: string, messengerType: string, item: unknown): void {
    if (!isRecord(item) || !isRecord(item.chat)) return;
    const chatId = idText(item.chat.id);
    const id = idText(item.id);
    if (chatId === undefined || id === undefined) return;
    this.#history.destroy(licenseId, messengerType, chatId, id, Number(item.time));
  }
}
