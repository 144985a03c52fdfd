import type { Timer } from '../clock';
import type { Delivery } from '../inbox/delivery';
import type { Entry } from './lane';
import { Publishing, type PublishingOptions } from './publishing';
import type { Published } from './published';
import type { EventStream } from './stream';

/** How many events are kept at most. */
const MOST_KEPT = 50_000;
/** How long it is counted what was dropped before it is told, in ms. */
const TELL_AFTER = 5_000;

export interface OutboxOptions extends PublishingOptions {
  /** So many events were lost, since more than `limit` waited, or since NATS never takes such. */
  readonly onDropped: (count: number, limit: number) => void;
}

/** What was added between two questions whether all of it is published. */
interface Batch {
  waiting: number;
  readonly asking: { readonly resolve: () => void; readonly reject: (error: Error) => void }[];
}

/**
 * Keeps what this copy heard until it is published: by this copy where it leads, else by another one, and then it is
 * forgotten after a while.
 */
export class Outbox {
  /** The oldest first. */
  readonly #entries = new Map<Entry, Batch>();
  /** What is added goes into this one. */
  #batch: Batch = { waiting: 0, asking: [] };
  /** All of which something waits, the oldest first; the last one is the one above. */
  readonly #batches = [this.#batch];
  /** Present while this copy leads. */
  #publishing: Publishing | undefined;
  #number = 0;
  #dropped = 0;
  /** When the last one that was dropped had come, in ms since the epoch. */
  #lastDropped = 0;
  #tellTimer: Timer | undefined;

  constructor(private readonly options: OutboxOptions) {}

  /** How many events wait. */
  get size(): number {
    return this.#entries.size;
  }

  /** True where something has waited since before this time, in ms since the epoch. */
  hasFrom(before: number): boolean {
    const [oldest] = this.#entries.keys();
    return oldest !== undefined && oldest.delivery.receivedAt < before;
  }

  /** Takes what the feed delivers to a listener. */
  add(listener: string, delivery: Delivery): void {
    this.#number += 1;
    const entry = { listener, delivery, number: this.#number };
    this.#batch.waiting += 1;
    this.#entries.set(entry, this.#batch);
    const [oldest] = this.#entries.size > MOST_KEPT ? this.#entries.keys() : [];
    if (oldest) this.#drop(oldest);
    this.#publishing?.take(entry);
  }

  /**
   * This copy leads from now on: publishes all but what is published already.
   * @param filling the channels whose history is being fetched, since this copy did not hear them all the time: their
   *   live events wait until this settles
   */
  lead(stream: EventStream, published: Published, filling: ReadonlyMap<string, Promise<void>>): void {
    this.standBy();
    this.#publishing = new Publishing(stream, published, filling, this.options, {
      isWaiting: (entry) => this.#entries.has(entry),
      onPublished: (entry) => this.#forget(entry),
      onUnfit: (entry) => this.#drop(entry),
    });
    if (this.#dropped > 0) this.#tellDropped();
    for (const entry of this.#entries.keys()) this.#publishing.take(entry);
  }

  /** Another copy leads, or may: nothing more is published, and what is not safe yet is kept. */
  standBy(): void {
    if (!this.#publishing) return;
    this.#publishing.end();
    this.#publishing = undefined;
    if (this.#dropped > 0) this.#tellDropped();
    for (const { asking } of this.#batches) {
      for (const { reject } of asking.splice(0)) reject(new Error('This copy does not lead any more'));
    }
  }

  /** While another copy leads: forgets what came before this time, in ms since the epoch. */
  prune(before: number): void {
    if (this.#publishing) return;
    for (const entry of this.#entries.keys()) {
      if (entry.delivery.receivedAt >= before) break;
      this.#forget(entry);
    }
    if (this.#lastDropped < before) this.#dropped = 0;
  }

  /** Resolves once all that was added so far is published; rejects where this copy does not lead. */
  settled(): Promise<void> {
    if (!this.#publishing) return Promise.reject(new Error('This copy does not lead'));
    if (this.#entries.size === 0) return Promise.resolve();
    const { asking } = this.#batch;
    this.#batch = { waiting: 0, asking: [] };
    this.#batches.push(this.#batch);
    return new Promise((resolve, reject) => asking.push({ resolve, reject }));
  }

  #forget(entry: Entry): void {
    const batch = this.#entries.get(entry);
    if (!batch) return;
    this.#entries.delete(entry);
    batch.waiting -= 1;
    while (this.#batches.length > 1 && this.#batches[0]?.waiting === 0) {
      for (const { resolve } of this.#batches.shift()?.asking ?? []) resolve();
    }
  }

  #drop(entry: Entry): void {
    this.#forget(entry);
    this.#dropped += 1;
    this.#lastDropped = entry.delivery.receivedAt;
    // One that stands by may well drop what the leader has published.
    if (this.#publishing) this.#tellTimer ??= this.options.clock.after(TELL_AFTER, () => this.#tellDropped());
  }

  #tellDropped(): void {
    this.#tellTimer?.cancel();
    this.#tellTimer = undefined;
    this.options.onDropped(this.#dropped, MOST_KEPT);
    this.#dropped = 0;
  }
}
