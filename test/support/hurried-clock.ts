import type { Clock, Timer } from '../../src/clock';

/** A clock on which every wait is over at once, and has taken its time all the same. */
export class HurriedClock implements Clock {
  #time = 1_000_000;

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  after(delay: number, run: () => void): Timer {
    let isCancelled = false;
    queueMicrotask(() => {
      if (isCancelled) return;
      this.#time += delay;
      run();
    });
    return { cancel: () => (isCancelled = true) };
  }
}
