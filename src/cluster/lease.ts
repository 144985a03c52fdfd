import { performance } from 'node:perf_hooks';
import type { KV } from 'nats';
import type { Clock, Timer } from '../clock';
import { within } from '../deadline';
import type { Log } from '../log';
import { changeCell, readCell } from './cell';

/** How often the copy that leads says so, in ms. */
const RENEW_EVERY = 750;
/** It leads for so long after it has sent the last renewal that came through, in ms. */
const TERM = 2_000;
/** Others take over when they have seen no renewal for so long, in ms: later by far than the term's end. */
const TAKE_AFTER = 3_000;
/** By how much this differs between copies, in ms, so that they do not all try at once. */
const SPREAD = 250;
const LOOK_EVERY = 500;
const TRY_AGAIN = 200;
const ANSWER_WITHIN = 1_000;

const KEY = 'lease';

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
  /** This copy leads. `lastSign`: when another one was last seen to, by `clock`; `undefined` where none was. */
  readonly onLead: (lastSign: number | undefined) => void;
  readonly onStandBy: () => void;
  /** Another copy was just seen to lead. */
  readonly onSign: () => void;
}

/**
 * At most one copy leads at a time: the one whose name is in the bucket. The name is only changed by a copy that knows
 * what was there before, so that one of several that try wins. No clock of one copy is compared with that of another.
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
  #sentAt = 0;
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
      const isVoid = this.#holder === '' || this.#now() - this.#seenAt >= this.#voidAfter;
      const mayLead = this.options.mayLead?.() ?? true;
      if (!this.#released && mayLead && (this.#holder === copy || isVoid)) await this.#renew();
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
    this.#until = -Infinity;
    this.#end();
    this.#holder = undefined;
    await this.#answered(this.#write(''));
  }

  #nextTurn(): number {
    const isOurs = this.#holder === this.options.copy;
    if (isOurs) return Math.max(0, this.#sentAt + RENEW_EVERY - this.#now());
    return Math.min(LOOK_EVERY, Math.max(0, this.#seenAt + this.#voidAfter - this.#now()));
  }

  async #look(): Promise<void> {
    const { copy, clock, random, onSign } = this.options;
    const { bytes, revision } = await this.#answered(readCell(this.bucket, KEY));
    const holder = Buffer.from(bytes).toString();
    // What is seen first may be from long ago.
    const isSign = this.#revision !== undefined && revision !== this.#revision && holder !== copy;
    this.#holder = holder;
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#seenAt = this.#now();
    this.#voidAfter = TAKE_AFTER + random() * SPREAD;
    if (!isSign || this.#released) return;
    this.#lastSign = clock.now();
    onSign();
  }

  async #renew(): Promise<void> {
    const { copy } = this.options;
    const sentAt = this.#now();
    this.#sentAt = sentAt;
    const renewed = this.#write(copy).then((revision) => {
      if (revision !== undefined) this.#lead(revision, sentAt + TERM);
      return revision;
    });
    // An answer that comes later than this still counts, but by when it was asked.
    if ((await this.#answered(renewed)) === undefined) throw new Error('another copy was faster');
    this.#holder = copy;
  }

  async #write(holder: string): Promise<number | undefined> {
    return changeCell(this.bucket, KEY, holder, this.#revision ?? 0);
  }

  /** What we wrote is in the bucket, and nobody has written since what we knew before. */
  #lead(revision: number, until: number): void {
    const { log, onLead } = this.options;
    if (this.#released || revision <= (this.#revision ?? 0)) return;
    this.#revision = revision;
    this.#seenAt = this.#now();
    // A term that was over has to be told, even where nobody else led meanwhile: others may have relied on it.
    this.#end();
    this.#until = Math.max(this.#until, until);
    if (!this.leads) return;
    this.#watchEnd();
    if (this.#toldToLead) return;
    this.#toldToLead = true;
    log.debug('This copy holds the lease');
    onLead(this.#lastSign);
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
