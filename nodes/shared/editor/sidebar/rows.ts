import type { HealthEntry } from '../../health-answers';
import { textWith } from '../page/text';
import { channelRow } from './channel-row';
import { connectionName, connectionRow } from './connection-row';
import { byLevel, needsAttention } from './levels';
import type { Heading, Row } from './row';
import type { SidebarActs } from './sidebar-acts';
import type { Times } from './times';
import { errorRow, listenerRow, senderRow } from './work-rows';

/** What the user looks for. */
export interface Wanted {
  /** In small letters. */
  readonly search: string;
  readonly onlyAttention: boolean;
}

export interface Count {
  readonly attention: number;
  readonly busy: number;
}

/** The rows under one heading, or under the row of a connection. */
interface Group {
  readonly heading?: string;
  readonly rows: readonly Row[];
}

/** All rows, connection by connection: what needs attention first, then by name. */
export function rowsOf(
  entries: readonly HealthEntry[],
  times: Times,
  acts: SidebarActs,
  wanted: Wanted,
): (Row | Heading)[] {
  const connections = entries.map((entry) => ({ entry, groups: groupsOf(entry, times, acts) }));
  const levelOf = ({ groups }: (typeof connections)[number]): Row['level'] => groups[0]?.rows[0]?.level ?? 'off';
  connections.sort((one, other) => byLevel(levelOf(one), levelOf(other)));
  return connections.flatMap(({ entry, groups }) => {
    const [connection, ...others] = groups;
    const found = others.flatMap((group) => foundIn(entry, group, wanted));
    const own = connection?.rows ?? [];
    // A connection is shown above what is found of it.
    return found.length > 0 ? [...own, ...found] : own.filter((row) => isWanted(row, wanted));
  });
}

/** How many rows need somebody, and how many connections and lines are not ready yet. */
export function countOf(rows: readonly (Row | Heading)[]): Count {
  const own = rows.filter((row) => 'level' in row);
  const isReceiving = ({ kind }: Row): boolean => kind === 'connection' || kind === 'channel';
  return {
    attention: own.filter(({ level }) => needsAttention(level)).length,
    // Listeners and senders always have something to do.
    busy: own.filter((row) => row.level === 'busy' && isReceiving(row)).length,
  };
}

function groupsOf(entry: HealthEntry, times: Times, acts: SidebarActs): Group[] {
  const { id, health } = entry;
  const name = connectionName(entry);
  const group = (what: string, rows: readonly Row[]): Group => ({
    heading: textWith(`chatapp-sidebar.heading.${what}`, { name, number: String(rows.length) }),
    rows,
  });
  const channels = (health?.channels ?? []).map((channel) => channelRow(id, channel, times, acts));
  // The others have nothing to wait for.
  const tracked = (health?.listeners ?? []).filter(({ ack, status }) => ack === 'done' || status === 'configInvalid');
  const listeners = tracked.map((listener) => listenerRow(id, listener, times, acts));
  const senders = (health?.senders ?? []).map((sender) => senderRow(id, sender, health?.errors ?? [], acts));
  // A key must stay the same while newer ones come.
  const errors = (health?.errors ?? []).map((error, index, all) => {
    const same = all.slice(0, index).filter(({ at, code }) => at === error.at && code === error.code);
    return errorRow(id, error, same.length, times, acts);
  });
  // Among those of the same level, what does not come in is worse than what was not sent.
  const urgent = [channels, listeners, senders]
    .flatMap((rows) => rows.filter(({ level }) => needsAttention(level)).sort(byUrgency))
    .sort((one, other) => byLevel(one.level, other.level));
  const others = (rows: readonly Row[]): Row[] => rows.filter(({ level }) => !needsAttention(level)).sort(byUrgency);
  return [
    { rows: [connectionRow(entry, urgent.length === 0, times, acts)] },
    group('attention', urgent),
    group('channels', others(channels)),
    group('listeners', others(listeners)),
    group('senders', others(senders)),
    group('errors', errors.reverse()),
  ];
}

function foundIn({ id }: HealthEntry, { heading, rows }: Group, wanted: Wanted): (Row | Heading)[] {
  const found = rows.filter((row) => isWanted(row, wanted));
  const [first] = found;
  if (first === undefined || heading === undefined) return [];
  return [{ key: `heading ${needsAttention(first.level) ? 'attention' : first.kind} ${id}`, heading }, ...found];
}

function isWanted(row: Row, { search, onlyAttention }: Wanted): boolean {
  if (onlyAttention && row.kind !== 'error' && !needsAttention(row.level)) return false;
  return search === '' || `${row.title} ${row.words}`.toLowerCase().includes(search);
}

const NAMES = new Intl.Collator(undefined, { numeric: true });

function byUrgency(one: Row, other: Row): number {
  return byLevel(one.level, other.level) || NAMES.compare(one.title, other.title);
}
