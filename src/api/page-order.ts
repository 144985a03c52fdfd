import type { JsonRecord } from '../events/json';
import { ApiError } from './api-error';

export type Query = Readonly<Record<string, string>>;

/** How a list is read by the times of its entries, with the parameter `lastTime`. */
export interface ByTime {
  /** In unix seconds; `undefined` if the entry has no time. */
  readonly timeOf: (entry: JsonRecord) => number | undefined;
  readonly order: 'newestFirst' | 'oldestFirst';
  /** True if a full page without a cursor is the last one; false if the list may have no cursors at all. */
  readonly endsWithoutCursor: boolean;
}

export interface List {
  readonly path: string;
  readonly query?: Query;
  /** Tells entries apart: a page on which no id is new is no progress. */
  readonly idOf: (entry: JsonRecord) => string | undefined;
  /** Present if the list can also be read by the times of its entries. */
  readonly byTime?: ByTime;
  /** @default 1,000 */
  readonly maxPages?: number;
  readonly signal?: AbortSignal;
  /** Called at most once: the cursor leads nowhere, and the list is read on by time. */
  readonly onOddCursor?: (() => void) | undefined;
}

/** One page as the API gives it. */
export interface Page {
  readonly entries: readonly JsonRecord[];
  /** False if the page has fewer entries than were asked for: nothing comes after it, unless a cursor says so. */
  readonly isFull: boolean;
  /** `undefined`: there is none; `null`: there is one that cannot be used. */
  readonly cursor: string | null | undefined;
}

/** How many pages in a row may bring nothing new: entries that move while the list is read come twice. */
const MAX_STALE = 3;

/**
 * Decides which page of a list comes next: by the cursor, which takes the place of `lastTime`, as long as it leads
 * on; then by time. A cursor for chats was never seen in use, while reading them by time is proven.
 */
export class PageOrder {
  readonly #ids = new Set<string>();
  readonly #cursors = new Set<string>();
  /** How many of the latest pages brought nothing new. */
  #stale = 0;
  /** Where the next page begins, if it is asked for by time. */
  #frontier: number | undefined;
  #isByTime = false;
  /** The `lastTime` that the latest page was asked for with; absent if it was asked for by cursor. */
  #asked: number | undefined;

  constructor(private readonly list: List) {}

  /**
   * The query of the page after this one; `undefined` at the end of the list.
   * @throws ApiError `noProgress`
   */
  after(page: Page): Query | undefined {
    const { path, query = {}, byTime, onOddCursor } = this.list;
    const isNew = this.#note(page.entries);
    this.#stale = isNew ? 0 : this.#stale + 1;
    this.#frontier = this.#frontierOf(page.entries) ?? this.#frontier;

    if (this.#isByTime) {
      if (this.#isLast(page, isNew)) return undefined;
    } else {
      if (page.cursor === undefined && !(page.isFull && byTime?.endsWithoutCursor === false)) return undefined;
      if (typeof page.cursor === 'string' && this.#leadsOn(page.cursor)) {
        const { lastTime: _, ...rest } = query;
        return { ...rest, nextPage: page.cursor };
      }
      if (page.cursor !== undefined) onOddCursor?.();
      this.#isByTime = true;
      this.#stale = 0;
    }

    const isRepeated = !isNew && this.#frontier === this.#asked;
    // Below the last time there are only entries without one, and no way to ask for more of those.
    if (isRepeated && this.#frontier !== undefined && this.#endsWithoutTime(page)) return undefined;
    if (this.#frontier === undefined || isRepeated || this.#stale > MAX_STALE) throw ApiError.noProgress(path);
    this.#asked = this.#frontier;
    return { ...query, lastTime: String(this.#frontier) };
  }

  /** Notes the ids; true if one is new. */
  #note(entries: readonly JsonRecord[]): boolean {
    const known = this.#ids.size;
    for (const entry of entries) {
      const id = this.list.idOf(entry);
      if (id !== undefined) this.#ids.add(id);
    }
    return this.#ids.size > known;
  }

  #leadsOn(cursor: string): boolean {
    if (this.#cursors.has(cursor) || this.#stale > MAX_STALE) return false;
    this.#cursors.add(cursor);
    return true;
  }

  /** The last time of the page, a second wider: whether ChatApp includes `lastTime` is not known. */
  #frontierOf(entries: readonly JsonRecord[]): number | undefined {
    const { byTime } = this.list;
    const last = byTime && entries.findLast((entry) => byTime.timeOf(entry) !== undefined);
    const time = last && byTime.timeOf(last);
    if (time === undefined) return undefined;
    return byTime?.order === 'newestFirst' ? time + 1 : Math.max(0, time - 1);
  }

  /**
   * A short page by time is the last one. If it says that more pages come, it is only believed once it repeats what is
   * known and the server has kept to `lastTime`: otherwise the same page comes whatever is asked for.
   */
  #isLast(page: Page, isNew: boolean): boolean {
    if (page.isFull) return false;
    return page.cursor === undefined || (!isNew && page.entries.every((entry) => this.#isInRange(entry)));
  }

  #endsWithoutTime({ entries }: Page): boolean {
    const { byTime } = this.list;
    const last = entries.at(-1);
    return byTime?.order === 'newestFirst' && last !== undefined && byTime.timeOf(last) === undefined;
  }

  #isInRange(entry: JsonRecord): boolean {
    const { byTime } = this.list;
    const time = byTime?.timeOf(entry);
    if (time === undefined || this.#asked === undefined) return true;
    return byTime?.order === 'newestFirst' ? time <= this.#asked : time >= this.#asked;
  }
}
