import type { ApiError } from '../../api/api-error';
import { MessageLimit, type History, type HistoryQuery } from '../../api/history';
import type { Line } from '../../api/lines';
import type { Item } from '../../events';
import type { RecoveredItem } from './channel-feed';

/** How many messages are fetched after one gap, in all lines of the channel together. */
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
  /** True if a list of ChatApp repeats or does not end, so that there may be more. */
  readonly isIncomplete: boolean;
  /** Why chats were left out, one error for each. */
  readonly refused: readonly ApiError[];
}

/**
 * Reads what was missed in all lines of a channel, 10,000 messages at most.
 * @throws ApiError
 */
export async function readMissed(
  readHistory: (query: HistoryQuery) => Promise<History>,
  gaps: readonly Gap[],
  more: Omit<HistoryQuery, 'line' | 'since' | 'limit'> = {},
): Promise<Missed> {
  const limit = new MessageLimit(MOST_MISSED);
  const found = await Promise.all(
    gaps.map(async ({ line, since }) => {
      const history = await readHistory({ line, since, limit, ...more });
      return { ...history, messages: history.items.map((item) => asEvent(item, line)) };
    }),
  );
  return {
    messages: found.flatMap(({ messages }) => messages).sort(byTime),
    cutChats: found.reduce((sum, { cutChats }) => sum + cutChats, 0),
    isIncomplete: found.some(({ isIncomplete }) => isIncomplete),
    refused: found.flatMap(({ refused }) => refused ?? []),
  };
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
