import type { Run } from '../subjects/subject';

/** What may cost how much more than what; by the keys of those that run. */
export interface Ratio {
  readonly name: string;
  readonly of: string;
  readonly against: string;
  readonly bound: number;
}

export interface Comparison {
  readonly name: string;
  readonly ratio: number;
  readonly bound: number;
}

/** Well above what is usual, and below what it costs to read every frame twice; see the first one. */
export const RATIOS: readonly Ratio[] = [
  { name: 'a message, against ws and two JSON.parse', of: 'client', against: 'ws', bound: 1.5 },
  { name: 'an event that nobody wants, against the same', of: 'unwanted', against: 'ws', bound: 0.6 },
  { name: 'a message in Node-RED, against pusher-js in a node', of: 'node', against: 'pusher-js node', bound: 1 },
  { name: 'fifty listeners, against one', of: 'fifty', against: 'one', bound: 1.5 },
];

/**
 * Compares the CPU time of the best rounds: what a busy machine does to a round only ever makes it slower, and the first
 * rounds are slow because the code is still being compiled. All runs are of as many events.
 */
export function compared(runs: ReadonlyMap<string, readonly Run[]>, ratios: readonly Ratio[]): Comparison[] {
  const best = (key: string): number => {
    const found = (runs.get(key) ?? []).map(({ cpu }) => cpu);
    return found.length === 0 ? NaN : Math.min(...found);
  };
  return ratios.map(({ name, of, against, bound }) => ({ name, bound, ratio: best(of) / best(against) }));
}
