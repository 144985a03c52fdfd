import { performance } from 'node:perf_hooks';
import type { KV } from 'nats';
import type { Clock, Timer } from '../clock';
import { within } from '../deadline';
import type { Log } from '../log';
import { changeCell, readCell } from './cell';

/** How often the copy that leads says so, in ms. */
const RENEW_EVERY = 400;
/** It leads for so long after it has sent the last renewal that came through, in ms. */
const TERM = 1_400;
/** Others take over when they have seen no renewal for so long, in ms: later by far than the term's end. */
const TAKE_AFTER = 1_800;
/** By how much this differs between copies, in ms, so that they do not all try at once. */
const SPREAD = 200;
/** How long a copy waits to see whether it was the only one that took over, in ms. */
const CONFIRM_AFTER = 400;
const LOOK_EVERY = 250;
const TRY_AGAIN = 100;
const ANSWER_WITHIN = 600;
/** Between two turns, in ms. */
const LEAST_WAIT = 50;

const KEY = 'lease';
/** Stands after the name of a copy that lags behind. */
const LAGS = ' lags';

export interface LeaseOptions {
  /** This copy's name; no other one, and no earlier run, has the same. */
  readonly copy: string;
  readonly clock: Clock;
  /** Milliseconds that nobody can set; default: the process's own. */
  readonly steady?: () => number;
  readonly random: () => number;
  readonly log: Log;
  /** Whether this copy hears what it is to lead in; absent: always. One that does not leaves the lease to others. */
  readonly mayLead?: () => boolean;
  /** How much longer than others this copy is to wait, in ms; `lastSign` as below. */
  readonly handicap?: (lastSign: number | undefined) => number;
  /**
   * This copy leads. `lastSign`: when another one was last seen to, and to lag behind in nothing, by `clock`;
   * `undefined` where none was.
   */
  readonly onLead: (lastSign: number | undefined) => void;
  readonly onStandBy: () => void;
  /** Another copy was just seen to lead, and it lags behind in nothing. */
  readonly onSign: () => void;
  /** Whether this copy, which leads, lags behind: if it is gone now, others need all that they have kept since before. */
  readonly lags?: () => boolean;
}

/** A write that may begin a term: when it was answered, and until when it has to be confirmed. */
interface Claim {
  readonly revision: number;
  readonly at: number;
  readonly until: number;
}

/**
 * At most one copy leads at a time: the one whose name is in the bucket. The name is only changed by a copy that knows
 * what was there before. No clock of one copy is compared with that of another.
 *
 * Of several that try at once one should win. But servers that keep the bucket together check what a copy knows before
 * they agree on the order, and may so accept what several write in the same moment. So a copy leads only once it has
 * written twice: the second time fails for all but the last.
 */
export class Lease {
  /** What was last seen in the bucket; `undefined` before the first look. */
  #revision: number | undefined;
  /** Whose name is there, empty for nobody's; `undefined` where that has to be looked up. */
  #holder: string | undefined;
  /** When that was first seen, and after how long without a change it is void. Like all times below by `steady`. */
  #seenAt = 0;
  #voidAfter = TAKE_AFTER;
  #lastSign: number | undefined;
  /** Until when this copy leads. */
  #until = -Infinity;
  /** When the last write that came through was sent. */
  #sentAt = 0;
  #claim: Claim | undefined;
  #toldToLead = false;
  #released = false;
  #timer: Timer | undefined;
  #endTimer: Timer | undefined;
  #turn: Promise<void> = Promise.resolve();
  readonly #now: () => number;

  constructor(
    private readonly bucket: Pick<KV, 'get' | 'put'>,
    private readonly options: LeaseOptions,
  ) {
    this.#now = options.steady ?? (() => performance.now());
  }

  /** By the time, whatever timers and answers are late. */
  get leads(): boolean {
    return !this.#released && this.#now() < this.#until;
  }

  start(): void {
    this.#turn = this.#takeTurn();
  }

