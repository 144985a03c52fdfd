import { isRecord, parseJson } from '../../src/events/json';

/** What `in-process.mjs` prints. */
export interface Probe {
  /** For how long the event loop was blocked at most, in ms. */
  readonly blocked: number;
  /** Memory of the process, in MB. */
  readonly rss: number;
}

export function readProbe(line: string): Probe | undefined {
  if (!line.startsWith('probe ')) return undefined;
  const value = parseJson(line.slice('probe '.length));
  if (!isRecord(value) || typeof value.blocked !== 'number' || typeof value.rss !== 'number') return undefined;
  return { blocked: value.blocked, rss: value.rss };
}
