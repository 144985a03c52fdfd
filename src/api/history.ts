import { pause, type Clock } from '../clock';
import type { Item } from '../events';
import type { JsonRecord } from '../events/json';
import type { Log } from '../log';
import { ApiError } from './api-error';
import { readChangedChats } from './changed-chats';
import { readChatMessages } from './chat-messages';
import { Lanes } from './lanes';
import type { Line } from './lines';
import type { Ask } from './paging';
import type { Priority } from './rate-limiter';
import { CONFIRM_AFTER, isNoProgress, isRefusal, ReadFailures } from './read-failures';

export interface HistoryQuery {
  readonly line: Line;
  /** Messages of this second and later ones, in unix seconds. */
  readonly since: number;
  /** Shared by all lines of a channel. */
  readonly limit: MessageLimit;
  /**
   * More chats with new messages, asked for once the list of chats was read: a chat that is written to meanwhile moves
   * up the list, out of the pages that are still to come.
   */
  readonly alsoChats?: () => ReadonlySet<string>;
  /** True while live events wait until the list of chats is read. */
  readonly isAwaited?: () => boolean;
  /** Called whenever a page was read. */
  readonly onPage?: () => void;
  readonly signal?: AbortSignal;
}

export interface History {
  /** Messages and system messages with the shape of an event's item, their chat attached; not sorted. */
  readonly items: Item[];
  /** How many chats have messages beyond the limit that were not fetched. */
  readonly cutChats: number;
  /** True if a list repeats or does not end, so that there may be more than was found. */
  readonly isIncomplete?: boolean;
  /** Why chats were left out, one error for each: ChatApp refuses their messages. */
  readonly refused?: readonly ApiError[];
}

/** How many messages may still be fetched. */
export class MessageLimit {
  constructor(private left: number) {}

  /** Takes so many, or as many as are left; returns how many. */
  take(count: number): number {
    const taken = Math.min(count, this.left);
    this.left -= taken;
    return taken;
  }
}

/** Asked whenever a request may start: see `RateLimiter`. */
export type HistoryPriority = () => Priority;

export interface HistoryOptions {
  readonly ask: (priority: HistoryPriority) => Ask;
  readonly clock: Clock;
  readonly log: Log;
}

/** How many chats are read at a time: the rate is limited elsewhere, this keeps slow answers from wasting it. */
const CHATS_AT_A_TIME = 10;

/**
 * Reads what was written in a line's messenger since a time, deleted messages left out.
 * @throws ApiError
 */
export async function readHistory(options: HistoryOptions, query: HistoryQuery): Promise<History> {
  const { clock } = options;
  const reading = new HistoryReading(options, query);
  let chats: ReadonlyMap<string, JsonRecord | undefined> = await reading.findChats();
  for (;;) {
    chats = await reading.readChats(chats);
    if (chats.size === 0) return reading;
    await pause(clock, CONFIRM_AFTER, query.signal);
  }
}

/** One reading of a line's history. */
class HistoryReading implements History {
  readonly items: Item[] = [];
  cutChats = 0;
  isIncomplete = false;
  readonly refused: ApiError[] = [];
  readonly #lanes = new Lanes(CHATS_AT_A_TIME);
  readonly #failures: ReadFailures;

  constructor(
    private readonly options: HistoryOptions,
    private readonly query: HistoryQuery,
  ) {
    this.#failures = new ReadFailures(options.clock);
  }

  /** The chats with messages to fetch, each as the list has it. */
  async findChats(): Promise<Map<string, JsonRecord | undefined>> {
    const { line, since, signal, alsoChats } = this.query;
    const { ask, log } = this.options;
    // The list of a line comes before the messages of others: mostly it says that nothing was missed.
    const askChats = ask(() => (this.query.isAwaited?.() ? 'list' : 'busyHistory'));
    const chats = new Map<string, JsonRecord | undefined>();
    await this.#unlessEndless(async () => {
      for await (const page of readChangedChats(this.#noting(askChats), { line, since, signal, log })) {
        for (const { id, entry } of page) chats.set(id, entry);
      }
    });
    for (const id of alsoChats?.() ?? []) if (!chats.has(id)) chats.set(id, undefined);
    return chats;
  }

  /** Reads the messages of chats; returns the chats that were refused and have to be asked for once more. */
  async readChats(
    chats: ReadonlyMap<string, JsonRecord | undefined>,
  ): Promise<ReadonlyMap<string, JsonRecord | undefined>> {
    const again = new Map<string, JsonRecord | undefined>();
    const read = async (id: string, entry: JsonRecord | undefined): Promise<void> => {
      try {
        await this.#unlessEndless(() => this.#readChat(id, entry));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (this.#failures.classify(id, error) === 'refused') this.refused.push(error);
        else again.set(id, entry);
      }
    };
    await Promise.all([...chats].map(([id, entry]) => this.#lanes.run(() => read(id, entry))));
    return again;
  }

  async #readChat(chatId: string, entry: JsonRecord | undefined): Promise<void> {
    const { line, since, limit, signal } = this.query;
    const { ask, log } = this.options;
    const askMessages = ask(() => 'history');
    const query = { line, chatId, entry, from: since, signal, log };
    for await (const messages of readChatMessages(this.#noting(askMessages), query)) {
      const room = limit.take(messages.length);
      this.items.push(...messages.slice(0, room));
      if (room < messages.length) {
        this.cutChats += 1;
        return;
      }
    }
  }

  /** What was read before the list stopped leading on is good. */
  async #unlessEndless(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!isNoProgress(error)) throw error;
      this.isIncomplete = true;
    }
  }

  #noting(ask: Ask): Ask {
    return async (...question) => {
      const page = await ask(...question);
      this.query.onPage?.();
      return page;
    };
  }
}
