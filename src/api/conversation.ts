import { isRecord, isYes } from '../events/json';
import { messageText } from '../item-fields';
import { unixTimeOf } from './changed-chats';

/** One message of a conversation, as those who answer with an AI want it. */
export interface Turn {
  /** `user`: the customer; `assistant`: the one who answered. */
  readonly role: 'user' | 'assistant';
  readonly text: string;
}

/** The messages of a chat as a conversation, oldest first; without system messages and those that were deleted. */
export function conversationOf(messages: readonly unknown[]): Turn[] {
  const known = messages.filter(isRecord).filter(({ type, destroyed }) => type !== 'system' && !isYes(destroyed));
  const timed = known.map((item, index) => ({ item, index, time: unixTimeOf(item.time) ?? 0 }));
  // ChatApp gives the newest first, unless it is asked otherwise; the order of one second is that of the list.
  const isOldestFirst = (timed[0]?.time ?? 0) < (timed.at(-1)?.time ?? 0);
  timed.sort((one, other) => one.time - other.time || (one.index - other.index) * (isOldestFirst ? 1 : -1));
  return timed.map(({ item }) => ({ role: item.side === 'in' ? 'user' : 'assistant', text: messageText(item) }));
}
