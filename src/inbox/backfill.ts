import type { ApiError } from '../api/api-error';
import { MAX_UNTIMED } from '../api/changed-chats';
import { timesOf, type ChatMessagesQuery } from '../api/chat-messages';
import type { HistoryPriority } from '../api/paging';
import { Semaphore } from '../api/semaphore';
import { lineName, type Line } from '../api/lines';
import type { Priority } from '../api/rate-limiter';
import { isNoProgress, isRefusal, ReadFailures, readAgainAfter } from '../api/read-failures';
import { pause, type Clock } from '../clock';
import { ChatAppError } from '../errors';
import type { Item } from '../events';
import type { SkipReason } from '../health';
import { ChatsToRead, type ChatChoice, type ChatsToReadOptions, type ChatToRead } from './chats-to-read';
import type { FillProgress } from './fill-progress';
import { OVERLAP, type Gap } from './gaps';
import { Losses } from './losses';

/** How long after the subscription the history is read once more, in ms: it may lag behind. */
const CONFIRM_AFTER = 60_000;
/** How far the history may lag behind then, in s: as far back it is read once more. */
const CONFIRM_OVERLAP = 120;
/** The waits before it is read for the last times, in ms, and how far back, in s: it may lag behind by a quarter of an hour. */
const LATE_CONFIRMS = [4 * 60_000, 10 * 60_000];
const LATE_OVERLAP = 15 * 60;
/** How many lists and chats are read at a time. */
const READ_AT_A_TIME = 5;
/** How many messages of one channel are fetched in one gap. */
const MAX_MESSAGES = 10_000;

/** The same for all channels. */
export interface BackfillOptions extends ChatsToReadOptions {
  readonly readMessages: (query: ChatMessagesQuery, priority: HistoryPriority) => AsyncIterable<Item[]>;
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  /** How far back messages are fetched, in hours. */
  readonly hours: number;
}

/** The channel whose gap is filled. */
export interface BackfillTarget extends ChatChoice {
  readonly channel: string;
  readonly progress: FillProgress;
  /** The lines whose messages the channel may bring, besides those known; absent if it brings those of no other. */
  readonly readLines?: (() => Promise<readonly Line[]>) | undefined;
  /** Delivers messages of one chat that were fetched, oldest first. Resolves with how many of them were missing. */
  deliver(line: Line, items: readonly Item[]): Promise<number>;
  /** These chats are still to be read; the events of all others need not wait. */
  onListed(chats: Iterable<string>): void;
  /** The messages of a chat were delivered up to now. */
  onChatRead(chat: string, until: number): void;
  /** So many chats were left out: none or several. */
  onSkipped(reason: SkipReason, count: number): void;
  /** What is missing will not be there soon: live events must not wait for it. */
  onStuck(): void;
  /** All was read that ChatApp gives, or why something was not: then it is tried again. Refusals come after other failures. */
  onRead(failure: ChatAppError | undefined): void;
  /** `RECOVERY_FAILED`: some messages are not delivered. */
  onLoss(error: ChatAppError): void;
}

/** Something of a line could not be read; or, without a line, which lines there are. */
interface Failure {
  readonly line: Line | undefined;
  readonly error: unknown;
}

/** What happened while the lines were read once. */
interface Pass {
  /** The chats to read, by name. */
  readonly chats: Map<string, ChatToRead>;
  readonly failures: Failure[];
  /** The answers to chats whose messages ChatApp does not give. */
  readonly refused: ApiError[];
  /** How many chats have more messages than are fetched. */
  cut: number;
}

/** Fetches the messages of one channel's gap, chat by chat. */
export class Backfill {
  readonly #failures: ReadFailures;
  readonly #chats: ChatsToRead;
  readonly #losses: Losses;
  /** The lines by name. */
  readonly #lines: Map<string, Line>;
  /** The lines whose lists are refused for certain; `undefined` stands for the list of the lines. */
  readonly #refused = new Set<Line | undefined>();
  /** The chats whose messages are refused for certain. */
  readonly #givenUp = new Set<string>();
  /** Until when each chat was read by an earlier run, in unix seconds. */
  readonly #readEarlier: readonly number[];
  /** In unix seconds. */
  readonly #earliest: number;
  #count = 0;
  #hasOddCursor = false;
  readonly #onOddCursor = (): void => void (this.#hasOddCursor = true);
  readonly #listQuery;

