import { ApiError } from '../api/api-error';
import type { History, HistoryQuery } from '../api/history';
import { pause, type Clock, type Timer } from '../clock';
import { ChatAppError, type ErrorParams, type ErrorReason } from '../errors';
import { identityOf } from '../events';
import type { Log } from '../log';
import { retryDelay } from '../socket/back-off';
import type { ChannelFeed, RecoveredItem } from './channel-feed';
import { OVERLAP } from './line-position';
import { lineNamed, readMissed, type Gap, type Missed } from './missed';
import type { Positions } from './positions';
import { lineOf, type Progress } from './progress';
import type { Reception } from './reception';

/** How long live events wait for the missed ones, in ms. */
const LIVE_WAITS = 30_000;
/** How many messages are fetched after one gap. */
const MOST_MESSAGES = 10_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
/** How many messages are handed on in one go: flows and other channels get their turn in between. */
const AT_ONCE = 100;

export interface RecoveryOptions {
  readonly channel: string;
  readonly feed: ChannelFeed;
  readonly positions: Positions;
  readonly progress: Progress;
  readonly readHistory: (query: HistoryQuery) => Promise<History>;
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** How far back messages are fetched, in hours; 0 for never. */
  readonly hours: number;
  /** The number of messages fetched so far has changed, or the recovery has begun or ended. */
  readonly onState: () => void;
  /** The history cannot be read now; it is tried again. */
  readonly onFailure: (error: ChatAppError) => void;
  /** There is nothing left to try again. */
  readonly onSuccess: () => void;
  /** True where live events come in order and without gaps, as by the socket. */
  readonly isGapless: () => boolean;
  /** `RECOVERY_FAILED`: some messages will not come. */
  readonly onLoss: (error: ChatAppError) => void;
}

/** Fetches what was said on a channel while it was not heard. */
export class Recovery {
  /** The run under way; ended by a later one. */
  #run: AbortController | undefined;
  /** Ended when a channel that was heard for the first time is unheard. */
  #firstHeard: AbortController | undefined;
  #recovered: number | undefined;
  #liveTimer: Timer | undefined;
  /** The history was refused when it was last asked for. */
  #isRefused = false;

  constructor(private readonly options: RecoveryOptions) {}

  /** How many messages were fetched so far; absent while none are being fetched. */
  get recovered(): number | undefined {
    return this.#recovered;
  }

  /**
   * The channel is heard again. Fetches what was missed since it was heard last, and hands it on before the live
   * events; these wait for it, 30 s at most.
   */
  async fill(): Promise<void> {
    await this.#runOnce(true);
  }

  /**
   * Fetches what was missed although the channel is heard, as a callback that got lost. Live events do not wait, and
   * nothing is shown unless something is found. Left alone where something is being fetched already.
   */
  async check(): Promise<void> {
    if (!this.#run) await this.#runOnce(false);
  }

  async #runOnce(isGap: boolean): Promise<void> {
    const run = this.#begin(isGap);
    try {
      await this.#fill(run.signal, isGap);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      this.options.log.warn(`Fetching what was missed on ${this.options.channel} failed: ${name}`);
    } finally {
      // A later run goes on where this one was given up.
      if (!run.signal.aborted) this.#end();
    }
  }

  async #fill(signal: AbortSignal, isGap: boolean): Promise<void> {
    const { channel, feed, positions, serverTime, hours } = this.options;
    await positions.load();
    const now = Math.floor(serverTime());
    for (const reception of feed.receptions) this.#admit(reception, now);
    const gaps = this.#gaps(now);
    if (feed.wantsHistory && hours > 0)
      await (gaps.length > 0 ? this.#fetch(gaps, now, signal, isGap) : this.#start(now));
    if (signal.aborted) return;
    const line = lineOf(channel, {});
    if (line !== undefined) positions.advance(channel, line, now);
    positions.settle(channel, this.options.isGapless() ? undefined : now);
    positions.hear(channel, now);
  }

  /** A listener has joined a channel that is heard: it wants what comes from now on. */
  async admit(reception: Reception): Promise<void> {
    const now = Math.floor(this.options.serverTime());
    await this.options.positions.load();
    this.#admit(reception, now);
  }

  /** The channel is not heard any more. What is being fetched is still wanted. */
  unheard(): void {
    this.#firstHeard?.abort();
    this.noteHeard();
  }

  /** The channel has been heard until now. While something is missing before, that says nothing. */
  noteHeard(): void {
    const { channel, positions, serverTime } = this.options;
    if (!this.#run) positions.hear(channel, Math.floor(serverTime()));
  }

  /** Gives up: nobody wants the channel any more. Positions stay where they are, what waits is not handed on. */
  stop(): void {
    this.#run?.abort();
    this.#firstHeard?.abort();
    this.#liveTimer?.cancel();
  }

  #begin(isGap: boolean): AbortController {
    const { clock, feed, progress } = this.options;
    this.#run?.abort();
    if (isGap && !this.#liveTimer) {
      progress.pause();
      feed.hold();
      this.#liveTimer = clock.after(LIVE_WAITS, () => feed.release());
    }
    this.#run = new AbortController();
    return this.#run;
  }

