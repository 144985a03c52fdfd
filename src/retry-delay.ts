import { pause, type Clock } from './clock';

/** Doubling from `first` up to `longest` ms, spread by a quarter either way. For what fails by itself, as one channel. */
export function retryDelay(attempt: number, first: number, longest: number, random: () => number): number {
  return Math.min(longest, first * 2 ** attempt) * (0.75 + random() / 2);
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
