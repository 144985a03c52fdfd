import type { Clock } from '../clock';
import type { Item } from '../events';

/** The ways in which an event comes. */
export type Door = 'socket' | 'webhook';

/** How long the second copy may come after the first, in ms. */
const WITHIN = 2 * 60_000;
/** How many copies are awaited at most. */
const MOST = 5_000;

interface Awaited {
  /** By which door the first copy came. */
  readonly door: Door;
  /** ms since the epoch */
  readonly at: number;
}

/**
 * Pairs the copies of events that carry neither id nor time, where each comes by two doors: one that came by one door
 * takes away one equal copy by the other, and no more. So two equal announcements come through as two, each once,
 * whichever door is faster; and where one door loses a copy, the other's still counts. What cannot be told apart: where
 * one door has lost a copy and within 2 min only that door is open, an equal event passes for the copy.
 */
export class Pairs {
  readonly #awaited = new Map<string, Awaited[]>();
  #count = 0;

  constructor(private readonly clock: Clock) {}

  /**
   * Notes an item. False where it is the copy of one that came by the other door.
   * @param isCopyDue whether the other door is open, so that it may bring a copy
   */
  isNew(door: Door, event: string, item: Item, isCopyDue: boolean): boolean {
    const now = this.clock.now();
    const name = `${event} ${inOrder(item)}`;
    const waiting = (this.#awaited.get(name) ?? []).filter(({ at }) => now - at < WITHIN);
    // The newest of them: one whose copy got lost then stays behind until its time is over, and harms nobody after.
    const first = waiting.map((awaited) => awaited.door !== door).lastIndexOf(true);
    if (first >= 0) waiting.splice(first, 1);
    else if (isCopyDue) waiting.push({ door, at: now });
    this.#keep(name, waiting, now);
    return first < 0;
  }

  #keep(name: string, waiting: Awaited[], now: number): void {
    this.#count += waiting.length - (this.#awaited.get(name)?.length ?? 0);
    // The newest stand last.
    this.#awaited.delete(name);
    if (waiting.length > 0) this.#awaited.set(name, waiting);
    for (const [oldest, entries] of this.#awaited) {
      const isOver = entries.every(({ at }) => now - at >= WITHIN);
      if (this.#count <= MOST && !isOver) return;
      this.#awaited.delete(oldest);
      this.#count -= entries.length;
    }
  }
}

/** The item as text, whatever the order of its fields: two servers need not write them alike. */
function inOrder(item: Item): string {
  return JSON.stringify(item, (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