  #end(): void {
    if (!this.#run) return;
    this.#run = undefined;
    this.#recovered = undefined;
    if (this.#liveTimer) {
      this.#liveTimer.cancel();
      this.#liveTimer = undefined;
      this.options.feed.release();
      this.options.progress.resume();
    }
    this.options.onState();
  }

  #admit(reception: Reception, now: number): void {
    const { channel, positions } = this.options;
    reception.joins(channel, (listener) => positions.join(channel, listener, now));
  }

  /**
   * The channel is heard for the first time: nothing was missed. ChatApp's times are whole seconds, so what was said
   * in this second before we listened is noted, lest a later recovery takes it for news.
   */
  async #start(now: number): Promise<void> {
    const { channel, feed, positions, readHistory } = this.options;
    const name = lineOf(channel, {});
    const line = lineNamed(name);
    if (name === undefined || !line) return;
    positions.advance(channel, name, now);
    feed.release();
    const heard = new AbortController();
    this.#firstHeard = heard;
    const missed = await readMissed(readHistory, [{ line, since: now - 1 }], MOST_MESSAGES).catch(() => undefined);
    // Unheard meanwhile: then these messages may be the first ones that were missed.
    if (heard.signal.aborted) return;
    for (const { event, item, meta } of missed?.messages ?? []) {
      if (Number(item.time) <= now) positions.advance(channel, name, now, identityOf(event, item, meta));
    }
  }

  /** The lines that have been heard before, and since when each is missing. What is too old to fetch is told. */
  #gaps(now: number): Gap[] {
    const { channel, positions, hours } = this.options;
    if (hours === 0) return [];
    const earliest = now - hours * 3_600;
    const heard = positions.heard(channel) ?? now;
    const lines = [...positions.lines(channel)];
    if (lines.length > 0 && heard < earliest) this.#lose('tooOld', heard, earliest, { hours });
    return lines.flatMap(([name, position]) => {
      const line = lineNamed(name);
      return line ? [{ line, since: Math.max(position.since - OVERLAP, earliest) }] : [];
    });
  }

  async #fetch(gaps: readonly Gap[], now: number, signal: AbortSignal, isGap: boolean): Promise<void> {
    if (isGap) this.#recovered = 0;
    this.options.onState();
    const since = Math.min(...gaps.map((gap) => gap.since));
    const missed = await this.#read(gaps, signal);
    this.options.onSuccess();
    if (!missed) return;
    const wasRefused = this.#isRefused;
    this.#isRefused = missed instanceof ApiError;
    if (missed instanceof ApiError) {
      // A look every few minutes would otherwise say so each time.
      if (isGap || !wasRefused) this.#lose('refused', since, now, { status: missed.status ?? '' });
      return;
    }
    const { messages, cutChats } = missed;
    if (cutChats > 0) this.#lose('tooMany', since, now, { limit: MOST_MESSAGES, count: cutChats });
    await this.#handOn(messages, signal);
  }

  /** Reads the history of all lines, for as long as it takes; gives back a refusal, and nothing where it was given up. */
  async #read(gaps: readonly Gap[], signal: AbortSignal): Promise<Missed | ApiError | undefined> {
    const { clock, random, onFailure, readHistory, feed } = this.options;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        return await readMissed(readHistory, gaps, MOST_MESSAGES, () => feed.heldChats());
      } catch (error) {
        if (error instanceof ApiError && !error.passing) return error;
        if (error instanceof ChatAppError) onFailure(error);
        // A run that was given up ends its pause, and with it the loop.
        await pause(clock, retryDelay(attempt, FIRST_RETRY, LONGEST_RETRY, random), signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  async #handOn(messages: readonly RecoveredItem[], signal: AbortSignal): Promise<void> {
    const { clock, feed, onState } = this.options;
    for (let start = 0; start < messages.length && !signal.aborted; start += AT_ONCE) {
      if (start > 0) await pause(clock, 0);
      const news = messages.slice(start, start + AT_ONCE).filter((message) => feed.recover(message));
      if (news.length === 0) continue;
      this.#recovered = (this.#recovered ?? 0) + news.length;
      onState();
    }
  }

  #lose(reason: ErrorReason<'RECOVERY_FAILED'>, from: number, to: number, more: ErrorParams): void {
    const span = { channel: this.options.channel, from: asDate(from), to: asDate(to) };
    this.options.onLoss(ChatAppError.of('RECOVERY_FAILED', reason, { ...span, ...more }));
  }
}

function asDate(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
