import type { Clock } from '../clock';
import type { ChannelHealth, SkipReason } from '../health';

const HOURS = 24;
const HOUR = 60 * 60_000;

/** What one channel brought and what was left out of it, in this run. */
export class ChannelCounts {
  /** Events by hour of the monotonic clock, as a ring. */
  readonly #hours = new Uint32Array(HOURS);
  /** The latest hour that has a number in the ring. */
  #hour: number;
  readonly #skipped = new Map<SkipReason, number>();
  #unwanted = 0;

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {
    this.#hour = this.#present;
  }

  /** So many events were accepted. */
  accept(count: number): void {
    this.#turn();
    const index = this.#hour % HOURS;
    this.#hours[index] = (this.#hours[index] ?? 0) + count;
  }

  skip(reason: SkipReason, count = 1): void {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + count);
  }

  /** Nobody asked for an event. Of most lines, these are most of all. */
  skipUnwanted(): void {
    this.#unwanted += 1;
  }

  get skipped(): ChannelHealth['skipped'] {
    return { ...Object.fromEntries(this.#skipped), ...(this.#unwanted > 0 && { unwanted: this.#unwanted }) };
  }

  /** Of the last 24 hours, oldest first; absent if there were no events. */
  get hours(): readonly number[] | undefined {
    this.#turn();
    if (this.#hours.every((count) => count === 0)) return undefined;
    const oldest = this.#hour + 1;
    return Array.from({ length: HOURS }, (_, index) => this.#hours[(oldest + index) % HOURS] ?? 0);
  }

  get #present(): number {
    return Math.floor(this.clock.monotonic() / HOUR);
  }

  #turn(): void {
    const now = this.#present;
    // After a day without events, all numbers are too old.
    for (let passed = Math.min(HOURS, now - this.#hour); passed > 0; passed -= 1) {
      this.#hours[(now - passed + 1) % HOURS] = 0;
    }
    this.#hour = now;
  }
}
