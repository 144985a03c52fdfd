import type { Clock } from '../clock';

/** For how long an event that another instance has published may still come here, in ms. */
const EXPECTED_FOR = 10 * 60_000;

/** How often an event is still to come, since another instance has published it, and when that was noted last. */
interface Expected {
  count: number;
  readonly at: number;
}

/** The events that this instance is still to receive although another one has published them, by their keys. */
export class ExpectedEvents {
  readonly #events = new Map<string, Expected>();

  constructor(
    private readonly clock: Pick<Clock, 'monotonic'>,
    /** Of more, the oldest are forgotten. */
    private readonly limit: number,
  ) {}

  add(key: string): void {
    const now = this.clock.monotonic();
    const { count = 0 } = this.#events.get(key) ?? {};
    // Deleted first, so that it becomes the last entry of the map.
    this.#events.delete(key);
    this.#events.set(key, { count: count + 1, at: now });
    for (const [oldest, { at }] of this.#events) {
      if (now - at < EXPECTED_FOR && this.#events.size <= this.limit) break;
      this.#events.delete(oldest);
    }
  }

  /** Removes one event with this key. True if it was expected. */
  take(key: string): boolean {
    const expected = this.#events.get(key);
    if (!expected) return false;
    expected.count -= 1;
    if (expected.count === 0) this.#events.delete(key);
    return this.clock.monotonic() - expected.at < EXPECTED_FOR;
  }
}
