import { Budget, type Limit } from '../inbox/retention';
import type { DropReason } from './dropped-events';
import { isInFlight, type Entry } from './pending-chats';

/** Of a limit: from where on it is reported, and below what it may be reported again. */
const [ALMOST, RELAXED] = [0.8, 0.7];
/** What is left after the oldest were dropped: they are looked for once for many new ones. */
const AFTER_DROPS = 0.99;

/** Takes entries out of their queue, and names it: they are not delivered. */
export type DropEntries = (reason: DropReason, entries: readonly Entry[]) => void;

/** Entries that share a limit, by their queues. */
export class LimitedEntries {
  /** Those of each queue are in the order of arrival. */
  readonly #entries = new Map<DropEntries, Set<Entry>>();
  readonly #budget: Budget;
  #isReported = false;

  constructor(
    limit: Limit,
    private readonly reason: DropReason,
    private readonly onAlmostFull: () => void,
  ) {
    this.#budget = new Budget(limit);
  }

  get isEmpty(): boolean {
    return this.#budget.used === 0;
  }

  add(drop: DropEntries, entry: Entry): void {
    const entries = this.#entries.get(drop) ?? new Set();
    this.#entries.set(drop, entries);
    if (entries.has(entry)) return;
    entries.add(entry);
    this.#budget.add(entry.bytes);
    if (this.#budget.used > ALMOST && !this.#isReported) {
      this.#isReported = true;
      this.onAlmostFull();
    }
    if (this.#budget.used > 1) this.#dropOldest();
  }

  remove(drop: DropEntries, entry: Entry): void {
    if (!this.#entries.get(drop)?.delete(entry)) return;
    this.#budget.remove(entry.bytes);
    if (this.#budget.used < RELAXED) this.#isReported = false;
  }

  removeAll(drop: DropEntries): void {
    for (const entry of this.#entries.get(drop) ?? []) this.remove(drop, entry);
    this.#entries.delete(drop);
  }

  dropEach(reason: DropReason, isDropped: (entry: Entry) => boolean): void {
    for (const [drop, entries] of this.#entries) {
      const dropped = [...entries].filter((entry) => !isInFlight(entry.state) && isDropped(entry));
      if (dropped.length > 0) drop(reason, dropped);
    }
  }

  #dropOldest(): void {
    const queues = [...this.#entries].map(([drop, entries]) => {
      const rest = droppable(entries);
      return { drop, rest, oldest: rest.next().value };
    });
    while (this.#budget.used > AFTER_DROPS) {
      let first: (typeof queues)[number] | undefined;
      for (const queue of queues) {
        if (queue.oldest && (!first?.oldest || orderOf(queue.oldest) < orderOf(first.oldest))) first = queue;
      }
      if (!first?.oldest) return;
      first.drop(this.reason, [first.oldest]);
      first.oldest = first.rest.next().value;
    }
  }
}

function* droppable(entries: Iterable<Entry>): Generator<Entry, undefined> {
  for (const entry of entries) if (!isInFlight(entry.state)) yield entry;
}

/** Sequences rise across restarts; what is in memory only has none. Both do not share a limit. */
function orderOf({ event, since }: Entry): number {
  return event.sequence ?? since;
}