  constructor(
    private readonly target: BackfillTarget,
    private readonly gap: Gap,
    lines: readonly Line[],
    private readonly options: BackfillOptions,
    private readonly signal: AbortSignal,
  ) {
    const { clock, serverTime, hours } = options;
    this.#failures = new ReadFailures(clock);
    this.#losses = new Losses(target, gap.from, serverTime);
    this.#earliest = Math.floor(serverTime()) - hours * 3_600;
    this.#chats = new ChatsToRead(target, gap, Math.max(gap.from, this.#earliest), options);
    this.#lines = new Map(lines.map((line) => [lineName(line), line]));
    this.#readEarlier = [...gap.chats.values()];
    this.#listQuery = {
      signal,
      onOddCursor: this.#onOddCursor,
      onOmitted: (count: number) => this.#losses.reportOnce('untimed', { count, limit: MAX_UNTIMED }),
    };
  }

  /** Resolves when all that was missing is delivered, or reported as lost. Rejects when `signal` is aborted. */
  async fill(): Promise<void> {
    const { hours } = this.options;
    const missingFrom = this.gap.from + OVERLAP;
    if (missingFrom < this.#earliest)
      this.#losses.report('tooOld', { hours }, { from: missingFrom, to: this.#earliest });
    await this.#readLines();
  }

  /** Reads what the history did not have yet when the gap was filled; `since` is when that began, in unix seconds. */
  async confirm(since: number): Promise<void> {
    await pause(this.options.clock, CONFIRM_AFTER, this.signal);
    this.#chats.forgetRead();
    await this.#readAgain(since, CONFIRM_OVERLAP);
    const missing = { from: Math.max(this.gap.from + OVERLAP, this.#earliest), to: since };
    const otherChats = this.#chats.leftOutSince(missing.from);
    if (otherChats > 0) this.#losses.report('role', {}, missing);
    this.target.onSkipped('otherChat', otherChats);
  }

  /** Reads twice more, some minutes later, the chats that have changed since, or whose messages lagged behind the list. */
  async confirmLate(since: number): Promise<void> {
    for (const wait of LATE_CONFIRMS) {
      await pause(this.options.clock, wait, this.signal);
      await this.#readAgain(since, LATE_OVERLAP);
    }
  }

  async #readAgain(since: number, overlap: number): Promise<void> {
    this.#count = 0;
    // An earlier run may have read chats when the history lagged behind.
    const filledFrom = Math.min(since, ...this.#readEarlier);
    this.#chats.confirmFrom(Math.max(this.gap.from, filledFrom - overlap));
    await this.#readLines();
  }

  /** Reads the lines, and again those of which something could not be read. */
  async #readLines(): Promise<void> {
    const { clock, hours, random } = this.options;
    const startedAt = clock.monotonic();
    let lines = [...this.#lines.values()];
    let areLinesOpen = true;
    for (let attempt = 0; ; attempt += 1) {
      const pass: Pass = { chats: new Map(), failures: [], refused: [], cut: 0 };
      if (areLinesOpen) lines.push(...(await this.#findLines(pass)));
      await this.#readOnce(lines, pass);
      this.#report(pass);
      // What is refused for as long as messages may be fetched is lost, and was reported.
      const isOver = clock.monotonic() - startedAt > hours * 3_600_000;
      const open = pass.failures.filter(({ line }) => !isOver || !this.#refused.has(line));
      if (open.length === 0) return;
      lines = lines.filter((line) => open.some((failure) => failure.line === line));
      areLinesOpen = open.some(({ line }) => line === undefined);
      const isLasting = open.every(({ line, error }) => this.#refused.has(line) || isNoProgress(error));
      if (isLasting) this.target.onStuck();
      const errors = open.map(({ error }) => error);
      await pause(clock, readAgainAfter(errors, attempt, isLasting, random), this.signal);
    }
  }

  /** Resolves with the lines that were not known before. */
  async #findLines({ failures }: Pass): Promise<Line[]> {
    const subject = 'list of lines';
    try {
      const lines = (await this.target.readLines?.()) ?? [];
      const found = new Map(lines.map((line) => [lineName(line), line]));
      for (const name of this.#lines.keys()) found.delete(name);
      for (const [name, line] of found) this.#lines.set(name, line);
      this.#failures.succeeded(subject);
      this.#refused.delete(undefined);
      return [...found.values()];
    } catch (error) {
      if (this.#failures.classify(subject, error) === 'refused') this.#refused.add(undefined);
      failures.push({ line: undefined, error });
      return [];
    } finally {
      this.signal.throwIfAborted();
    }
  }

  async #readOnce(lines: readonly Line[], pass: Pass): Promise<void> {
    const semaphore = new Semaphore(READ_AT_A_TIME);
    await Promise.all(lines.map((line) => semaphore.run(() => this.#listChats(line, pass))));
    this.signal.throwIfAborted();
    // While a list is missing, it is not known whose events have to wait.
    if (pass.failures.length === 0) this.target.onListed(pass.chats.keys());
    const waiting = [...pass.chats.values()];
    const readNext = async (): Promise<void> => {
      const next = this.#takeNext(waiting);
      if (next) await this.#readChat(next, pass);
    };
    // Each takes one out of the list, also while this goes through it.
    await Promise.all([...waiting].map(() => semaphore.run(readNext)));
  }

  async #listChats(line: Line, { chats, failures }: Pass): Promise<void> {
    const subject = `list of ${lineName(line)}`;
    const found: ChatToRead[] = [];
    try {
      await this.#chats.list(line, this.#listQuery, found);
      this.#failures.succeeded(subject);
      this.#refused.delete(line);
    } catch (error) {
      this.signal.throwIfAborted();
      if (this.#failures.classify(subject, error) === 'refused') this.#refused.add(line);
      failures.push({ line, error });
      // It may never come to its end; what it has before that need not wait.
      if (!isNoProgress(error)) return;
    }
    for (const chat of found) {
      if (!chats.has(chat.name)) chats.set(chat.name, chat);
      this.target.progress.find(chat.name);
    }
  }

  /** Chats whose live events wait come first. */
  #takeNext(chats: ChatToRead[]): ChatToRead | undefined {
    const waiting = this.target.waitingChats();
    const first = waiting.size > 0 ? chats.findIndex(({ name }) => waiting.has(name)) : -1;
    return first > 0 ? chats.splice(first, 1)[0] : chats.shift();
  }

  async #readChat(toRead: ChatToRead, pass: Pass): Promise<void> {
    const { name, line, chat, from } = toRead;
    if (this.#givenUp.has(name)) return;
    const { readMessages, serverTime } = this.options;
    this.target.progress.begin();
    let until = Math.floor(serverTime());
    /** The time of the newest message, in unix seconds. */
    let newest = from;
    let isBehind = false;
    const { signal } = this;
    const query = { line, chatId: chat.id, entry: chat.entry, from, signal, onOddCursor: this.#onOddCursor };
    try {
      if (this.#count < MAX_MESSAGES) {
        const priority = (): Priority => (this.target.waitingChats().has(name) ? 'list' : 'history');
        for await (const items of readMessages(query, priority)) {
          const missing = await this.target.deliver(line, items);
          newest = Math.max(newest, ...timesOf(items).slice(-1));
          // Other chats are read at the same time.
          this.#count += missing;
          this.target.progress.fetch(missing);
          // A later backfill may have begun: what waits for that must not be released.
          this.signal.throwIfAborted();
          if (this.#count >= MAX_MESSAGES) break;
        }
      }
      if (this.#count >= MAX_MESSAGES) pass.cut += 1;
      // The list says that there is more: the history lags behind it. The rest is read later.
      else if (newest < (chat.lastTime ?? 0)) {
        until = newest;
        isBehind = true;
      }
      this.#failures.succeeded(name);
    } catch (error) {
      this.signal.throwIfAborted();
      const isLost = isRefusal(error) && this.#failures.classify(name, error) === 'refused';
      if (!isLost) return void pass.failures.push({ line, error });
      this.#givenUp.add(name);
      pass.refused.push(error);
    }
    this.#chats.noteRead(toRead, isBehind);
    this.target.progress.finish(name);
    this.target.onChatRead(name, until);
  }

  #report({ failures, refused, cut }: Pass): void {
    const [first] = refused;
    this.target.onSkipped('refusedChat', refused.length);
    this.target.onSkipped('cutChat', cut);
    if (first) this.#losses.report('chatsRefused', { status: first.status ?? '', count: refused.length });
    if (cut > 0) this.#losses.report('tooMany', { limit: MAX_MESSAGES, count: cut });
    const errors = failures.map(({ error }) => error);
    if (this.#hasOddCursor || errors.some(isNoProgress)) this.#losses.reportOnce('noProgress');
    // A refusal is reported once it is certain.
    const refusal = failures.find(({ line, error }) => this.#refused.has(line) && isRefusal(error))?.error;
    if (isRefusal(refusal)) this.#losses.reportOnce('refused', { status: refusal.status ?? '' });
    const known = errors.filter((error) => error instanceof ChatAppError);
    this.target.onRead(known.find((error) => !isReportedAsLoss(error)) ?? known[0]);
  }
}

/** True for a failure that is reported as messages that are missing, once it is certain. */
export function isReportedAsLoss(error: ChatAppError): boolean {
  return isRefusal(error) || isNoProgress(error);
}