  /** Lets another copy lead, which then takes over at once. Nothing is told any more. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    this.#timer?.cancel();
    this.#endTimer?.cancel();
    await this.#turn;
    if (this.#holder !== this.options.copy) return;
    await this.#answered(this.#write('')).catch(() => this.options.log.debug('The lease was not given back'));
  }

  async #takeTurn(): Promise<void> {
    const { copy } = this.options;
    let wait = LOOK_EVERY;
    try {
      if (this.#holder !== copy) await this.#look();
      const voidAfter = this.#holder === '' ? 0 : this.#voidAfter;
      const handicap = this.options.handicap?.(this.#lastSign) ?? 0;
      const isVoid = this.#now() - this.#seenAt >= voidAfter + handicap;
      const mayLead = this.options.mayLead?.() ?? true;
      if (!this.#released && mayLead && (this.#holder === copy || isVoid)) await this.#renewOrLook();
      else if (!mayLead && this.#holder === copy) await this.#giveUp();
      if (mayLead) wait = this.#nextTurn();
    } catch {
      // Nobody knows what came of a write that was not answered: what is in the bucket decides.
      this.#holder = undefined;
      wait = TRY_AGAIN;
    }
    if (this.#released) return;
    this.#timer = this.options.clock.after(wait, () => this.start());
  }

  async #giveUp(): Promise<void> {
    this.#giveWay();
    this.#holder = undefined;
    await this.#answered(this.#write(''));
  }

  #nextTurn(): number {
    const isOurs = this.#holder === this.options.copy;
    const ours = this.#claim ? this.#claim.at + CONFIRM_AFTER : this.#sentAt + RENEW_EVERY;
    const theirs = Math.min(this.#now() + LOOK_EVERY, this.#seenAt + this.#voidAfter);
    return Math.max(LEAST_WAIT, Math.ceil((isOurs ? ours : theirs) - this.#now()));
  }

  async #look(): Promise<void> {
    const { copy, clock, random, onSign } = this.options;
    const { bytes, revision } = await this.#answered(readCell(this.bucket, KEY));
    const [holder = '', ...rest] = Buffer.from(bytes).toString().split(LAGS);
    // What is seen first may be from long ago. That the lease was given up, maybe by this copy, is no sign of a lead.
    const isAnothers = holder !== copy && holder !== '';
    const isSign = this.#revision !== undefined && revision !== this.#revision && isAnothers;
    this.#holder = holder;
    if (holder !== copy) this.#giveWay();
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#seenAt = this.#now();
    this.#voidAfter = TAKE_AFTER + random() * SPREAD;
    if (!isSign || rest.length > 0 || this.#released) return;
    this.#lastSign = clock.now();
    onSign();
  }

  async #renewOrLook(): Promise<void> {
    const { copy, lags } = this.options;
    const sentAt = this.#now();
    const claim = this.#claim;
    const isConfirmation = claim?.revision === this.#revision && sentAt - (claim?.at ?? sentAt) >= CONFIRM_AFTER;
    const confirmed = isConfirmation ? claim : undefined;
    const renewed = this.#write(lags?.() ? `${copy}${LAGS}` : copy).then((revision) => {
      if (revision !== undefined) this.#wrote(revision, sentAt, confirmed);
      return revision;
    });
    // An answer that comes later than this still counts, but by when it was asked.
    const revision = await this.#answered(renewed);
    this.#holder = revision === undefined ? undefined : copy;
    if (revision === undefined) await this.#look();
  }

  async #write(holder: string): Promise<number | undefined> {
    return changeCell(this.bucket, KEY, holder, this.#revision ?? 0);
  }

  /**
   * What we wrote is in the bucket. That makes a term where it is known before the last one is over, or before the claim
   * that it confirms is: so early nobody else has taken over.
   */
  #wrote(revision: number, sentAt: number, confirmed: Claim | undefined): void {
    const { log, onLead } = this.options;
    if (this.#released || revision <= (this.#revision ?? 0)) return;
    this.#revision = revision;
    this.#seenAt = this.#now();
    this.#sentAt = sentAt;
    // A term that was over has to be told, even where nobody else led meanwhile: others may have relied on it.
    this.#end();
    const inTime = confirmed && confirmed === this.#claim ? confirmed.until : this.#until;
    if (this.#now() < inTime) this.#until = Math.max(this.#until, sentAt + TERM);
    this.#claim = this.leads ? undefined : { revision, at: this.#now(), until: sentAt + TERM };
    if (!this.leads) return;
    this.#watchEnd();
    if (this.#toldToLead) return;
    this.#toldToLead = true;
    log.debug('This copy holds the lease');
    onLead(this.#lastSign);
  }

  #giveWay(): void {
    this.#until = -Infinity;
    this.#claim = undefined;
    this.#end();
  }

  #watchEnd(): void {
    this.#endTimer?.cancel();
    this.#endTimer = this.options.clock.after(Math.ceil(this.#until - this.#now()), () => {
      if (this.leads) this.#watchEnd();
      else this.#end();
    });
  }

  #end(): void {
    if (this.leads || !this.#toldToLead || this.#released) return;
    this.#toldToLead = false;
    this.options.log.debug('This copy has lost the lease');
    this.options.onStandBy();
  }

  #answered<T>(question: Promise<T>): Promise<T> {
    return within(this.options.clock, ANSWER_WITHIN, question);
  }
}
