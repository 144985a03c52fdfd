import { compare, type Place } from './history';

interface Page<T> {
  readonly items: readonly T[];
  /** What to ask for next; null at the end. */
  readonly nextPage: string | null;
}

/** The first `limit` of what is left of a list, and the cursor to go on from. */
export function pageOf<T>(rest: readonly T[], limit: number, placeOf: (item: T) => Place): Page<T> {
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rest.length > limit && last !== undefined;
  return { items, nextPage: hasMore ? cursorOf(placeOf(last)) : null };
}

/** Undefined where it is no cursor of ours. */
export function placeOfCursor(cursor: string): Place | undefined {
  const [, time, sequence] = /^(-?\d+(?:\.\d+)?),(\d+)$/.exec(cursor) ?? [];
  return time === undefined || sequence === undefined ? undefined : { time: Number(time), sequence: Number(sequence) };
}

/** What follows a position, in a list that runs from old to new (`next`) or from new to old (`prev`). */
export function isBehind(item: Place, place: Place, direction: 'next' | 'prev'): boolean {
  return direction === 'next' ? compare(item, place) > 0 : compare(item, place) < 0;
}

function cursorOf({ time, sequence }: Place): string {
  return `${time},${sequence}`;
}
