import type { Clock } from '../clock';
import type { LiveSource } from '../events';
import { hashText } from '../events/hash';

/** How long after the first copy the other one may come, in ms. */
const WITHIN = 2 * 60_000;
const MAX_WAITING = 50_000;

interface Waiting {
  /** Which source has brought the first copy. */
  readonly source: LiveSource;
  /** By the monotonic clock. */
  readonly at: number;
}

/**
 * Recognises the copies of events without a key, if each comes by socket and by webhook: one that came by one source
 * cancels one with the same content by the other, and no more. So two equal announcements are two, each delivered once,
 * whichever source is faster; and if one source loses a copy, the other's is delivered. What cannot be distinguished: if
 * one source has lost a copy, and within 2 min an equal event comes by the other alone, it passes for that copy.
 */
export class CrossSourceDeduplicator {
  /** Of which a copy may still come, by channel and content. The newest are last, in the map and in each list. */
  readonly #waiting = new Map<number, Waiting[]>();
  #count = 0;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** True if no copy is waited for, as in a connection with one source: then no event without a copy needs `add`. */
  get isIdle(): boolean {
    return this.#count === 0;
  }

  /**
   * Adds an event that is about to be accepted, by the hash of its content. False if it is the copy of one that came by
   * the other source.
   * @param isCopyDue whether the other source may bring a copy of it
   */
  add(channel: string, hash: number, source: LiveSource, isCopyDue: boolean): boolean {
    const now = this.clock.monotonic();
    const id = hashText(channel, hash);
    const known = this.#waiting.get(id) ?? [];
    const waiting = known.filter(({ at }) => now - at < WITHIN);
    // The newest one: another whose copy was lost then waits until its time is over, and cancels nothing later.
    const first = waiting.map((other) => other.source !== source).lastIndexOf(true);
    if (first >= 0) waiting.splice(first, 1);
    else if (isCopyDue) waiting.push({ source, at: now });
    this.#count += waiting.length - known.length;
    this.#waiting.delete(id);
    if (waiting.length > 0) this.#waiting.set(id, waiting);
    this.#prune(now);
    return first < 0;
  }

  #prune(now: number): void {
    for (const [oldest, waiting] of this.#waiting) {
      const isOver = waiting.every(({ at }) => now - at >= WITHIN);
      if (this.#count <= MAX_WAITING && !isOver) return;
      this.#waiting.delete(oldest);
      this.#count -= waiting.length;
    }
  }
}
