import { pause, type Clock } from './clock';

/** A server that asks to wait longer is asked again after this time, in ms. */
const MAX_RETRY_AFTER = 60 * 60_000;

/** Doubling from `first` up to `longest` ms, spread by a quarter either way. For what fails by itself, as one channel. */
export function retryDelay(attempt: number, first: number, longest: number, random: () => number): number {
  return Math.min(longest, first * 2 ** attempt) * (0.75 + random() / 2);
}

/**
 * How long the headers `Retry-After` and `Date` of an answer ask to wait, in ms; `undefined` if they do not. The first is
 * a number of seconds or an HTTP date. A date is compared with that of the answer, never with the clock of this machine.
 */
export function retryAfterOf(retryAfter?: string | null, date?: string | null): number | undefined {
  const text = retryAfter?.trim() ?? '';
  const until = /^[A-Z][a-z]/.test(text) ? Date.parse(text) - Date.parse(date ?? '') : NaN;
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : until;
  return wait >= 0 ? Math.min(wait, MAX_RETRY_AFTER) : undefined;
}

/** Attempts something every `wait` ms until it works. Rejects with the signal's reason once that is aborted. */
export async function retried<T>(
  attempt: () => Promise<T>,
  wait: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch {
      await pause(clock, wait, signal);
    }
  }
}
