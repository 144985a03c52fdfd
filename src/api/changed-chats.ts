import { isRecord, type JsonRecord } from '../events/json';
import { ApiError } from './api-error';
import { wordsOf } from './entry';
import type { Line } from './lines';
import { pages, reportOddCursor, type Ask, type CursorObserver } from './paging';

/** A chat out of a line's list. */
export interface ChangedChat {
  readonly id: string;
  /** When something last happened in it, in unix seconds; `undefined` if ChatApp does not say. */
  readonly lastTime: number | undefined;
  /** The chat as the list has it. */
  readonly entry: JsonRecord;
}

export interface ChangedChatsQuery extends CursorObserver {
  readonly line: Line;
  /** In unix seconds. */
  readonly since: number;
  readonly signal?: AbortSignal | undefined;
  /** So many chats without a time were left out, at the end of the list. */
  readonly onOmitted?: (count: number) => void;
}

/** Chats without a time may have changed or not: more than these are not looked into. */
export const MAX_UNTIMED = 1_000;
/** How often the list is read from the top again because it moved while it was paged. */
const MAX_PASSES = 10;

/**
 * Reads which chats of a line had activity since a time, newest first, page by page, each chat once; of the chats whose
 * time is not known the first 1,000. Every chat that had changed when the reading began is found, however the list
 * moves meanwhile.
 * @throws ApiError `noProgress` if the list repeats or does not end: chats may be missing then
 */
export async function* readChangedChats(ask: Ask, query: ChangedChatsQuery): AsyncGenerator<ChangedChat[]> {
  const path = chatsPath(query.line);
  const found = new FoundChats(query.since);
  let from: number | undefined = query.since;
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    from = yield* readPass(ask, query, from, pass === 1, found);
    if (from === undefined) {
      if (found.omitted.size > 0) query.onOmitted?.(found.omitted.size);
      return;
    }
  }
  throw ApiError.noProgress(path);
}

/** Where the chats of a line are; the path of one chat begins with it. */
export function chatsPath({ licenseId, messengerType }: Line): string {
  return `/v1/licenses/${licenseId}/messengers/${messengerType}/chats`;
}

/**
 * Reads the list once, from the top down to `from`. A chat in which something happens meanwhile moves to the top, out
 * of the pages that are still to come, and others follow on top of it.
 * @returns the time from which on the list has to be read again; `undefined` if nothing can have been overlooked
 */
async function* readPass(
  ask: Ask,
  query: ChangedChatsQuery,
  from: number,
  isFirst: boolean,
  found: FoundChats,
): AsyncGenerator<ChangedChat[], number | undefined> {
  const { line, signal } = query;
  const path = chatsPath(line);
  const list = {
    path,
    idOf: (entry: JsonRecord) => wordsOf(entry.id),
    byTime: { timeOf: timeOfChat, order: 'newestFirst', endsWithoutCursor: false },
    ...(signal && { signal }),
    onOddCursor: () => reportOddCursor(path, query),
  } as const;
  /** The newest time at the beginning: what moves after that has this time or a later one. */
  let newest: number | undefined;
  let isTop = true;
  let isBelow = true;
  let hasMoved = false;
  for await (const entries of pages(ask, list)) {
    if (!isBelow) hasMoved = true;
    const chats = entries.flatMap(asChat);
    // Whatever happens takes its chat to the top. Without this, many chats of the same second are read again and again.
    if (isTop && found.hasSameTop(chats)) return undefined;
    isTop = false;
    const changed = found.add(chats);
    if (changed.length > 0) yield changed;

    const times = chats.flatMap(({ lastTime }) => lastTime ?? []);
    if (times.length === 0) continue;
    newest ??= times.reduce((one, other) => Math.max(one, other));
    isBelow = (times.at(-1) ?? Infinity) < from;
    // An old chat that is pinned comes first and says nothing about those below it, so one more page is read after a
    // page with something new. Later passes only look for what has moved: the order of the list is trusted there.
    const hasNew = isFirst && changed.some(({ lastTime }) => lastTime !== undefined);
    if (isBelow && !hasNew) break;
  }
  return hasMoved ? (newest ?? from) : undefined;
}

/** Which chats were found so far. */
class FoundChats {
  /** The chats without a time that were left out. */
  readonly omitted = new Set<string>();
  readonly #found = new Set<string>();
  #untimed = 0;
  #top = '';

  constructor(private readonly since: number) {}

  /** True if these chats at the top of the list are those of the pass before, with the same times. */
  hasSameTop(chats: readonly ChangedChat[]): boolean {
    const top = JSON.stringify(chats.map(({ id, lastTime }) => [id, lastTime]));
    const isSame = top === this.#top;
    this.#top = top;
    return isSame;
  }

  /** Returns those of the chats that have changed, or may have, and were not found before. */
  add(chats: readonly ChangedChat[]): ChangedChat[] {
    return chats.filter(({ id, lastTime }) => {
      if (this.#found.has(id) || (lastTime !== undefined && lastTime < this.since)) return false;
      if (lastTime === undefined && this.#untimed >= MAX_UNTIMED) {
        this.omitted.add(id);
        return false;
      }
      if (lastTime === undefined) this.#untimed += 1;
      this.#found.add(id);
      return true;
    });
  }
}

function asChat(entry: JsonRecord): ChangedChat[] {
  const id = wordsOf(entry.id);
  return id === undefined ? [] : [{ id, lastTime: timeOfChat(entry), entry }];
}

function timeOfChat({ lastTime }: JsonRecord): number | undefined {
  return unixTimeOf(lastTime);
}

/** From this number on, a time is in ms: in s, it would be in the year 5138. */
const IN_MS = 100_000_000_000;

/**
 * A time in unix seconds, from a number or a text, in s as ChatApp gives it, in ms or in ISO 8601; `undefined` for `null`, 0
 * and what is no time.
 */
export function unixTimeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const isDate = typeof value === 'string' && ISO_DATE.test(value);
  const time = isDate ? Date.parse(value) / 1_000 : Number(value);
  return Number.isFinite(time) && time > 0 ? Math.floor(time < IN_MS ? time : time / 1_000) : undefined;
}

/** With its time zone: without one, nobody knows what it means. */
const ISO_DATE = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/;

/** The id of the user who is responsible for a chat; `undefined` if nobody is. */
export function responsibleFor({ responsible }: JsonRecord): string | undefined {
  return wordsOf(isRecord(responsible) ? responsible.id : responsible);
}
