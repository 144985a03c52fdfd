import type { Clock, Timer } from '../clock';
import type { PendingStore } from '../inbox/pending-event';
import { runInBackground, type Log } from '../log';
import type { DropEntries } from './limited-entries';
import { statusIn } from './outcome';
import type { Entry, PendingChats } from './pending-chats';
import type { PendingLimits } from './pending-limits';
import { MAX_ATTEMPTS } from './redelivery-delay';

/** What has waited so long is stored, in ms: most deploys are over by then. */
const STORE_AFTER = 1_000;
/** How many are stored together: turning them into text must not block the event loop. */
const BATCH = 250;

export interface StoreWriterOptions {
  readonly subscriber: string;
  readonly store: PendingStore;
  readonly chats: PendingChats;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: PendingLimits;
  /** For entries that wait too long, or are the oldest of too many. */
  readonly drop: DropEntries;
}

/** Stores the events that wait in memory for more than a second, and removes from the store what waits no more. */
export class StoreWriter {
  /** What is in memory only, in order. */
  #unstored = new Set<Entry>();
  #timer: Timer | undefined;
  #storing: Promise<void> = Promise.resolve();
  #isRefused = false;
  #isClosed = false;

  constructor(private readonly options: StoreWriterOptions) {}

  /** This entry waits, behind all others. */
  add(entry: Entry): void {
    if (entry.since === 0) entry.since = this.options.clock.monotonic();
    if (entry.event.sequence !== undefined) return this.#countStored(entry, entry.event.sequence);
    this.#unstored.add(entry);
    this.#storeLater();
    if (this.#isRefused) this.#countUnstored(entry);
  }

  /** These entries wait, before all others. */
  addFirst(entries: readonly Entry[]): void {
    const others = this.#unstored;
    this.#unstored = new Set();
    for (const entry of [...entries, ...others]) this.add(entry);
  }

  /** This entry does not wait now. */
  delete(entry: Entry): void {
    this.#unstored.delete(entry);
    this.#uncount(entry);
  }

  /** This entry was delivered, acknowledged or dropped. */
  release(entry: Entry): void {
    const { sequence } = entry.event;
    entry.isOver = true;
    this.delete(entry);
    if (sequence !== undefined) this.options.store.remove(sequence);
    secure(entry);
  }

  /** This entry was given up. */
  keepDeadLetter(entry: Entry): void {
    const { event, lastAttempt: attempts = MAX_ATTEMPTS, cause } = entry;
    const { store, subscriber } = this.options;
    const reason = attempts < MAX_ATTEMPTS ? 'gaveUp' : 'attempts';
    const status = statusIn(cause);
    const facts = { subscriber, attempts, reason, ...(status !== undefined && { status }) } as const;
    if (event.sequence !== undefined) store.keepDeadLetter(event.sequence, facts);
    delete event.sequence;
    this.release(entry);
  }

  /** Stores all that waits in memory. Resolves when it is on disk, or the store has refused it. */
  store(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#storing = this.#storing.then(() => this.#store([...this.#unstored]));
    return this.#storing;
  }

  /** Stores nothing by itself any more. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.options.limits.removeAll(this.options.drop);
  }

  async #store(entries: readonly Entry[]): Promise<void> {
    this.#isRefused = false;
    for (let start = 0; start < entries.length && !this.#isRefused; start += BATCH) {
      const batch = entries.slice(start, start + BATCH).map((entry) => this.#append(entry));
      const results = await Promise.allSettled(batch);
      // The store reports why. What it cannot take stays in memory.
      this.#isRefused = results.every(({ status }) => status === 'rejected');
    }
    if (this.#isRefused) for (const entry of this.#unstored) this.#countUnstored(entry);
    if (this.#unstored.size > 0) this.#storeLater();
  }

  async #append(entry: Entry): Promise<void> {
    const { store, subscriber, chats } = this.options;
    const { event, isOver } = entry;
    if (!event.delivery || event.sequence !== undefined || isOver) return;
    const sequence = await store.append(subscriber, event.order, event.delivery);
    // It may have been delivered meanwhile.
    if (entry.isOver) return store.remove(sequence);
    this.#unstored.delete(entry);
    chats.stored(entry, sequence);
    this.#countStored(entry, sequence);
    if (event.attempt > 1) store.noteAttempt(sequence, event.attempt);
    secure(entry);
  }

  #storeLater(): void {
    if (this.#isClosed) return;
    this.#timer ??= this.options.clock.after(STORE_AFTER, () => {
      runInBackground(this.store(), this.options.log, 'Storing pending events');
    });
  }

  #countStored(entry: Entry, sequence: number): void {
    const { store, limits, drop } = this.options;
    limits.remove(drop, entry);
    entry.bytes = store.bytesOf(sequence);
    if (!this.#isClosed) limits.addStored(drop, entry);
  }

  #countUnstored(entry: Entry): void {
    const { limits, drop } = this.options;
    entry.bytes ||= Buffer.byteLength(JSON.stringify(entry.event.delivery));
    if (!this.#isClosed) limits.addUnstored(drop, entry);
  }

  #uncount(entry: Entry): void {
    this.options.limits.remove(this.options.drop, entry);
  }
}

function secure(entry: Entry): void {
  if (!entry.isSecured) entry.event.onSecured?.();
  entry.isSecured = true;
}
