import { systemClock, type Clock } from '../../src/clock';

/** A clock that goes so many times faster than the real one: for what is waited for, not for what a network does. */
export function hastyClock(times: number): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * times,
    after: (delay, run) => systemClock.after(delay / times, run),
  };
}
