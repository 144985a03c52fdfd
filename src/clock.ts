import { setImmediate as turn } from 'node:timers/promises';

/** For how long a loop runs at once, in ms. */
const STEP = 4;

/** Time as this package sees it. Injected, so that a test can make an hour pass in no time. */
export interface Clock {
  /** Milliseconds since the epoch, to be shown or logged. It decides nothing: it jumps when the system's time is set. */
  now(): number;
  /** Milliseconds since some moment in the past. Unlike `now`, it does not jump when the system's time is corrected. */
  monotonic(): number;
  /** Calls `run` once after `delay` ms. */
  after(delay: number, run: () => void): Timer;
}

export interface Timer {
  /** Forgets the call, if it has not happened yet. */
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delay, run) {
    const handle = setTimeout(run, delay);
    return { cancel: () => clearTimeout(handle) };
  },
};

/**
 * The time of day `wait` ms from now, in ms since the epoch; `wait` is negative for a moment in the past. Only to be
 * shown: what decides is the moment by the monotonic clock.
 * @default wait 0
 */
export function shownTime(clock: Clock, wait = 0): number {
  return clock.now() + wait;
}

/** Resolves after `delay` ms of `clock`; rejects with the signal's reason when it is aborted before. */
export function pause(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      timer.cancel();
      reject(asError(signal?.reason));
    };
    const timer = clock.after(delay, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** For a long loop: gives other work a turn if it has run for some ms. */
export function giveWay(clock: Clock): () => Promise<void> {
  let since = clock.monotonic();
  return async () => {
    if (clock.monotonic() - since < STEP) return;
    await turn();
    since = clock.monotonic();
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}
