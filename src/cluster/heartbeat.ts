import { entriesOf, isRecord, parseJson } from '../events/json';

/** Changes with the form of the heartbeats: those of other versions are not read. */
const VERSION = 1;

/** What a member says about a listener that it has. */
export interface MemberListener {
  /** The version of its filter: the higher, the newer. */
  readonly filter: number;
  /** The partitions that it consumes, or is about to. */
  readonly claims: readonly number[];
}

/** What a member says about itself. */
export interface MemberState {
  /** How often this run was out: claims of an earlier epoch are void. */
  readonly epoch: number;
  readonly keepHours: number;
  /** The revision of its first heartbeat in the bucket: the lower, the earlier. Absent until that is known. */
  readonly joined?: number;
  readonly listeners: ReadonlyMap<string, MemberListener>;
}

export interface Heartbeat {
  /** In ms of the monotonic clock of its member: means nothing to others. */
  readonly sent: number;
  readonly state: MemberState;
}

/** What is known of a member before its first heartbeat, and after its end. */
export const NO_STATE: MemberState = { epoch: 0, keepHours: 0, listeners: new Map() };

/** The version of the filter that a member has for a listener. */
export function filterIn({ listeners }: MemberState, listener: string): number {
  return listeners.get(listener)?.filter ?? -Infinity;
}

/** The partitions of a listener that a member claims. */
export function claimsIn({ listeners }: MemberState, listener: string): readonly number[] {
  return listeners.get(listener)?.claims ?? [];
}

export function writeHeartbeat({ sent, state }: Heartbeat): string {
  return JSON.stringify({ version: VERSION, sent, ...state, listeners: Object.fromEntries(state.listeners) });
}

/** `undefined` if the text is no heartbeat, or one of another version. */
export function readHeartbeat(text: string): Heartbeat | undefined {
  const value = parseJson(text);
  if (!isRecord(value) || value.version !== VERSION) return undefined;
  const { sent, epoch, keepHours, joined, listeners } = value;
  if (typeof sent !== 'number' || typeof epoch !== 'number' || typeof keepHours !== 'number') return undefined;
  const read = entriesOf(listeners).flatMap(([listener, entry]): [string, MemberListener][] => {
    if (!isRecord(entry) || typeof entry.filter !== 'number' || !Array.isArray(entry.claims)) return [];
    const claims: readonly unknown[] = entry.claims;
    return [[listener, { filter: entry.filter, claims: claims.filter((claim) => typeof claim === 'number') }]];
  });
  const state = { epoch, keepHours, ...(typeof joined === 'number' && { joined }), listeners: new Map(read) };
  return { sent, state };
}

/** True if nothing is new but the heartbeat itself. */
export function isSame(one: MemberState, other: MemberState): boolean {
  const textOf = ({ listeners, ...state }: MemberState): string => JSON.stringify([state, [...listeners]]);
  return textOf(one) === textOf(other);
}
