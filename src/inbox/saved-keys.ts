import { isRecord } from '../events/json';
import { EditHistory } from './edit-history';
import { KeySegment } from './key-segment';

/** Keys as plain numbers, for a store. */
export interface SavedKeys {
  /** The version of the key function. */
  readonly version: number;
  /** True for the keys of events that have a history. */
  readonly hasHistory: boolean;
  /** How long ago the last of them was added, in ms. The time between two runs does not count. */
  readonly age: number;
  readonly ids: readonly number[];
  /** For each edited message its id and an `EditHistory`. */
  readonly edits: readonly (readonly number[])[];
}

export function saveKeys(segment: KeySegment, hasHistory: boolean, now: number): SavedKeys {
  const { version, lastAddedAt, ids, edits } = segment;
  const age = Math.round(now - lastAddedAt);
  return { version, hasHistory, age, ids, edits: [...edits].map(([id, history]) => [id, ...history.toNumbers()]) };
}

/** A segment that takes no further keys. */
export function restoreKeys({ version, age, ids, edits }: SavedKeys, now: number): KeySegment {
  const segment = new KeySegment(-Infinity, now - age, version);
  for (const id of ids) segment.add(id);
  for (const [id = 0, ...numbers] of edits) segment.edits.set(id, EditHistory.fromNumbers(numbers));
  return segment;
}

/** The value, if it is what `saveKeys` has made. */
export function readSavedKeys(value: unknown): SavedKeys | undefined {
  if (!isRecord(value)) return undefined;
  const { version, hasHistory, age, ids, edits } = value;
  if (typeof version !== 'number' || typeof age !== 'number' || typeof hasHistory !== 'boolean') return undefined;
  if (!isNumbers(ids) || !Array.isArray(edits) || !edits.every(isNumbers)) return undefined;
  return { version, hasHistory, age, ids, edits };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry));
}
