import { randomUUID } from 'node:crypto';
import { pause, type Clock } from '../clock';
import { ChatAppError } from '../errors';
import type { Feed } from './feed/feed';
import type { Stop } from '../inbox/listener';
import { runInBackground, type Log } from '../log';
import type { Status } from '../status';
import { Backlog } from './backlog';
import { removeConsumers } from './consumers';
import type { ReadyEngine } from './engine';
import { Lease } from './lease';
import { Outbox } from './outbox';
import { eventStream } from './stream';
import { readTail } from './tail';
import type { Wish } from './wish';
import { Wishes } from './wishes';

/** How long a copy that stands by keeps what it heard, in ms: the one that leads may not have published it. */
const KEEPS = 15_000;
/** How much earlier than its last sign the copy that led may have stopped publishing, in ms. */
const MARGIN = 2_500;
/** After how long without a socket a copy lets another one lead, in ms: most outages are over by then. */
const DEAF_AFTER = 5_000;
/** How much longer a copy waits to take over where it has not heard everything, in ms: another one may have. */
const HANDICAP = 1_500;
/** What has waited to be published for so long, in ms, is late: copies that stand by keep it meanwhile. */
const LATE = 1_000;
/** How soon a take-over that failed is tried again, in ms; how often with all that was published since the positions. */
const AGAIN = 500;
const LONG_TRIES = 3;

/** Who is told what, by listener. */
export interface MembershipTold {
  /** This copy leads, or does so no more. */
  onRole(): void;
  onStatus(listener: string, status: Status): void;
  /** Whether this copy has the listener. */
  has(listener: string): boolean;
  onError(listener: string, error: ChatAppError): void;
  /** So many of the listener's events wait for a flow. */
  onBacklog(listener: string, count: number): void;
  /** Somebody listens: the socket has to be there. */
  onWanted(): void;
  /** Whether it is. */
  isConnected(): boolean;
}

export interface MembershipOptions extends MembershipTold {
  /** Until when the positions tell what was published, by the clock of NATS. */
  readonly savedAt: () => Promise<Date | undefined>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * This copy as one of several. It hears what any of them wants. The one that leads publishes what it hears; the others
 * keep the last seconds of it, and one of them takes over where the first is gone.
 */
export class Membership {
  readonly wishes: Wishes;
  readonly #lease: Lease;
  readonly #outbox: Outbox;
  readonly #backlog: Backlog;
  /** What the feed listens to on behalf of any copy, by listener. */
  readonly #heard = new Map<string, Stop>();
  /** True from when the positions of the copy before are being taken over. */
  #leads = false;
  /** When this copy was last seen to have a socket, in ms since the epoch. */
  #heardAt = -Infinity;
  /** True from when all that was kept before is about to be published. */
  #isTakenOver = false;
  /** Counts the changes of role: what an earlier one has begun is given up. */
  #turn = 0;

