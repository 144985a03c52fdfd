import { lineNamed } from '../api/lines';
import type { EventKey } from '../events';
import { entriesOf, isRecord, parseJson } from '../events/json';

/** What a version before the inbox has remembered of a channel. */
export interface EarlierPosition {
  readonly channel: string;
  /** Until when nothing was missing, in unix seconds. */
  readonly receivedUntil: number;
  /** The keys of the messages that were delivered last. */
  readonly keys: readonly EventKey[];
  /** Since when each listener listens, in unix seconds. */
  readonly listeners: readonly (readonly [id: string, since: number])[];
}

/** Older versions made keys in another way: then only the id can be compared. */
const VERSION = 0;

/** The positions in a text that such a version has written; what is not one is left out. */
export function readEarlierPositions(text: string): EarlierPosition[] {
  const saved = parseJson(text);
  const channels = entriesOf(isRecord(saved) ? saved.channels : undefined);
  return channels.flatMap(([channel, value]) => (isRecord(value) ? positionOf(channel, value) : []));
}

function positionOf(channel: string, saved: Readonly<Record<string, unknown>>): EarlierPosition[] {
  const lines = entriesOf(saved.lines).flatMap(([name, value]) => {
    if (!lineNamed(name) || !isRecord(value) || typeof value.time !== 'number') return [];
    return [{ time: value.time, since: value.since, recent: value.recent }];
  });
  if (lines.length === 0) return [];
  const receivedUntil = typeof saved.heard === 'number' ? saved.heard : 0;
  // While older messages were missing, `since` says from when.
  const ends = lines.map(({ time, since }) => (typeof since === 'number' ? since : Math.max(time, receivedUntil)));
  const listeners = entriesOf(saved.listeners).flatMap(([id, since]): [string, number][] =>
    typeof since === 'number' ? [[id, since]] : [],
  );
  return [
    {
      channel,
      receivedUntil: Math.min(...ends),
      keys: lines.flatMap(({ recent }) => keysIn(recent)),
      listeners,
    },
  ];
}

/** Each was written as id, edit and time. */
function keysIn(recent: unknown): EventKey[] {
  const list: readonly unknown[] = Array.isArray(recent) ? recent : [];
  return list.flatMap((entry) => {
    const numbers: readonly unknown[] = Array.isArray(entry) ? entry : [];
    const [id, edit] = numbers;
    return typeof id === 'number' && typeof edit === 'number' ? [{ version: VERSION, id, edit }] : [];
  });
}
