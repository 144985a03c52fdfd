import type { AccountLine } from '../../src/api/lines';
import type { ChatAppError } from '../../src/errors';
import { Feed, type FeedOptions } from '../../src/cluster/feed/feed';
import { Positions } from '../../src/cluster/feed/positions';
import { memoryStore } from '../../src/store';
import { nameOf } from './errors';
import { FakeClock } from './fake-clock';
import { FakeSocket } from './fake-socket';

/** A feed with its surroundings: each `open` is another socket, on which every subscription succeeds. */
export class FeedStage {
  readonly clock: FakeClock;
  /** What was told as the connection's trouble. */
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

  readonly log: string[] = [];
  /** How often the last listener has gone. */
  emptied = 0;
  readonly feed: Feed;
  #sockets = 0;

  /** `more` takes the place of what a test wants otherwise. */
  constructor(more: Partial<FeedOptions> = {}) {
    const clock = more.clock instanceof FakeClock ? more.clock : new FakeClock();
    this.clock = clock;
    const write = (line: string): void => void this.log.push(line);
    const log = { debug: write, info: write, warn: write };
    const options: FeedOptions = {
      authorise: async (socketId, channel) => {
        this.authorised.push(channel);
        return this.sign(channel, socketId);
      },
      readLines: () => this.#readLines(),
      readHistory: () => Promise.resolve({ items: [], cutChats: 0 }),
      positions: new Positions(memoryStore(), 'positions', clock, log),
      serverTime: () => clock.now() / 1_000,
      // Missed messages are another test's matter.
      hours: 0,
      clock,
      random: () => 0.5,
      log,
      onError: (error) => this.errors.push(error),
      ...more,
    };
    this.feed = new Feed(options, () => (this.emptied += 1));
  }

  /** The connection's errors as `CODE.reason`. */
  get codes(): string[] {
    return this.errors.map(nameOf);
  }

  /** There is a socket, and everybody has had time to use it. */
  async open(): Promise<FakeSocket> {
    this.#sockets += 1;
    const socket = new FakeSocket(`${this.#sockets}.1`, (channel) => {
      queueMicrotask(() => this.feed.onSubscribed(channel));
    });
    this.socket = socket;
    this.feed.onSocket({ kind: 'connecting' });
    this.feed.onSocket({ kind: 'open', socket });
    await this.clock.settle();
    return socket;
  }

  /** The socket is gone. */
  drop(): void {
    this.feed.onSocket({ kind: 'waiting', nextTry: this.clock.now() + 500 });
  }

  async #readLines(): Promise<AccountLine[]> {
    this.reads += 1;
    // A feed that reads without a pause would never let the test go on.
    if (this.reads > 1_000) return new Promise<never>(() => undefined);
    const lines = await this.lines;
    if (lines instanceof Error) throw lines;
    return [...lines];
  }
}
