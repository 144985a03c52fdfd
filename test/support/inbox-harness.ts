import type { AccountLine, Line } from '../../src/api/lines';
import type { Timer } from '../../src/clock';
import type { ChatAppError } from '../../src/errors';
import { Deliveries } from '../../src/delivery/deliveries';
import { Inbox, type InboxOptions } from '../../src/inbox/inbox';
import type { Notice } from '../../src/notice';
import { ErrorLog } from '../../src/error-log';
import { EventCounters } from '../../src/event-counters';
import { nameOf } from './errors';
import { FakeClock } from './fake-clock';
import { FakeSocket } from './fake-socket';
import { limitsOf, retentionOf } from './retention';

/** How often the server answers a ping while a socket is open, in ms. */
const PING_EVERY = 15_000;

/**
 * An inbox with a fake socket and API: each `open` is another socket, on which every subscription succeeds and every
 * ping is answered.
 */
export class InboxHarness {
  readonly clock: FakeClock;
  /** The errors of the connection. */
  readonly errors: ChatAppError[] = [];
  /** The account's lines, or why they cannot be read. */
  lines: readonly AccountLine[] | Error | Promise<readonly AccountLine[]> = [];
  /** How often the lines were read. */
  reads = 0;
  /** The channels that were to be authorised, in order. */
  readonly authorised: string[] = [];
  /** Makes the signature; a test may put another in its place. */
  sign: (channel: string, socketId: string) => Promise<string> | string = (channel, socketId) =>
    `${socketId}:${channel}`;
  socket = new FakeSocket('none');

  /** False if the socket is dead, and nobody has noticed it yet. */
  isAnswering = true;
  readonly log: string[] = [];
  /** How often the last listener has left. */
  emptied = 0;
  readonly inbox: Inbox;
  readonly deliveries: Deliveries;
  readonly #hasHistory: boolean;
  #sockets = 0;
  #ping: Timer | undefined;

  /** `more` takes the place of the usual options. */
  readonly counts: EventCounters;
  readonly notices: Notice[] = [];

  constructor(more: Partial<InboxOptions> = {}) {
    const clock = more.clock instanceof FakeClock ? more.clock : new FakeClock();
    this.clock = clock;
    this.counts = new EventCounters(clock);
    const write = (line: string): void => void this.log.push(line);
    const log = { debug: write, info: write, warn: write };
    const options: InboxOptions = {
      authorise: async (socketId, channel) => {
        this.authorised.push(channel);
        return this.sign(channel, socketId);
      },
      readLines: () => this.#readLines(),
      readChats: nothing,
      readMessages: nothing,
      scope: 'connection',
      makeQueue: (subscriber, store) => this.deliveries.open(subscriber, store),
      serverTime: () => clock.now() / 1_000,
      mayRecord: () => true,
      isUnstored: () => false,
      counts: this.counts,
      errors: new ErrorLog(clock),
      onNotice: (notice) => this.notices.push(notice),
      // Most tests are not about missed messages.
      hours: 0,
      retention: retentionOf(clock),
      clock,
      random: () => 0.5,
      log,
      onError: (error) => this.errors.push(error),
      onEmpty: () => (this.emptied += 1),
      ...more,
    };
    this.#hasHistory = options.hours > 0;
    this.deliveries = new Deliveries({
      clock,
      random: () => 0.5,
      log,
      limits: limitsOf(clock, { retention: options.retention }),
      counts: this.counts,
      onNotice: (notice) => this.notices.push(notice),
    });
    this.inbox = new Inbox(options);
  }

  /** The connection's errors as `CODE.reason`. */
  get codes(): string[] {
    return this.errors.map(nameOf);
  }

  /** A socket is open, and all had time to subscribe on it. */
  async open(): Promise<FakeSocket> {
    this.#sockets += 1;
    const socket = new FakeSocket(`${this.#sockets}.1`, (channel) => {
      queueMicrotask(() => this.inbox.onSubscribed(channel));
    });
    this.socket = socket;
    this.inbox.onSocket({ kind: 'connecting' });
    this.inbox.onSocket({ kind: 'open', socket });
    this.#pingLater();
    await this.clock.settle();
    return socket;
  }

  /** The socket is closed. */
  drop(): void {
    this.stopPings();
    this.inbox.onSocket({ kind: 'waiting', nextTry: this.clock.now() + 500 });
  }

  /** As at the end of a run. */
  stopPings(): void {
    this.#ping?.cancel();
    this.#ping = undefined;
  }

  /** Without a history, nobody asks until when events were received. */
  #pingLater(): void {
    this.stopPings();
    if (!this.#hasHistory) return;
    this.#ping = this.clock.after(PING_EVERY, () => {
      if (this.isAnswering) this.inbox.onAlive(this.clock.monotonic());
      this.#pingLater();
    });
  }

  async #readLines(): Promise<AccountLine[]> {
    this.reads += 1;
    // An inbox that reads without a pause would never let the test go on.
    if (this.reads > 1_000) return new Promise<never>(() => undefined);
    const lines = await this.lines;
    if (lines instanceof Error) throw lines;
    return [...lines];
  }
}

/** The channel of a line. */
export function lineChannel({ licenseId, messengerType }: Line): string {
  return `private-v1.licenses.${licenseId}.messengers.${messengerType}`;
}

/** A list of the API that is empty. */
async function* nothing(): AsyncGenerator<never[]> {
  yield await Promise.resolve([]);
}
