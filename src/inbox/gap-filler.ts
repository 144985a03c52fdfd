import { responsibleFor } from '../api/changed-chats';
import type { Line } from '../api/lines';
import type { ErrorReporter } from '../channels/error-reporter';
import type { ChatAppError } from '../errors';
import { parseChannelName, type Item } from '../events';
import { runInBackground, type Log } from '../log';
import { Backfill, type BackfillOptions, type BackfillTarget } from './backfill';
import type { Gaps } from './gaps';
import type { HeldEvents } from './held-events';
import type { SeenChats } from './seen-chats';

/** The same for all channels. */
export interface GapFillerOptions extends BackfillOptions {
  readonly gaps: Gaps;
  /** The chats that each employee's channel has brought events of. */
  readonly seenChats: SeenChats;
  /** Reads which lines the account has. */
  readonly accountLines: () => Promise<readonly Line[]>;
  readonly reporter: ErrorReporter;
  readonly log: Log;
}

/** The channel whose gap is filled. */
export interface GappedChannel {
  readonly name: string;
  /** Live events that wait meanwhile. */
  readonly held: HeldEvents;
  /** True if somebody wants messages. */
  readonly wantsHistory: () => boolean;
  /** True while nothing more can be missed. */
  readonly isSubscribed: () => boolean;
  /** Resolves with how many of the messages were missing. */
  readonly recover: (line: Line, items: readonly Item[]) => Promise<number>;
  /** `recovered` has changed. */
  readonly onState: () => void;
  readonly onLoss: (error: ChatAppError) => void;
}

/** Fetches what one channel missed. Only a completed backfill closes its gap. */
export class GapFiller {
  #running: AbortController | undefined;
  #recovered: number | undefined;
  #isRoleReported = false;
  /** The user whose role decides which chats the channel brings; absent if it brings all of its line. */
  readonly #employee: string | undefined;

  constructor(
    private readonly channel: GappedChannel,
    private readonly options: GapFillerOptions,
  ) {
    const address = parseChannelName(channel.name);
    this.#employee = address?.type === 'employee' ? address.userId : undefined;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** How many missing messages were fetched so far; absent while that is not shown. */
  get recovered(): number | undefined {
    return this.#recovered;
  }

  /** Begins, or begins again; with `isFirst`, live events wait for it and it is shown. */
  start(isFirst: boolean): void {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const { log } = this.options;
    runInBackground(this.#run(running, isFirst), log, `Fetching what was missed on ${this.channel.name}`);
  }

  /** From now on live events wait for what is missing, if something is. */
  holdLiveEvents(): void {
    if (this.#isNeeded) this.channel.held.begin();
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.channel.held.end();
    this.options.reporter.recovered(this.#source);
  }

  get #isNeeded(): boolean {
    const { gaps, hours } = this.options;
    const { name, wantsHistory } = this.channel;
    const hasLines = this.#employee !== undefined || gaps.linesOf(name).length > 0;
    return hours > 0 && wantsHistory() && gaps.get(name) !== undefined && hasLines;
  }

  get #source(): string {
    return `history of ${this.channel.name}`;
  }

  async #run(running: AbortController, isFirst: boolean): Promise<void> {
    const { gaps, serverTime } = this.options;
    const { name } = this.channel;
    const since = Math.floor(serverTime());
    try {
      await this.#fill(running.signal, since, isFirst);
      running.signal.throwIfAborted();
      if (this.channel.isSubscribed()) gaps.close(name);
      else gaps.reopen(name, since);
    } catch (error) {
      if (!running.signal.aborted) throw error;
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }

  async #fill(signal: AbortSignal, since: number, isFirst: boolean): Promise<void> {
    const { gaps } = this.options;
    const { name, held } = this.channel;
    const gap = gaps.get(name);
    if (!gap || !this.#isNeeded) return this.#endWaiting();
    if (isFirst) held.begin();
    this.#setRecovered(isFirst ? 0 : undefined);
    const backfill = new Backfill(this.#target(signal), gap, gaps.linesOf(name), this.options, signal);
    await backfill.fill().finally(() => {
      if (!signal.aborted) this.#endWaiting();
    });
    await backfill.confirm(since);
  }

  #endWaiting(): void {
    this.channel.held.end();
    this.#setRecovered(undefined);
  }

  #target(signal: AbortSignal): BackfillTarget {
    const { gaps, reporter, seenChats, accountLines } = this.options;
    const { name, held, recover } = this.channel;
    const employee = this.#employee;
    return {
      channel: name,
      readLines: employee === undefined ? undefined : accountLines,
      isChatWanted: (chat, { entry }) =>
        employee === undefined || seenChats.has(name, chat) || responsibleFor(entry) === employee,
      deliver: async (line, items) => {
        const missing = await recover(line, items);
        // What is fetched after live events have stopped waiting is not shown any more.
        if (!signal.aborted && this.#recovered !== undefined) this.#setRecovered(this.#recovered + missing);
        return missing;
      },
      waitingChats: () => held.chats,
      onListed: (chats) => held.holdOnly(chats),
      onChatRead: (chat, until) => {
        gaps.note(name, chat, until);
        held.releaseChat(chat);
      },
      onStuck: () => {
        if (!signal.aborted) this.#endWaiting();
      },
      onFailure: (error) => reporter.failed(this.#source, error),
      onSuccess: () => reporter.recovered(this.#source),
      onLoss: (error) => this.#onLoss(error),
    };
  }

  #onLoss(error: ChatAppError): void {
    if (error.reason === 'role') {
      // Colleagues' chats change all the time: it would be reported for nearly every gap.
      if (this.#isRoleReported) return this.options.log.warn(error.message);
      this.#isRoleReported = true;
    }
    this.channel.onLoss(error);
  }

  #setRecovered(count: number | undefined): void {
    if (this.#recovered === count) return;
    this.#recovered = count;
    this.channel.onState();
  }
}
