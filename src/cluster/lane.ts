import { pause, type Clock } from '../clock';
import type { Delivery } from '../inbox/delivery';
import { runInBackground, type Log } from '../log';
import { retryDelay } from '../retry-delay';
import type { EventStream } from './stream';
import { encode, type Mark } from './wire';

/** The waits between tries, in ms. */
const FIRST_RETRY = 100;
const LONGEST_RETRY = 2_000;

export interface LaneOptions {
  /** The name of this copy. */
  readonly copy: string;
  /** Whether this copy leads at this very moment. */
  readonly mayPublish: () => boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** A delivery that waits to be published. */
export interface Entry {
  readonly listener: string;
  readonly delivery: Delivery;
  /** Its own on this copy. */
  readonly number: number;
}

/** Who is told what becomes of an entry. */
export interface LaneOwner {
  /** Whether it still waits. */
  isWaiting(entry: Entry): boolean;
  onPublished(entry: Entry): void;
  /** It never can be: it is too large, or nested too deeply. */
  onUnfit(entry: Entry): void;
}

/** Publishes what belongs on one subject, in order: each once the one before is safe. */
export class Lane {
  #waiting: { readonly entry: Entry; readonly mark: Mark }[] = [];
  #isRunning = false;
  /** The number of the subject's newest message, 0 where it has none; `undefined` where that must be asked. */
  #newest: number | undefined;

  constructor(
    private readonly subject: string,
    private readonly stream: EventStream,
    private readonly options: LaneOptions,
    private readonly owner: LaneOwner,
    /** Aborted when this copy leads no more. */
    private readonly signal: AbortSignal,
  ) {}

  add(entry: Entry, mark: Mark): void {
    this.#waiting.push({ entry, mark });
    if (!this.#isRunning) runInBackground(this.#run(), this.options.log, 'Publishing events');
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0 && !this.signal.aborted) {
      // What is added meanwhile comes after these: to take each off the front would be slow where many wait.
      const batch = this.#waiting;
      this.#waiting = [];
      for (const { entry, mark } of batch) await this.#publish(entry, mark);
    }
    this.#isRunning = false;
  }

  /** Tries until it is published, or not to be any more. Never rejects. */
  async #publish(entry: Entry, mark: Mark): Promise<void> {
    const { clock, random, log } = this.options;
    for (let tries = 0; !this.signal.aborted && this.owner.isWaiting(entry); tries += 1) {
      try {
        if (await this.#try(entry, mark)) return this.owner.onPublished(entry);
      } catch (error) {
        if (error instanceof RangeError) return this.owner.onUnfit(entry);
        if (tries === 0) log.debug(`Publishing an event of ${mark.channel} failed, it is tried again`);
        // It may have come through all the same: then it is the newest message.
        this.#newest = undefined;
      }
      await pause(clock, retryDelay(tries, FIRST_RETRY, LONGEST_RETRY, random), this.signal).catch(() => undefined);
    }
  }

  /** True once it is published. */
  async #try(entry: Entry, mark: Mark): Promise<boolean> {
    const { mayPublish } = this.options;
    const { subject } = this;
    const id = this.#idOf(entry, mark);
    if (!mayPublish()) return false;
    if (this.#newest === undefined) {
      const newest = await this.stream.newest(subject);
      this.#newest = newest?.seq ?? 0;
      if (newest?.id === id) return true;
      if (this.signal.aborted || !mayPublish()) return false;
    }
    const bytes = encode(entry.delivery);
    this.#newest = await this.stream.publish({ subject, id, mark, bytes }, this.#newest);
    return true;
  }

  /** The same on all copies where the item has a key. */
  #idOf({ number }: Entry, { channel, id, edit }: Mark): string {
    return edit === undefined ? `${this.options.copy}.${number}` : `${this.subject} ${channel} ${id}.${edit}`;
  }
}
