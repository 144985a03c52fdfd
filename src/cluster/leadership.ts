import { pause, type Clock } from '../clock';
import { OVERLAP } from '../inbox/gaps';
import type { Inbox } from '../inbox/inbox';
import { isRecord } from '../events/json';
import { runInBackground, type Log } from '../log';
import { retried } from '../retry-delay';
import type { Follower } from './follower';
import type { KvRecords } from './kv-records';
import type { Outbox } from './outbox';

/** How soon a takeover that has failed is tried again, in ms. */
const RETRY_AFTER = 500;
/** How often a standby looks until when the leader has received, in ms. */
const PRUNE_EVERY = 5_000;
/** By how much ChatApp's time may differ as two instances know it, in s. */
const TIME_TOLERANCE = 5;
/** What was published so long ago, in s, a standby has forgotten: it is read again if a gap reaches back to it. */
const REMEMBERED = 20 * 60;

export interface LeadershipOptions {
  readonly inbox: Pick<Inbox, 'resume' | 'pause'>;
  readonly outbox: Pick<Outbox, 'lead' | 'stepDown' | 'prune' | 'size'>;
  readonly follower: Pick<Follower, 'start' | 'catchUp' | 'readEarlier' | 'publishedUntil'>;
  readonly records: Pick<KvRecords, 'entries' | 'values'>;
  /** True while this instance has the lease. */
  readonly hasLease: () => boolean;
  /** ChatApp's time in unix seconds; `undefined` while it is not known. */
  readonly serverTime: () => number | undefined;
  /** `isLeading` has changed. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What this instance does as the leader of the cluster, and as a standby. */
export class Leadership {
  /** Numbers the changes of role: what an earlier one has begun is given up. */
  #round = 0;
  #isRecording = false;
  #takingOver: Promise<void> = Promise.resolve();
  readonly #end = new AbortController();

  constructor(private readonly options: LeadershipOptions) {}

  /** True while this instance records and publishes what is received. */
  get isLeading(): boolean {
    return this.#isRecording && this.options.hasLease();
  }

  /** Follows the other instances from now on, as a standby at first. Resolves when it can take over. */
  async start(): Promise<void> {
    await this.#retried(async () => this.options.follower.start(await this.#neededSince()));
    runInBackground(this.#pruneRegularly(), this.options.log, 'Forgetting what was published');
  }

  /** This instance has got the lease. */
  lead(): void {
    this.#round += 1;
    const round = this.#round;
    // One after the other: each reads the records again.
    this.#takingOver = this.#takingOver.then(() => this.#takeOver(round));
    runInBackground(this.#takingOver, this.options.log, 'Taking over');
  }

  /** What this instance knows of the records is outdated: it reads them again if it still has the lease. */
  overtaken(): void {
    this.stepDown();
    if (this.options.hasLease()) this.lead();
  }

  /** This instance has lost the lease, or another one has written in its place. */
  stepDown(): void {
    this.#round += 1;
    if (!this.#isRecording) return;
    this.#isRecording = false;
    this.options.inbox.pause();
    this.options.outbox.stepDown();
    this.options.onChange();
  }

  stop(): void {
    this.#end.abort(new Error('stopped'));
    this.stepDown();
  }

  async #takeOver(round: number): Promise<void> {
    const { inbox, outbox, follower, serverTime, onChange, log } = this.options;
    const isOver = (): boolean => round !== this.#round;
    await this.#retried(async () => {
      if (isOver()) return;
      await follower.catchUp();
      const since = await this.#neededSince();
      if (since !== undefined && since < (serverTime() ?? 0) - REMEMBERED) await follower.readEarlier(since);
      if (isOver()) return;
      this.#isRecording = true;
      await inbox.resume(follower.publishedUntil);
      if (isOver()) {
        // `stepDown` was called before the inbox had resumed.
        inbox.pause();
        return;
      }
      outbox.lead();
      log.info('This instance leads the cluster');
      onChange();
    });
  }

  /** From when on the leader may fetch messages that were published already, by ChatApp's clock in unix seconds. */
  async #neededSince(): Promise<number | undefined> {
    const times: number[] = [];
    for await (const { record } of this.options.records.entries()) {
      const { name, value } = record;
      if (name === 'received' && typeof value === 'number') times.push(value - OVERLAP);
      const from = typeof name === 'string' && name.startsWith('gap/') && isRecord(value) ? value.from : undefined;
      if (typeof from === 'number') times.push(from);
    }
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  async #pruneRegularly(): Promise<void> {
    const { clock, outbox, follower, records } = this.options;
    const { signal } = this.#end;
    while (!signal.aborted) {
      await pause(clock, PRUNE_EVERY, signal).catch(() => undefined);
      // Mostly, all was seen in the stream.
      if (this.#isRecording || outbox.size === 0) continue;
      const values = await records.values().catch(() => undefined);
      if (!values) continue;
      const received = values.get('received');
      const until = Math.max(follower.publishedUntil, typeof received === 'number' ? received : 0);
      // What is missing in a gap, and what waits for it, is not published yet.
      const missing = [...values].flatMap(([name, gap]) =>
        name.startsWith('gap/') && isRecord(gap) && typeof gap.from === 'number' ? [gap.from + OVERLAP] : [],
      );
      outbox.prune(Math.min(until, ...missing) - TIME_TOLERANCE);
    }
  }

  /** Until it works, or this has ended. What is wrong with NATS is reported by its client. */
  #retried(attempt: () => Promise<void>): Promise<void> {
    const { signal } = this.#end;
    return retried(attempt, RETRY_AFTER, this.options.clock, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
