/** Doubling from `first` up to `longest` ms, spread by a quarter either way. For what fails by itself, as one channel. */
export function retryDelay(attempt: number, first: number, longest: number, random: () => number): number {
  return Math.min(longest, first * 2 ** attempt) * (0.75 + random() / 2);
}
