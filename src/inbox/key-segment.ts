import { EVENT_KEY_VERSION } from '../events';
import type { EditHistory } from './edit-history';

const FIRST_CAPACITY = 16;

/**
 * The keys that were added in one period. The ids are a hash table in plain numbers, of 8 bytes a slot: with a `Set`, an
 * id takes three times as much, and the garbage collector walks through all of them.
 */
export class KeySegment {
  /** The edits of a message, by its id. Few messages are edited. */
  readonly edits = new Map<number, EditHistory>();
  /** How many keys were added, edits included. */
  count = 0;
  /** A free slot holds 0, and that of a removed id its negative. */
  #slots = new Float64Array(FIRST_CAPACITY);
  #used = 0;

  constructor(
    /** By the monotonic clock, like `lastAddedAt`. */
    readonly startedAt: number,
    public lastAddedAt: number,
    /** The version of the key function. If it is another one than today's, nothing is known about edits. */
    readonly version = EVENT_KEY_VERSION,
  ) {}

  has(id: number): boolean {
    return this.#slots[this.#slotOf(id)] === id;
  }

  add(id: number): void {
    this.count += 1;
    // A third of the slots stays free, so that a search ends soon.
    if (3 * (this.#used + 1) > 2 * this.#slots.length) this.#grow();
    this.#put(id);
  }

  remove(id: number): void {
    if (this.has(id)) this.#slots[this.#slotOf(id)] = -id;
  }

  /** All ids, in no order. */
  get ids(): number[] {
    return [...this.#slots].filter((id) => id > 0);
  }

  #put(id: number): void {
    const slot = this.#slotOf(id);
    if (this.#slots[slot] === 0) this.#used += 1;
    this.#slots[slot] = id;
  }

  /** The slot that holds the id, or else is its own. Ids are hashes, so their last bits are spread evenly. */
  #slotOf(id: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (id >>> 0) & mask;
    for (;;) {
      const held = slots[slot];
      if (held === 0 || held === id) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const { ids } = this;
    this.#slots = new Float64Array(2 * this.#slots.length);
    this.#used = 0;
    for (const id of ids) this.#put(id);
  }
}
