import type { EditHistory } from './edit-history';

/** How often it is checked what can be dropped, in ms. */
const CHECK_EVERY = 60_000;
/** The time that is kept is covered by so many segments: what is dropped was kept for at most a sixth longer. */
const SEGMENTS = 6;
/** How many slots a segment begins with. */
const FIRST_CAPACITY = 16;

/** The keys of the recent past, in segments of time, of which the oldest is dropped as a whole. */
export class SeenKeys {
  /** Newest first. */
  #segments: KeySegment[] = [];
  #count = 0;
  #checkAt = -Infinity;
  /** How long a segment takes keys, in ms. */
  #length = 0;

  constructor(
    /** How long keys are to be kept, in ms. */
    private readonly keep: () => number,
    private readonly maxPerSegment: number,
  ) {}

  get segments(): readonly KeySegment[] {
    return this.#segments;
  }

  get count(): number {
    return this.#count;
  }

  /** Drops what is older than it has to be kept. */
  prune(now: number): void {
    if (now < this.#checkAt) return;
    this.#checkAt = now + CHECK_EVERY;
    const keep = this.keep();
    this.#length = keep / SEGMENTS;
    this.#replace(this.#segments.filter(({ lastAddedAt }) => lastAddedAt >= now - keep));
  }

  /** The newest segment that has the id. */
  find(id: number): KeySegment | undefined {
    for (const segment of this.#segments) if (segment.has(id)) return segment;
    return undefined;
  }

  /** Adds an id to the segment that takes keys now. */
  add(id: number, now: number, version: number): KeySegment {
    const segment = this.#open(now, version);
    segment.add(id);
    segment.lastAddedAt = now;
    this.#count += 1;
    return segment;
  }

  dropOldest(): void {
    this.#replace(this.#segments.slice(0, -1));
  }

  #open(now: number, version: number): KeySegment {
    for (const segment of this.#segments) {
      const isOver = now - segment.startedAt >= this.#length || segment.count >= this.maxPerSegment;
      if (!isOver && segment.version === version) return segment;
    }
    const segment = new KeySegment(now, version);
    this.#segments.unshift(segment);
    return segment;
  }

  #replace(segments: KeySegment[]): void {
    this.#segments = segments;
    this.#count = segments.reduce((sum, { count }) => sum + count, 0);
  }
}

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

  /** When its last key was added, by the monotonic clock. */
  lastAddedAt: number;

  constructor(
    /** By the monotonic clock. */
    readonly startedAt: number,
    /** The version of the key function. If it is another one than today's, nothing is known about edits. */
    readonly version: number,
  ) {
    this.lastAddedAt = startedAt;
  }

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
    const slots = this.#slots;
    this.#slots = new Float64Array(2 * slots.length);
    this.#used = 0;
    for (const id of slots) if (id > 0) this.#put(id);
  }
}
