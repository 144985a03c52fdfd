/** Waits before the attempts 2 to 5, in ms. */
const WAITS = [5_000, 30_000, 2 * 60_000, 10 * 60_000];
/** Of what a server may ask for by `Retry-After`, in ms. */
const MAX_WAIT = 60 * 60_000;

export const MAX_ATTEMPTS = WAITS.length + 1;

/**
 * How long to wait after a failed attempt, in ms; `undefined` if it was the last one.
 * @param attempt number of the attempt that failed, from 1
 * @param retryAfter what the server that failed asks for, in ms
 * @param random from 0 up to, not including, 1: spreads the wait by a fifth either way
 */
export function redeliveryDelay(attempt: number, retryAfter: number, random: () => number): number | undefined {
  const wait = WAITS[attempt - 1];
  return wait === undefined ? undefined : Math.max(wait * (0.8 + 0.4 * random()), Math.min(retryAfter, MAX_WAIT));
}
