import type { Clock } from '../../src/clock';

/** In ms. A clock is looked at so often while somebody waits for it. */
const LOOK = 5;
/** In ms. More than this does not count of the time between two looks: the machine did something else meanwhile. */
const STALL = 2 * LOOK;

/**
 * A clock that goes so many times faster than the real one: for what is waited for, not for what a network does. It
 * stands still while this process does: so what has a short limit by it gets its turns on a busy machine as well.
 */
export function scaledClock(times = 1): Clock {
  let time = Date.now();
  let looked = performance.now();
  const pass = (): number => {
    const real = performance.now();
    time += Math.min(real - looked, STALL) * times;
    looked = real;
    return time;
  };
  return {
    now: () => Math.floor(pass()),
    monotonic: pass,
    after(delay, run) {
      const due = pass() + delay;
      let timer: NodeJS.Timeout;
      const wait = (): void => {
        timer = setTimeout(look, Math.min((due - time) / times, LOOK));
      };
      const look = (): void => {
        if (pass() >= due) run();
        else wait();
      };
      wait();
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
