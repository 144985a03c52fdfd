import type { ChangedChat, ChangedChatsQuery } from '../api/changed-chats';
import type { HistoryPriority } from '../api/paging';
import { lineName, type Line } from '../api/lines';
import type { Priority } from '../api/rate-limiter';
import type { Gap } from './gaps';

export interface ChatsToReadOptions {
  readonly readChats: (query: ChangedChatsQuery, priority: HistoryPriority) => AsyncIterable<ChangedChat[]>;
}

/** What the channel of a gap says about chats. */
export interface ChatChoice {
  /** False for a chat whose messages the channel may not have brought, had it been received. */
  isChatWanted(name: string, chat: ChangedChat): boolean;
  /** The chats whose live events wait, in the form `<line>/<messenger>/<chat>`: they are read first. */
  waitingChats(): ReadonlySet<string>;
}

export interface ChatToRead {
  readonly name: string;
  readonly line: Line;
  readonly chat: ChangedChat;
  /** From when on its messages are missing, in unix seconds. */
  readonly from: number;
}

/** Finds the chats of a gap that have to be read, by the lists of its lines: first all, then again what has changed since. */
export class ChatsToRead {
  /** The lines whose lists were read to the end. */
  readonly #listed = new Set<string>();
  /** The chats that changed in the gap and are not wanted, and when they did, in unix seconds. */
  readonly #leftOut = new Map<string, number | undefined>();
  /** From when on chats are read that were covered before; absent while the gap is filled for the first time. */
  #confirmFrom: number | undefined;
  /** What was not covered before: it is read from the beginning. */
  #uncovered = new Set<string>();

  /** @param since from when on messages are missing, in unix seconds */
  constructor(
    private readonly choice: ChatChoice,
    private readonly gap: Gap,
    private readonly since: number,
    private readonly options: ChatsToReadOptions,
  ) {}

  /** From now on only what has changed since `from`, in unix seconds; but new lines and chats from the beginning. */
  confirm(from: number): void {
    this.#confirmFrom = from;
    this.#uncovered = new Set(this.#leftOut.keys());
  }

  /** How many chats have changed since `time`, in unix seconds, and were left out. */
  leftOutSince(time: number): number {
    return [...this.#leftOut.values()].filter((changed) => changed !== undefined && changed >= time).length;
  }

  /**
   * Reads the list of a line; `found` has its chats up to where an error has ended it.
   * @throws ApiError
   */
  async list(line: Line, query: Pick<ChangedChatsQuery, 'signal' | 'onOddCursor'>, found: ChatToRead[]): Promise<void> {
    const name = lineName(line);
    const isFirst = this.#confirmFrom === undefined || !this.#listed.has(name);
    const since = isFirst ? this.since : (this.#confirmFrom ?? this.since);
    // Live events wait for the list, which says for which chats they have to.
    const priority = (): Priority => (this.choice.waitingChats().size > 0 ? 'list' : 'history');
    for await (const page of this.options.readChats({ ...query, line, since }, priority)) {
      for (const chat of page) found.push(...this.#toRead(line, chat, since, isFirst));
    }
    // Later, its list is read from the beginning each time: what has failed in between would be overlooked.
    if (this.#confirmFrom === undefined) this.#listed.add(name);
  }

  #toRead(line: Line, chat: ChangedChat, since: number, isFirst: boolean): ChatToRead[] {
    const name = chatName(line, chat.id);
    if (!this.choice.isChatWanted(name, chat)) {
      if (isFirst && !this.#leftOut.has(name)) this.#leftOut.set(name, chat.lastTime);
      return [];
    }
    this.#leftOut.delete(name);
    const isNew = isFirst || this.#uncovered.has(name);
    const readFrom = isNew ? this.#readFrom(name) : since;
    if (chat.lastTime !== undefined && chat.lastTime < readFrom) return [];
    return [{ name, line, chat, from: Math.max(isNew ? this.since : since, readFrom) }];
  }

  /** From when on messages of a chat were not read yet. */
  #readFrom(name: string): number {
    return (this.gap.chats.get(name) ?? -Infinity) - 1;
  }
}

/** The name of a chat that tells it from those of other lines. */
export function chatName(line: Line, chat: string): string {
  return `${lineName(line)}/${chat}`;
}
