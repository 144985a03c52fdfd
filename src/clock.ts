/** Time as this package sees it. Injected, so that a test can make an hour pass in no time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after `delay` ms. */
  after(delay: number, run: () => void): Timer;
}

export interface Timer {
  /** Forgets the call, if it has not happened yet. */
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delay, run) {
    const handle = setTimeout(run, delay);
    return { cancel: () => clearTimeout(handle) };
  },
};

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

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}
