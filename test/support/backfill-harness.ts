import { ApiError } from '../../src/api/api-error';
import type { ChangedChat, ChangedChatsQuery } from '../../src/api/changed-chats';
import type { Line } from '../../src/api/lines';
import type { ChatAppError } from '../../src/errors';
import type { Item } from '../../src/events';
import { Backfill, isReportedAsLoss, type BackfillTarget } from '../../src/inbox/backfill';
import { chatName } from '../../src/inbox/chats-to-read';
import { FillProgress } from '../../src/inbox/fill-progress';
import type { Gap } from '../../src/inbox/gaps';
import { nameOf } from './errors';
import { FakeClock } from './fake-clock';

export const LINE: Line = { licenseId: '1', messengerType: 'telegram' };
export const OTHER: Line = { licenseId: '2', messengerType: 'max' };
/** How far back messages are fetched, in hours. */
export const HOURS = 24;
export const MINUTE = 60_000;

/** A gap of one hour, a history that a test decides about, and what a backfill makes of both. */
export class BackfillHarness {
  readonly clock = new FakeClock();
  /** The present and the beginning of the gap, in unix seconds. */
  readonly now = Math.floor(this.clock.now() / 1_000);
  readonly from = this.now - 3_600;
  gap: Gap = { from: this.from, chats: new Map(), beganAt: this.clock.monotonic() };
  readonly progress = new FillProgress(this.clock);
  readonly skipped = new Map<string, number>();
  readonly abort = new AbortController();
  /** The chats of each line, or why they cannot be read. */
  readonly lists = new Map<Line, ChangedChat[] | ApiError>();
  /** The pages of each chat by its name, or why they cannot be read. */
  readonly pages = new Map<string, Item[][] | ApiError>();
  /** The chats that are not wanted on the channel. */
  readonly unwanted = new Set<string>();
  /** The account's lines, or why they cannot be read; absent if the channel has only the lines that it is begun with. */
  accountLines: Line[] | ApiError | undefined;
  /** The chats whose live events wait. */
  readonly waiting = new Set<string>();
  /** What happened, oldest first. */
  readonly calls: string[] = [];
  /** Since when each chat was read, in unix seconds. */
  readonly reads = new Map<string, number>();
  readonly losses: ChatAppError[] = [];
  readonly failures: string[] = [];
  successes = 0;
  onDeliver: () => void = () => undefined;
  /** How many chats without a time each list leaves out. */
  omitted = 0;
  /** How many lists were read at a time. */
  maxListing = 0;
  #listing = 0;

  chat(id: string, lastTime = this.now): ChangedChat {
    return { id, lastTime, entry: { id } };
  }

  backfill(...lines: Line[]): Backfill {
    const options = {
      readChats: this.#readChats.bind(this),
      readMessages: this.#readMessages.bind(this),
      serverTime: () => Math.floor(this.clock.now() / 1_000),
      clock: this.clock,
      random: () => 0.5,
      hours: HOURS,
    };
    return new Backfill(this.#target(), this.gap, lines, options, this.abort.signal);
  }

  /** Begins to fill the gap. The result tells whether that is complete. */
  begin(...lines: Line[]): () => boolean {
    let isFilled = false;
    this.backfill(...lines)
      .fill()
      .then(
        () => (isFilled = true),
        // At the end of the test it is aborted.
        () => undefined,
      );
    return () => isFilled;
  }

  /** How often the list of a line was asked for. */
  timesListed(line: Line): number {
    return this.callsOf(`list ${line.messengerType}`).length;
  }

  callsOf(beginning: string): string[] {
    return this.calls.filter((call) => call.startsWith(beginning));
  }

  async *#readChats({ line, since, onOmitted }: ChangedChatsQuery): AsyncGenerator<ChangedChat[]> {
    this.calls.push(`list ${line.messengerType} since ${since - this.from}`);
    this.#listing += 1;
    this.maxListing = Math.max(this.maxListing, this.#listing);
    await Promise.resolve();
    this.#listing -= 1;
    const list = this.lists.get(line) ?? [];
    if (list instanceof ApiError) throw list;
    yield list;
    if (this.omitted > 0) onOmitted?.(this.omitted);
  }

  async *#readMessages({ line, chatId, from }: { line: Line; chatId: string; from: number }): AsyncGenerator<Item[]> {
    const name = chatName(line, chatId);
    this.reads.set(name, from);
    await Promise.resolve();
    const found = this.pages.get(name) ?? [];
    if (found instanceof ApiError) throw found;
    yield* found;
  }

  async #readLines(): Promise<Line[]> {
    this.calls.push('lines');
    await Promise.resolve();
    if (this.accountLines instanceof ApiError) throw this.accountLines;
    return this.accountLines ?? [];
  }

  #target(): BackfillTarget {
    return {
      channel: 'private-v1.companies.1.users.2',
      progress: this.progress,
      onSkipped: (reason, count) => this.skipped.set(reason, (this.skipped.get(reason) ?? 0) + count),
      deliver: (line, items) => {
        this.calls.push(`deliver ${items.map(({ id }) => String(id)).join()} of ${line.messengerType}`);
        this.onDeliver();
        return Promise.resolve(items.length);
      },
      readLines: this.accountLines && (() => this.#readLines()),
      isChatWanted: (name) => !this.unwanted.has(name),
      waitingChats: () => this.waiting,
      onListed: (chats) => this.calls.push(`listed ${[...chats].join()}`),
      onChatRead: (name, until) => {
        this.calls.push(`read ${name}`);
        this.gap.chats.set(name, until);
      },
      onStuck: () => this.calls.push('stuck'),
      // Those that are reported as losses are only shown.
      onRead: (failure) =>
        failure && !isReportedAsLoss(failure) ? this.failures.push(nameOf(failure)) : (this.successes += 1),
      onLoss: (error) => this.losses.push(error),
    };
  }
}
