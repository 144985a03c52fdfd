import type { History, HistoryQuery } from '../../src/api/history';
import type { Item } from '../../src/events';
import type { FeedOptions } from '../../src/cluster/feed/feed';
import { Positions } from '../../src/cluster/feed/positions';
import { silentLog } from '../../src/log';
import { memoryStore, type Store } from '../../src/store';
import { FakeClock } from './fake-clock';
import { FeedStage } from './feed-stage';
import { Heard } from './heard';

const LINE = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;
export const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
export const META = { type: 'message', licenseId: 50101, messengerType: 'telegram' };

/** A line as ChatApp has it: what was written stands in its history, whether anyone heard it or not. */
export class HistoryLine {
  readonly clock = new FakeClock();
  readonly written: Item[] = [];
  readonly queries: HistoryQuery[] = [];
  /** Why the history cannot be read. */
  trouble: Error | undefined;
  /** How many chats the history cuts. */
  cutChats = 0;
  /** What is wrong with what the history brings. */
  problems: Pick<History, 'isIncomplete' | 'refused'> = {};
  /** What the history waits for before it answers. */
  gate: Promise<void> = Promise.resolve();
  stage: FeedStage;

  constructor(
    readonly store: Store = memoryStore(),
    readonly hours = 24,
  ) {
    this.stage = this.start();
  }

  /** Another run of the process, with what the earlier one remembered; `more` takes the place of the usual options. */
  start(more: Partial<FeedOptions> = {}): FeedStage {
    const { clock } = this;
    this.stage = new FeedStage({
      clock,
      hours: this.hours,
      positions: new Positions(this.store, 'positions', clock, silentLog),
      readHistory: (query) => this.#read(query),
      ...more,
    });
    return this.stage;
  }

  /** Somebody writes; who listens hears it at once. */
  write(id: string, more: object = {}): Item {
    const item = { id, time: Math.floor(this.clock.now() / 1_000), side: 'in', chat: { id: 7 }, ...more };
    this.written.push(item);
    return item;
  }

  say(id: string, more: object = {}): void {
    this.announce(this.write(id, more));
  }

  announce(item: Item): void {
    this.stage.feed.onEvent(CHANNEL, 'message', structuredClone({ data: [item], meta: META }));
  }

  async #read(query: HistoryQuery): Promise<History> {
    this.queries.push(query);
    await this.gate;
    if (this.trouble) throw this.trouble;
    const items = this.written.filter(({ time }) => Number(time) > query.since);
    return { items: structuredClone(items), cutChats: this.cutChats, ...this.problems };
  }
}

/** A listener to the line that is known by its id across restarts. */
export const listener = (filter: object = {}): Heard => new Heard(LINE, { id: 'node-1', ...filter });
/** The ids that it was given, in order. */
export const ids = ({ deliveries }: Heard): string[] =>
  deliveries.map(({ item, recovered }) => `${String(item.id)}${recovered ? ' recovered' : ''}`);