  constructor(
    readonly engine: ReadyEngine,
    private readonly feed: Feed,
    private readonly options: MembershipOptions,
  ) {
    const { clock, random, log } = options;
    const copy = randomUUID();
    this.#lease = new Lease(engine.bucket, {
      copy,
      clock,
      random,
      log,
      mayLead: () => this.#hears,
      handicap: (lastSign) => (lastSign === undefined || feed.isWhole(heardBy(lastSign)) ? 0 : HANDICAP),
      onLead: (lastSign) => this.#lead(lastSign),
      onStandBy: () => this.#standBy(),
      onSign: () => this.#outbox.prune(clock.now() - KEEPS),
      lags: () => !this.#isTakenOver || !feed.isWhole() || this.#outbox.hasFrom(clock.now() - LATE),
    });
    this.#outbox = new Outbox({
      copy,
      names: engine.names,
      mayPublish: () => this.#lease.leads,
      clock,
      random,
      log,
      onDropped: (count, limit) => this.#tellAll(ChatAppError.of('RECOVERY_FAILED', 'unkept', { count, limit })),
    });
    this.wishes = new Wishes(engine.bucket, { clock, log, onChange: (id, wish) => this.#onWish(id, wish) });
    this.#backlog = new Backlog(engine, {
      clock,
      log,
      onBacklog: (id, count) => options.onBacklog(id, count),
      has: (id) => options.has(id),
      onError: (id, error) => options.onError(id, error),
    });
  }

  /** True for the copy that publishes, and fetches what all have missed. */
  get leads(): boolean {
    return this.#leads && this.#lease.leads;
  }

  begin(): void {
    this.wishes.start();
    this.#lease.start();
    this.#backlog.start();
  }

  /** Resolves once all that was heard so far is published; rejects where this copy does not lead. */
  settled(): Promise<void> {
    return this.#outbox.settled();
  }

  /** Another copy's positions are in force: this one has lost its lead without knowing. */
  overtaken(): void {
    this.#standBy();
    // Or nobody would lead as long as the lease is ours.
    if (this.#lease.leads) this.#lead(undefined);
  }

  /** Leaves the others alone: one of them takes over at once. */
  async end(): Promise<void> {
    await this.wishes.stop();
    this.#backlog.stop();
    for (const stop of this.#heard.values()) stop();
    this.#heard.clear();
    this.#standBy();
    await this.#lease.release();
  }

  #lead(lastSign: number | undefined): void {
    runInBackground(this.#takeOver(lastSign), this.options.log, 'Taking over');
  }

  async #takeOver(lastSign: number | undefined): Promise<void> {
    const turn = ++this.#turn;
    const { engine, feed, options } = this;
    const isCurrent = (): boolean => turn === this.#turn && this.#lease.leads;
    for (let tries = 0; isCurrent(); tries += 1) {
      try {
        // Doubles are better than nothing at all, where there is too much to be read in time.
        const savedAt = tries < LONG_TRIES ? await options.savedAt() : new Date();
        const published = await readTail(engine, options.clock, savedAt);
        if (!isCurrent()) return;
        this.#leads = true;
        const filling = await feed.takeOver(heardBy(lastSign));
        if (!isCurrent()) return;
        this.#outbox.lead(eventStream(engine), published, filling);
        this.#isTakenOver = true;
        options.log.info('This copy receives from now on');
        return options.onRole();
      } catch (error) {
        const name = error instanceof Error ? error.name : 'error';
        options.log.warn(`Taking over failed, it is tried again: ${name}`);
        await pause(options.clock, AGAIN);
      }
    }
  }

  /** Another copy may hear what this one does not. */
  get #hears(): boolean {
    const now = this.options.clock.now();
    if (this.options.isConnected()) this.#heardAt = now;
    return now - this.#heardAt < DEAF_AFTER;
  }

  #standBy(): void {
    this.#turn += 1;
    const didLead = this.#leads;
    this.#leads = false;
    this.#isTakenOver = false;
    this.#outbox.standBy();
    if (!didLead) return;
    this.feed.standBy();
    this.options.log.info('This copy stands by from now on');
    this.options.onRole();
  }

  /** A listener's wish is new or another one; or nobody has the listener any more. */
  #onWish(id: string, wish: Wish | undefined): void {
    const before = this.#heard.get(id);
    if (!wish) {
      before?.('forGood');
      this.#heard.delete(id);
      if (this.leads) removeConsumers(this.engine, id).catch(() => undefined);
      return;
    }
    before?.('restarting');
    try {
      const stop = this.feed.add({
        ...wish,
        id,
        onItem: (delivery) => this.#outbox.add(id, delivery),
        onStatus: (status) => this.options.onStatus(id, status),
        onError: (error) => this.#onFeedError(id, error),
      });
      this.#heard.set(id, stop);
      this.options.onWanted();
    } catch (error) {
      // Copies with another version of this package may know other channels.
      const name = error instanceof Error ? error.name : 'error';
      this.options.log.warn(`What the listener ${id} of another copy wants is not usable: ${name}`);
    }
  }

  /** Each copy has its own subscriptions; what concerns the events themselves only the one that leads knows. */
  #onFeedError(id: string, error: ChatAppError): void {
    if (this.leads || error.code === 'CHANNEL_REFUSED') this.#tell(id, error);
  }

  #tellAll(error: ChatAppError): void {
    for (const id of this.#heard.keys()) this.#tell(id, error);
  }

  /** While flows are being changed, this copy may hear for a listener that only others have. */
  #tell(id: string, error: ChatAppError): void {
    if (this.options.has(id)) this.options.onError(id, error);
    else this.options.log.warn(`For the listener ${id} of another copy: ${error.message}`);
  }
}

/** Since when all that was heard is certain to be published, or kept by those who heard it. */
function heardBy(lastSign: number | undefined): number {
  return lastSign === undefined ? -Infinity : lastSign - MARGIN;
}
