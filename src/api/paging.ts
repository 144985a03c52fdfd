import { isRecord, listIn, type JsonRecord } from '../events/json';
import { silentLog, type Log } from '../log';
import { ApiError, publicPath } from './api-error';
import { PageOrder, type List, type Page, type Query } from './page-order';
import type { Priority } from './rate-limiter';

/** Asks the API to read `path`; retried and authorised. */
export type Ask = (path: string, query: Query, signal?: AbortSignal) => Promise<unknown>;

/** The priority of a request for history, when its turn comes. */
export type HistoryPriority = () => Priority;

/** ChatApp's lists give 20 entries if they are not asked for more; 100 is the maximum. */
export const PAGE_SIZE = 100;
/** Of 100 entries each: ChatApp has no longer lists. */
const MAX_PAGES = 1_000;

/**
 * Reads a list page by page, up to its end, or until the caller stops.
 * @throws ApiError `noProgress` if the pages repeat or do not end; the signal's reason if it is aborted
 */
export async function* pages(ask: Ask, list: List): AsyncGenerator<readonly JsonRecord[]> {
  const { path, query = {}, signal, maxPages = MAX_PAGES } = list;
  const order = new PageOrder(list);
  let next: Query | undefined = query;
  for (let count = 0; count < maxPages; count += 1) {
    signal?.throwIfAborted();
    const page = readPage(list, await ask(path, { ...next, limit: String(PAGE_SIZE) }, signal));
    yield page.entries;
    next = order.after(page);
    if (next === undefined) return;
  }
  throw ApiError.noProgress(path);
}

/** Observes whether the cursors of a list lead on. */
export interface CursorObserver {
  readonly log?: Log;
  /** The cursor of a page leads nowhere. The list is read on by time, but something may be missing. */
  readonly onOddCursor?: () => void;
}

export function reportOddCursor(path: string, { log = silentLog, onOddCursor }: CursorObserver): void {
  log.warn(`The cursor of ${publicPath(path)} leads nowhere: the list is read on by time`);
  onOddCursor?.();
}

/**
 * The entries of a page: the `items` in its `data`, or `data` itself if that is a list. An empty list in the wrong place says
 * nothing.
 * @throws ApiError if there is no list
 */
export function itemsIn(path: string, body: unknown): readonly unknown[] {
  const data = isRecord(body) ? body.data : undefined;
  const items = hasItems(data) ? listIn(data.items) : listIn(data);
  if (!items || (items === data && items.length === 0)) throw ApiError.unreadable(path, 200);
  return items;
}

function hasItems(data: unknown): data is JsonRecord {
  return isRecord(data) && 'items' in data;
}

function readPage({ path, byTime }: List, body: unknown): Page {
  const items = itemsIn(path, body);
  const data = isRecord(body) ? body.data : undefined;
  const isFull = items.length >= PAGE_SIZE;
  // A bare list has no room for a cursor: more may follow, and is asked for by time.
  const withoutCursor = isFull && byTime !== undefined ? null : undefined;
  const cursor = hasItems(data) ? cursorOf(data, byTime !== undefined) : withoutCursor;
  return { entries: items.filter(isRecord), isFull, cursor };
}

/** Nothing, or the text that a template makes of it. */
const NO_CURSOR = /^\s*(null|undefined|false)?\s*$/i;

/** `null` if it is not a cursor. Lists by time have texts for cursors; those of other lists may be numbers too. */
function cursorOf({ nextPage }: JsonRecord, isText: boolean): string | null | undefined {
  if (nextPage === null || nextPage === undefined || nextPage === false) return undefined;
  if (typeof nextPage === 'string') return NO_CURSOR.test(nextPage) ? undefined : nextPage;
  return !isText && typeof nextPage === 'number' && Number.isSafeInteger(nextPage) ? String(nextPage) : null;
}
