import type { KvWatchEntry } from '@nats-io/kv';
import type { Clock, Timer } from '../clock';
import { within } from '../deadline';
import { runInBackground, type Log } from '../log';
import { isConflict } from './failure';
import { KvWatch } from './kv-watch';
import type { ReadyNats } from './nats-client';

const KEY = 'leader';

/** How often the leader renews the lease, in ms. */
const RENEW_EVERY = 450;
/** How long it leads after it has sent the last renewal that was confirmed, in ms. */
const TERM = 1_400;
/** The lease is void after this time without a renewal, in ms: long after its term has ended. */
const VOID_AFTER = 2_000;
/** By how much this differs between instances, in ms, so that they do not all try at once. */
const SPREAD = 200;
const ANSWER_WITHIN = 600;
const RETRY_AFTER = 100;
const CHECK_EVERY = 250;

export interface LeaseOptions {
  /** The id of this run. */
  readonly instance: string;
  /** False while this instance receives nothing from ChatApp: then it leaves the lease to others. */
  readonly mayLead: () => boolean;
  /** How much longer this instance leaves a void lease to others, in ms. */
  readonly takeoverDelay: () => number;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly onLead: () => void;
  readonly onStandby: () => void;
}

/**
 * At most one instance leads at a time: the one whose id is in the bucket. A write succeeds only if nobody else has written
 * since this instance looked. All durations are of the own monotonic clock: no clocks of two machines are compared.
 */
export class Lease {
  readonly #watch: KvWatch;
  /** Whose id is in the bucket, empty for nobody's; `undefined` if that has to be read. */
  #holder: string | undefined;
  #revision = 0;
  /** When the revision was first seen, and after how long without another one the lease is void. In ms (monotonic). */
  #seenAt = -Infinity;
  #voidAfter = VOID_AFTER;
  /** When the last confirmed renewal was sent, and until when this instance leads. In ms (monotonic). */
  #sentAt = -Infinity;
  #until = -Infinity;
  #isReported = false;
  #isReleased = false;
  #timer: Timer | undefined;
  #endTimer: Timer | undefined;
  #turn: Promise<void> | undefined;

  constructor(
    private readonly nats: Pick<ReadyNats, 'kv'>,
    private readonly options: LeaseOptions,
  ) {
    const { clock, log } = options;
    this.#watch = new KvWatch(nats.kv, { key: KEY, clock, log, onEntry: (entry) => this.#onEntry(entry) });
  }

  /** By the monotonic clock, however late timers and answers are. */
  get leads(): boolean {
    return !this.#isReleased && this.options.clock.monotonic() < this.#until;
  }

  /** Whose id is in the bucket; `undefined` if it is nobody's, or not known. */
  get holder(): string | undefined {
    return this.#holder === '' ? undefined : this.#holder;
  }

  start(): void {
    this.#watch.start();
    this.#schedule(0);
  }

  /** Lets another instance lead, which takes over at once. Nothing is called any more. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#timer?.cancel();
    this.#endTimer?.cancel();
    this.#watch.stop();
    await this.#turn;
    if (this.#holder !== this.options.instance) return;
    await this.#put('').catch(() => this.options.log.debug('The lease was not released'));
  }

  #schedule(wait: number): void {
    if (this.#isReleased || this.#turn) return;
    this.#timer?.cancel();
    this.#timer = this.options.clock.after(wait, () => {
      this.#turn = this.#takeTurn().then((next) => {
        this.#turn = undefined;
        this.#schedule(next);
      });
      runInBackground(this.#turn, this.options.log, 'Renewing the lease');
    });
  }

  /** Returns after how many ms the next one is due. */
  async #takeTurn(): Promise<number> {
    const { instance, clock } = this.options;
    try {
      if (this.#holder === undefined) await this.#read();
      const isOurs = this.#holder === instance;
      if (isOurs && !this.options.mayLead()) await this.#giveUp();
      else if (isOurs || (this.#isVoid && this.options.mayLead())) await this.#renew();
    } catch (error) {
      // What came of a write without an answer is not known: the bucket decides.
      this.#holder = undefined;
      // Another instance has written and the watch has not shown it: the watch may be dead.
      if (isConflict(error)) this.#watch.reopen();
      return RETRY_AFTER;
    }
    const now = clock.monotonic();
    if (this.#holder === instance) return Math.max(0, this.#sentAt + RENEW_EVERY - now);
    const untilVoid = this.#seenAt + this.#waitsFor - now;
    // It was released in the meantime.
    if (this.#holder === '' && this.options.mayLead()) return Math.max(this.#jitter(), untilVoid);
    return untilVoid > 0 ? Math.min(CHECK_EVERY, untilVoid) : CHECK_EVERY;
  }

  get #isVoid(): boolean {
    return this.options.clock.monotonic() - this.#seenAt >= this.#waitsFor;
  }

  /** How long after the last change this instance may take the lease, in ms. */
  get #waitsFor(): number {
    return (this.#holder === '' ? 0 : this.#voidAfter) + this.options.takeoverDelay();
  }

  async #renew(): Promise<void> {
    const { instance, clock, log, onLead } = this.options;
    const sentAt = clock.monotonic();
    await this.#put(instance);
    this.#sentAt = sentAt;
    // A term that was over is reported, also if nobody else led meanwhile: others may have relied on it.
    this.#end();
    this.#until = sentAt + TERM;
    if (!this.leads) return;
    this.#watchEnd();
    if (this.#isReported) return;
    this.#isReported = true;
    log.debug('This instance leads');
    onLead();
  }

  async #giveUp(): Promise<void> {
    this.#until = -Infinity;
    this.#end();
    await this.#put('');
  }

  async #put(holder: string): Promise<void> {
    const revision = await this.nats.kv.put(KEY, holder, { previousSeq: this.#revision, timeout: ANSWER_WITHIN });
    this.#see(holder, revision);
  }

  async #read(): Promise<void> {
    const entry = await within(this.options.clock, ANSWER_WITHIN, this.nats.kv.get(KEY));
    // Without an entry, the bucket is new, or was made again.
    if (!entry) this.#revision = 0;
    this.#see(entry?.string() ?? '', entry?.revision ?? 0);
  }

  #onEntry(entry: KvWatchEntry): void {
    if (this.#isReleased || entry.revision <= this.#revision) return;
    const holder = entry.string();
    // The own write, whose answer has not arrived yet.
    if (holder === this.options.instance && this.#turn) return;
    this.#see(holder, entry.revision);
    if (holder === '') this.#schedule(this.#jitter() + this.options.takeoverDelay());
  }

  #jitter(): number {
    return this.options.random() * RETRY_AFTER;
  }

  #see(holder: string, revision: number): void {
    this.#holder = holder;
    if (holder !== this.options.instance) {
      this.#until = -Infinity;
      this.#end();
    }
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#seenAt = this.options.clock.monotonic();
    this.#voidAfter = VOID_AFTER + this.options.random() * SPREAD;
  }

  #watchEnd(): void {
    const { clock } = this.options;
    this.#endTimer?.cancel();
    this.#endTimer = clock.after(Math.ceil(this.#until - clock.monotonic()), () => {
      if (this.leads) this.#watchEnd();
      else this.#end();
    });
  }

  #end(): void {
    if (this.leads || !this.#isReported || this.#isReleased) return;
    this.#isReported = false;
    this.options.log.debug('This instance does not lead any more');
    this.options.onStandby();
  }
}
