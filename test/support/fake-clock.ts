import { createClock } from '@sinonjs/fake-timers';
import type { Clock, Timer } from '../../src/clock';

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #timers = createClock(Date.UTC(2031, 4, 6, 7, 8, 9), 1_000_000);

  now(): number {
    return this.#timers.Date.now();
  }

  monotonic(): number {
    const [seconds = 0, nanoseconds = 0] = this.#timers.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  }

  after(delay: number, run: () => void): Timer {
    const id = this.#timers.setTimeout(run, delay);
    return { cancel: () => this.#timers.clearTimeout(id) };
  }

  /** How many calls are still to come. */
  get pending(): number {
    return this.#timers.countTimers();
  }

  /** Advances the clock by `ms`: timers run when they are due, and promises are settled in between. */
  async pass(ms: number): Promise<void> {
    await this.#timers.tickAsync(ms);
  }

  /** Gives promises their turn, with no time going by. */
  async settle(): Promise<void> {
    await this.pass(0);
  }

  /**
   * Sets the wall clock alone, as a time server does, or a machine that was suspended: the monotonic clock and the timers
   * do not notice.
   */
  setTo(time: number): void {
    this.#timers.setSystemTime(time);
  }

  /** What a busy process sees: `ms` have gone by before any timer gets its turn. */
  async stall(ms: number): Promise<void> {
    this.#timers.jump(ms);
    await this.settle();
  }
}
