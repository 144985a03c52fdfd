import type { ChangedChat, ChangedChatsQuery } from '../api/changed-chats';
import type { HistoryPriority } from '../api/paging';
import { lineName, type Line } from '../api/lines';
import type { Priority } from '../api/rate-limiter';
import type { Gap } from './gaps';

export interface ChatsToReadOptions {
  readonly readChats: (query: ChangedChatsQuery, priority: HistoryPriority) => AsyncIterable<ChangedChat[]>;
}

type ListObserver = Pick<ChangedChatsQuery, 'signal' | 'onOddCursor' | 'onOmitted'>;

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

/** Finds the chats of a gap that have to be read, by the lists of its lines: first all, then again what may be incomplete. */
export class ChatsToRead {
  /** The chats that changed in the gap and are not wanted, and when they did, in unix seconds. */
  readonly #leftOut = new Map<string, number | undefined>();
  /** When each chat that was read had changed last: until it changes again, it is not read twice. In unix seconds. */
  readonly #read = new Map<string, number | undefined>();
  /** The chats whose messages lagged behind the list when they were read. */
  readonly #behind = new Set<string>();
  /** From when on chats are read once more that were read before; absent while the gap is filled for the first time. */
  #confirmFrom: number | undefined;

  /** @param since from when on messages are missing, in unix seconds */
  constructor(
    private readonly choice: ChatChoice,
    private readonly gap: Gap,
    private readonly since: number,
    private readonly options: ChatsToReadOptions,
  ) {}

  /** From now on chats are read once more, from `from` on, in unix seconds, or from where they were read to, if they have changed. */
  confirmFrom(from: number): void {
    this.#confirmFrom = from;
    for (const name of this.#behind) this.#read.delete(name);
    this.#behind.clear();
  }

  /** From now on chats are read once more, whether they have changed or not. */
  forgetRead(): void {
    this.#read.clear();
  }

  /** How many chats have changed since `time`, in unix seconds, and were left out. */
  leftOutSince(time: number): number {
    return [...this.#leftOut.values()].filter((changed) => changed !== undefined && changed >= time).length;
  }

  /**
   * Reads the list of a line; `found` has its chats up to where an error has ended it.
   * @throws ApiError
   */
  async list(line: Line, query: ListObserver, found: ChatToRead[]): Promise<void> {
    // Live events wait for the list, which says for which chats they have to.
    const priority = (): Priority => (this.choice.waitingChats().size > 0 ? 'list' : 'history');
    for await (const page of this.options.readChats({ ...query, line, since: this.since }, priority)) {
      for (const chat of page) found.push(...this.#toRead(line, chat));
    }
  }

  /** This chat was read; `isBehind` if the list says that there are more messages. */
  noteRead({ name, chat }: ChatToRead, isBehind: boolean): void {
    this.#read.set(name, chat.lastTime);
    if (isBehind) this.#behind.add(name);
  }

  #toRead(line: Line, chat: ChangedChat): ChatToRead[] {
    const name = chatName(line, chat.id);
    const { lastTime } = chat;
    if (!this.choice.isChatWanted(name, chat)) {
      // What changes while the gap is filled comes live.
      const isMissed = this.#confirmFrom === undefined || (lastTime ?? 0) <= this.#confirmFrom;
      if (isMissed && !this.#leftOut.has(name)) this.#leftOut.set(name, lastTime);
      return [];
    }
    this.#leftOut.delete(name);
    const from = Math.min(this.#readUntil(name) - 1, this.#confirmFrom ?? Infinity);
    const isRead = this.#read.has(name) && this.#read.get(name) === lastTime;
    if (isRead || (lastTime !== undefined && lastTime < from)) return [];
    return [{ name, line, chat, from: Math.max(this.since, from) }];
  }

  /** Until when the messages of a chat were read. */
  #readUntil(name: string): number {
    return this.gap.chats.get(name) ?? -Infinity;
  }
}

/** The name of a chat that tells it from those of other lines. */
export function chatName(line: Line, chat: string): string {
  return `${lineName(line)}/${chat}`;
}
