import type { Item } from '../events';
import { isRecord, isYes, type JsonRecord } from '../events/json';
import { chatsPath, unixTimeOf } from './changed-chats';
import { wordsOf } from './entry';
import type { Line } from './lines';
import { pages, reportOddCursor, type Ask, type CursorObserver } from './paging';

export interface ChatMessagesQuery extends CursorObserver {
  readonly line: Line;
  readonly chatId: string;
  /** The chat as the list of chats has it: messages of the history mostly come without theirs. */
  readonly entry?: JsonRecord | undefined;
  /** Messages of this second and later ones, in unix seconds. */
  readonly from: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the messages and system messages of one chat from a time on, in the order of writing, page by page, each
 * message once. They look as events bring them, with their chat; deleted ones are left out, and a page may be empty.
 * @throws ApiError `noProgress` if the pages repeat or do not end
 */
export async function* readChatMessages(ask: Ask, query: ChatMessagesQuery): AsyncGenerator<Item[]> {
  const { line, chatId, from, signal } = query;
  const path = `${chatsPath(line)}/${encodeURIComponent(chatId.toWellFormed())}/messages`;
  const chat = query.entry ?? { id: chatId };
  const seen = new Set<string>();
  const list = {
    path,
    // Whether ChatApp includes the second `lastTime` is not known.
    query: { direction: 'next', includeSystemMessages: '1', lastTime: String(Math.max(0, from - 1)) },
    idOf: (message: JsonRecord) => wordsOf(message.id),
    byTime: { timeOf: timeOfMessage, order: 'oldestFirst', endsWithoutCursor: true },
    ...(signal && { signal }),
    onOddCursor: () => reportOddCursor(path, query),
  } as const;
  for await (const entries of pages(ask, list)) {
    const wanted = entries.filter((message) => isWanted(message, from) && isFirst(message, seen));
    yield oldestFirst(wanted).map((message) => (isRecord(message.chat) ? message : { ...message, chat }));
  }
}

/** The times of messages, oldest first, in unix seconds; one that has none is as old as its neighbour. */
export function timesOf(messages: readonly JsonRecord[]): number[] {
  const known = messages.map(timeOfMessage);
  let latest = known.find((time) => time !== undefined) ?? Infinity;
  return known.map((time) => (latest = time ?? latest));
}

/** A page that came newest first is turned round. Any other stays as it is: single times may be wrong. */
function oldestFirst(messages: readonly JsonRecord[]): readonly JsonRecord[] {
  const times = timesOf(messages);
  const isNewestFirst = times.every((time, index) => index === 0 || time <= (times[index - 1] ?? 0));
  return isNewestFirst && (times.at(-1) ?? 0) < (times[0] ?? 0) ? messages.toReversed() : messages;
}

function isWanted(message: JsonRecord, from: number): boolean {
  return !isYes(message.destroyed) && (timeOfMessage(message) ?? from) >= from;
}

function isFirst({ id }: JsonRecord, seen: Set<string>): boolean {
  const text = wordsOf(id);
  if (text === undefined) return true;
  if (seen.has(text)) return false;
  seen.add(text);
  return true;
}

function timeOfMessage({ time }: JsonRecord): number | undefined {
  return unixTimeOf(time);
}
