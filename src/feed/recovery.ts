import { pause, type Timer } from '../clock';
import { identityOf } from '../events';
import type { Log } from '../log';
import type { ChannelFeed, RecoveredItem } from './channel-feed';
import { lineNamed, readMissed, type Gap } from './missed';
import { lineOf, type Progress } from './progress';
import type { Reception } from './reception';
import { Search, type SearchOptions, type SearchTold } from './search';

/** How long live events wait for the missed ones, in ms. */
const LIVE_WAITS = 30_000;
/** How many messages are handed on in one go: flows and other channels get their turn in between. */
const AT_ONCE = 100;

/** The same for all channels. */
export interface RecoveryOptions extends SearchOptions {
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  readonly log: Log;
}

/** The channel that is recovered, as far as it concerns its recovery. */
interface Owner extends SearchTold {
  /** The number of messages fetched so far has changed, or the recovery has begun or ended. */
  readonly onState: () => void;
  /** True where live events come in order and without gaps, as by the socket. */
  readonly isGapless: () => boolean;
}

/** Fetches what was said on a channel while it was not heard. */
export class Recovery {
  readonly #search: Search;
  /** The run under way; ended by a later one. */
  #run: AbortController | undefined;
  /** Ended when a channel that was heard for the first time is unheard. */
  #firstHeard: AbortController | undefined;
  #recovered: number | undefined;
  #liveTimer: Timer | undefined;

  constructor(
    private readonly feed: ChannelFeed,
    private readonly progress: Progress,
    private readonly options: RecoveryOptions,
    private readonly owner: Owner,
  ) {
    this.#search = new Search(feed.channel, options, owner);
  }

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
    const { positions, serverTime } = this.options;
    if (!this.#run) positions.hear(this.feed.channel, Math.floor(serverTime()));
  }

  /** Gives up: nobody wants the channel any more. Positions stay where they are, what waits is not handed on. */
  stop(): void {
    this.#run?.abort();
    this.#firstHeard?.abort();
    this.#liveTimer?.cancel();
  }

  async #runOnce(isGap: boolean): Promise<void> {
    const run = this.#begin(isGap);
    try {
      await this.#fill(run.signal, isGap);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'error';
      this.options.log.warn(`Fetching what was missed on ${this.feed.channel} failed: ${name}`);
    } finally {
      // A later run goes on where this one was given up.
      if (!run.signal.aborted) this.#end();
    }
  }

  #begin(isGap: boolean): AbortController {
    this.#run?.abort();
    if (isGap && !this.#liveTimer) {
      this.progress.pause();
      this.feed.hold();
      this.#liveTimer = this.options.clock.after(LIVE_WAITS, () => this.feed.release());
    }
    this.#run = new AbortController();
    return this.#run;
  }

  async #fill(signal: AbortSignal, isGap: boolean): Promise<void> {
    const { channel } = this.feed;
    const { positions, serverTime, hours } = this.options;
    await positions.load();
    const now = Math.floor(serverTime());
    for (const reception of this.feed.receptions) this.#admit(reception, now);
    const gaps = this.#search.gaps(now);
    if (this.feed.wantsHistory && hours > 0)
      await (gaps.length > 0 ? this.#fetch(gaps, now, signal, isGap) : this.#start(now));
    if (signal.aborted) return;
    const line = lineOf(channel, {});
    if (line !== undefined) positions.advance(channel, line, now);
    positions.settle(channel, this.owner.isGapless() ? undefined : now);
    positions.hear(channel, now);
  }

  #admit(reception: Reception, now: number): void {
    const { channel } = this.feed;
    reception.joins(channel, (listener) => this.options.positions.join(channel, listener, now));
  }

  /**
   * The channel is heard for the first time: nothing was missed. ChatApp's times are whole seconds, so what was said
   * in this second before we listened is noted, lest a later recovery takes it for news.
   */
  async #start(now: number): Promise<void> {
    const { channel } = this.feed;
    const { positions, readHistory } = this.options;
    const name = lineOf(channel, {});
    const line = lineNamed(name);
    if (name === undefined || !line) return;
    positions.advance(channel, name, now);
    this.feed.release();
    const heard = new AbortController();
    this.#firstHeard = heard;
    const missed = await readMissed(readHistory, [{ line, since: now - 1 }]).catch(() => undefined);
    // Unheard meanwhile: then these messages may be the first ones that were missed.
    if (heard.signal.aborted) return;
    for (const { event, item, meta } of missed?.messages ?? []) {
      if (Number(item.time) <= now) positions.advance(channel, name, now, identityOf(event, item, meta));
    }
  }

  async #fetch(gaps: readonly Gap[], now: number, signal: AbortSignal, isGap: boolean): Promise<void> {
    if (isGap) this.#recovered = 0;
    this.owner.onState();
    const messages = await this.#search.messages(gaps, now, isGap, signal, () => this.feed.heldChats());
    await this.#handOn(messages, signal);
  }

  async #handOn(messages: readonly RecoveredItem[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < messages.length && !signal.aborted; start += AT_ONCE) {
      if (start > 0) await pause(this.options.clock, 0);
      const news = messages.slice(start, start + AT_ONCE).filter((message) => this.feed.recover(message));
      if (news.length === 0) continue;
      this.#recovered = (this.#recovered ?? 0) + news.length;
      this.owner.onState();
    }
  }

  #end(): void {
    if (!this.#run) return;
    this.#run = undefined;
    this.#recovered = undefined;
    if (this.#liveTimer) {
      this.#liveTimer.cancel();
      this.#liveTimer = undefined;
      this.feed.release();
      this.progress.resume();
    }
    this.owner.onState();
  }
}
