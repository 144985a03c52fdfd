import { responsibleFor } from '../api/changed-chats';
import type { Line } from '../api/lines';
import type { ErrorReporter } from '../channels/error-reporter';
import type { ChatAppError } from '../errors';
import { runInBackground, type Log } from '../log';
import { Backfill, isReportedAsLoss, type BackfillOptions, type BackfillTarget } from './backfill';
import type { ChannelInbox } from './channel-inbox';
import { FillProgress } from './fill-progress';
import type { Gaps } from './gaps';
import type { SeenChats } from './seen-chats';

/** The same for all channels. */
export interface GapFillerOptions extends BackfillOptions {
  readonly gaps: Gaps;
  /** The chats that each employee's channel has brought events of. */
  readonly seenChats: SeenChats;
  /** Reads which lines the account has. */
  readonly accountLines: () => Promise<readonly Line[]>;
  readonly reporter: ErrorReporter;
  /** False while nothing may be recorded: ChatApp's time is a guess, or another instance records. */
  readonly mayRecord: () => boolean;
  readonly log: Log;
}

export interface GapFillerCallbacks {
  /** True while nothing more can be missed. */
  readonly isSubscribed: () => boolean;
  /** `recovered` has changed. */
  readonly onState: () => void;
}

/** Fetches what one channel missed. Only a completed backfill closes its gap. */
export class GapFiller {
  #running: AbortController | undefined;
  /** True if all is fetched but what the history may show some minutes late. */
  #isLate = false;
  #recovered: number | undefined;
  #progress: FillProgress | undefined;
  #failure: ChatAppError | undefined;
  #isRoleReported = false;

  constructor(
    private readonly inbox: ChannelInbox,
    private readonly options: GapFillerOptions,
    private readonly callbacks: GapFillerCallbacks,
  ) {}

  get isRunning(): boolean {
    return this.#running !== undefined && !this.#isLate;
  }

  /** How many missing messages were fetched so far; absent while that is not shown. */
  get recovered(): number | undefined {
    return this.#recovered;
  }

  /** How far it got; absent if nothing is missing. */
  get progress(): FillProgress | undefined {
    return this.#progress;
  }

  /** Why the last reading failed; absent if it did not. */
  get failure(): ChatAppError | undefined {
    return this.#failure;
  }

  /** Begins, or begins again; with `isFirst`, live events wait for it and it is shown. */
  start(isFirst: boolean): void {
    // Until when the gap would be filled is not known: it stays, and grows.
    if (!this.options.mayRecord()) return this.#endWaiting();
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    this.#isLate = false;
    const { log } = this.options;
    runInBackground(this.#run(running, isFirst), log, `Fetching what was missed on ${this.inbox.channel}`);
  }

  /** From now on live events wait for what is missing, if something is. */
  holdLiveEvents(): void {
    if (this.#isNeeded) this.inbox.held.begin();
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#failure = undefined;
    this.inbox.held.end();
    this.options.reporter.recovered(this.#source);
  }

  get #isNeeded(): boolean {
    const { gaps, hours } = this.options;
    const { channel, wantsHistory } = this.inbox;
    return hours > 0 && wantsHistory && gaps.get(channel) !== undefined;
  }

  /** The lines whose messages the channel has brought. */
  get #lines(): Line[] {
    const { channel, line } = this.inbox;
    return line ? [line] : this.options.seenChats.linesOf(channel);
  }

  get #source(): string {
    return `history of ${this.inbox.channel}`;
  }

  async #run(running: AbortController, isFirst: boolean): Promise<void> {
    const { gaps, serverTime } = this.options;
    const { channel } = this.inbox;
    let since: number;
    let backfill: Backfill | undefined;
    try {
      do {
        since = Math.floor(serverTime());
        backfill = await this.#fill(running.signal, since, isFirst);
        running.signal.throwIfAborted();
      } while (gaps.correct(channel));
      const fetched = this.#progress?.state.messages ?? 0;
      this.#progress = undefined;
      if (!backfill && this.callbacks.isSubscribed()) return gaps.close(channel, fetched);
      gaps.reopen(channel, since, fetched);
      // Otherwise the next reading of the history is due soon.
      if (!this.callbacks.isSubscribed()) return;
      this.#isLate = true;
      await backfill?.confirmLate(since);
      if (this.callbacks.isSubscribed()) gaps.close(channel);
    } catch (error) {
      if (!running.signal.aborted) throw error;
    } finally {
      if (this.#running === running) {
        this.#running = undefined;
        this.#failure = undefined;
      }
    }
  }

  /** Resolves with nothing if there was nothing to fill. */
  async #fill(signal: AbortSignal, since: number, isFirst: boolean): Promise<Backfill | undefined> {
    const { channel, held } = this.inbox;
    const gap = this.options.gaps.get(channel);
    if (!gap || !this.#isNeeded) {
      this.#endWaiting();
      return undefined;
    }
    if (isFirst) held.begin();
    this.#setRecovered(isFirst ? 0 : undefined);
    const progress = new FillProgress(this.options.clock, this.#progress?.state.messages);
    this.#progress = progress;
    const backfill = new Backfill(this.#target(signal, progress), gap, this.#lines, this.options, signal);
    await backfill.fill().finally(() => {
      if (!signal.aborted) this.#endWaiting();
    });
    await backfill.confirm(since);
    return backfill;
  }

  #endWaiting(): void {
    this.inbox.held.end();
    this.#setRecovered(undefined);
  }

  #target(signal: AbortSignal, progress: FillProgress): BackfillTarget {
    const { gaps, reporter, seenChats, accountLines } = this.options;
    const { channel, held, employee } = this.inbox;
    return {
      channel,
      progress,
      readLines: employee === undefined ? undefined : accountLines,
      isChatWanted: (chat, { entry }) =>
        employee === undefined || seenChats.has(channel, chat) || responsibleFor(entry) === employee,
      deliver: async (line, items) => {
        const missing = await this.inbox.recover(line, items);
        // What is fetched after live events have stopped waiting is not shown any more.
        if (!signal.aborted && this.#recovered !== undefined) this.#setRecovered(this.#recovered + missing);
        return missing;
      },
      waitingChats: () => held.chats,
      onListed: (chats) => held.holdOnly(chats),
      onChatRead: (chat, until) => {
        gaps.note(channel, chat, until);
        held.releaseChat(chat);
      },
      onStuck: () => {
        if (!signal.aborted) this.#endWaiting();
      },
      onSkipped: (reason, count) => {
        if (count > 0) this.inbox.counts.skip(reason, count);
      },
      onRead: (failure) => {
        if (!signal.aborted) this.#failure = failure;
        if (failure && !isReportedAsLoss(failure)) reporter.failed(this.#source, failure);
        else reporter.recovered(this.#source);
      },
      onLoss: (error) => this.#onLoss(error),
    };
  }

  #onLoss(error: ChatAppError): void {
    if (error.reason === 'role') {
      // Colleagues' chats change all the time: it would be reported for nearly every gap.
      if (this.#isRoleReported) return this.options.log.warn(error.message);
      this.#isRoleReported = true;
    }
    this.inbox.report(error);
  }

  #setRecovered(count: number | undefined): void {
    if (this.#recovered === count) return;
    this.#recovered = count;
    this.callbacks.onState();
  }
}
