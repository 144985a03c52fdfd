import type { History, HistoryQuery } from '../api/history';
import type { Line } from '../api/lines';
import type { Item } from '../events';
import type { RecoveredItem } from './channel-feed';

/** How many messages are fetched after one gap. */
export const MOST_MISSED = 10_000;

/** A line of a channel, and from when on its messages are wanted, in unix seconds. */
export interface Gap {
  readonly line: Line;
  readonly since: number;
}

export interface Missed {
  /** In the order in which they were written. */
  readonly messages: RecoveredItem[];
  /** How many chats have more messages than were fetched. */
  readonly cutChats: number;
}

/**
 * Reads what was missed in all lines of a channel, 10,000 messages at most.
 * @throws ApiError
 */
export async function readMissed(
  readHistory: (query: HistoryQuery) => Promise<History>,
  gaps: readonly Gap[],
  more: Pick<HistoryQuery, 'alsoChats' | 'onPage'> = {},
): Promise<Missed> {
  const share = Math.floor(MOST_MISSED / Math.max(1, gaps.length));
  const found = await Promise.all(
    gaps.map(async ({ line, since }) => {
      const { items, cutChats } = await readHistory({ line, since, limit: share, ...more });
      return { messages: items.map((item) => asEvent(item, line)), cutChats };
    }),
  );
  return {
    messages: found.flatMap(({ messages }) => messages).sort(byTime),
    cutChats: found.reduce((sum, { cutChats }) => sum + cutChats, 0),
  };
}

/** The line of a name as positions have it: `<licence>/<messenger>`. */
export function lineNamed(name = ''): Line | undefined {
  const [licenseId, messengerType] = name.split('/');
  return licenseId === undefined || messengerType === undefined ? undefined : { licenseId, messengerType };
}

/** A message of the history with the event and the meta that its announcement had. */
function asEvent(item: Item, { licenseId, messengerType }: Line): RecoveredItem {
  const event = item.type === 'system' ? 'messageSystem' : 'message';
  return { event, item, meta: { type: event, licenseId: Number(licenseId), messengerType } };
}

/** ChatApp's own count decides within a second. */
export function byTime(one: Pick<RecoveredItem, 'item'>, other: Pick<RecoveredItem, 'item'>): number {
  return Number(one.item.time) - Number(other.item.time) || Number(one.item.internalId) - Number(other.item.internalId);
}
