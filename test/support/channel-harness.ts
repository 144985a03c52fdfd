import { ErrorReporter } from '../../src/channels/error-reporter';
import { ChatAppError } from '../../src/errors';
import type { Item } from '../../src/events';
import { Channel, type ChannelOptions } from '../../src/inbox/channel';
import { BurstLimiter } from '../../src/inbox/burst-limiter';
import { CrossSourceDeduplicator } from '../../src/inbox/cross-source-deduplicator';
import { GapIncidents } from '../../src/inbox/gap-incidents';
import { Gaps } from '../../src/inbox/gaps';
import type { Notice } from '../../src/notice';
import type { PendingEvent } from '../../src/inbox/pending-event';
import { SeenChats } from '../../src/inbox/seen-chats';
import { Subscriber } from '../../src/inbox/subscriber';
import { Unsecured } from '../../src/inbox/unsecured';
import { silentLog } from '../../src/log';
import { EventCounters } from '../../src/event-counters';
import { Deduplicating } from './deduplicating';
import { nameOf } from './errors';
import { FakePendingStore } from './fake-pending-store';
import { fakeQueue } from './fake-queue';
import { FakeSocket } from './fake-socket';
import { envelope, LINE, message } from './inbox-line';

const NO_STORE = {
  saved: () => new Map<string, unknown>(),
  savedValue: () => undefined,
  put: () => Promise.resolve(true),
};

/** A channel with a history that the test writes. */
export class ChannelHarness {
  readonly #dedup = new Deduplicating();
  readonly clock = this.#dedup.clock;
  readonly delivered: string[] = [];
  readonly errors: string[] = [];
  readonly stored: Subscriber[] = [];
  /** What was shown of a backfill. */
  readonly shown: (number | undefined)[] = [];
  readonly notices: Notice[] = [];
  readonly incidents = new GapIncidents(this.clock, (notice) => this.notices.push(notice));
  readonly gaps = new Gaps({
    incidents: this.incidents,
    store: NO_STORE,
    serverTime: () => this.now,
    knownTime: () => (this.mayRecord ? this.now : undefined),
    clock: this.clock,
    log: silentLog,
  });
  /** False before the API's first answer. */
  mayRecord = true;
  history: Item[] = [];
  looks = 0;
  /** The history answers after it. */
  gate: Promise<void> = Promise.resolve();
  isBroken = false;
  readonly channel: Channel;

  constructor(options: Partial<ChannelOptions> = {}) {
    const { clock, gaps } = this;
    this.channel = new Channel(LINE, {
      clock,
      gaps,
      deduplicator: this.#dedup.deduplicator,
      crossSource: new CrossSourceDeduplicator(clock),
      store: new FakePendingStore(),
      unsecured: new Unsecured(clock),
      counts: new EventCounters(clock),
      bursts: new BurstLimiter(() => Promise.resolve()),
      onSecured: () => undefined,
      seenChats: new SeenChats({ store: NO_STORE, clock, log: silentLog }),
      accountLines: () => Promise.resolve([]),
      readChats: () => this.#chats(),
      readMessages: ({ from }) => this.#messages(from),
      serverTime: () => this.now,
      mayRecord: () => this.mayRecord,
      random: () => 0.5,
      hours: 24,
      log: silentLog,
      authorise: () => Promise.resolve('signature'),
      reporter: new ErrorReporter(clock, () => undefined),
      hasWebhooks: true,
      onSubscriber: (subscriber) => this.stored.push(subscriber),
      onState: ({ recovered }) => this.shown.at(-1) !== recovered && this.shown.push(recovered),
      ...options,
    });
  }

  /** ChatApp's time, in unix seconds. */
  get now(): number {
    return Math.floor(this.clock.now() / 1_000);
  }

  listen(): Subscriber {
    const add = ({ delivery, onSecured }: PendingEvent): void => {
      this.delivered.push(String(delivery?.item.id));
      onSecured?.();
    };
    const listener = {
      channel: { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
      events: ['message'],
      direction: 'any',
      onItem: () => undefined,
      onStatus: () => undefined,
      onError: (error: ChatAppError) => this.errors.push(nameOf(error)),
    } as const;
    const subscriber = new Subscriber(listener, fakeQueue(add));
    this.channel.add(subscriber);
    return subscriber;
  }

  /** The socket opens, and the server confirms the subscription. */
  async subscribe(): Promise<void> {
    this.channel.open(new FakeSocket('1.1'));
    await this.clock.settle();
    this.channel.confirm();
    await this.clock.settle();
  }

  missed(id: string, time = this.now): void {
    this.history.push({ id, time, chat: { id: 7 } });
  }

  receive(id: string, chat = 7): void {
    const data = envelope(message(id, { chat: { id: chat } }));
    this.channel.inbox.receive('message', data, 'socket', this.channel.mayComeByWebhook);
  }

  get hasGap(): boolean {
    return this.gaps.get(LINE) !== undefined;
  }

  async *#chats(): ReturnType<ChannelOptions['readChats']> {
    this.looks += 1;
    await this.gate;
    if (this.isBroken) throw ChatAppError.of('API_FAILED', 'unreachable', { host: 'ChatApp', status: '' });
    yield [{ id: '7', lastTime: this.now, entry: {} }];
  }

  async *#messages(from: number): ReturnType<ChannelOptions['readMessages']> {
    await this.gate;
    yield this.history.filter(({ time }) => Number(time) >= from);
  }
}
