import { pause, type Timer } from '../../clock';
import { kindOf, runInBackground, type Log } from '../../log';
import { Beginning } from './beginning';
import type { ChannelFeed, RecoveredItem } from './channel-feed';
import type { Gap } from './missed';
import { lineOf, type Progress } from './progress';
import type { Reception } from './reception';
import { Search, type SearchOptions, type SearchTold } from './search';

/** How long live events wait for the missed ones, in ms; where several copies share them, for the next page of these. */
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
  #current: AbortController | undefined;
  readonly #beginning: Beginning;
  /** Since when the channel, if it is heard, is with nothing missing, ms since the epoch: once filled, since ever. */
  #wholeSince = Infinity;
  #recovered: number | undefined;
  #liveTimer: Timer | undefined;
  /** Positions stay where they are, since something older may be missing. */
  #isOpen = false;
  #isDisconnected = false;

  constructor(
    private readonly feed: ChannelFeed,
    private readonly progress: Progress,
    private readonly options: RecoveryOptions,
    private readonly owner: Owner,
  ) {
    this.#search = new Search(feed.channel, options, owner);
    this.#beginning = new Beginning(feed.channel, options);
  }

  /** How many messages were fetched so far; absent while none are being fetched. */
  get recovered(): number | undefined {
    return this.#recovered;
  }

  /**
   * The channel is heard again. Fetches what was missed since it was heard last, and hands it on before the live
   * events; these wait for it, 30 s at most. Where another copy leads, that is its business.
   */
  fill(): void {
    this.#wholeSince = this.options.clock.now();
    this.#isDisconnected = false;
    if (this.options.positions.areOurs) this.#run(true);
    else this.#beginning.note(this.feed.receptions, Math.floor(this.options.serverTime()));
  }

  /** True where it has been heard since `time`, in ms since the epoch, with nothing missing. */
  isWhole(time: number): boolean {
    return this.#wholeSince <= time;
  }

  /**
   * This copy leads from now on, and the channel is heard: fetches what all copies have missed. Live events go on: some
   * that came before are with the listeners already, and none may overtake these. Where this copy has not heard
   * everything since `time`, listeners are to have them wait, until the result settles: 30 s at most.
   */
  takeOver(time: number): Promise<void> | undefined {
    const { live } = this.feed;
    live.letPass();
    if (this.isWhole(time)) {
      this.#goOn();
      return undefined;
    }
    if (!this.#liveTimer) this.#releaseLater();
    this.#run(true);
    return live.released;
  }

  /**
   * Nothing is missing, as far as anybody knows, so this copy lags behind in nothing. It has a look all the same: the one
   * that led may have been deaf without knowing. Positions stay until the look is over, and so it is never left out.
   */
  #goOn(): void {
    this.#wholeSince = -Infinity;
    this.check();
  }

  /** Another copy leads from now on: gives up, with positions where they are, and hands on what waits. */
  standBy(): void {
    this.#current?.abort();
    this.#beginning.giveUp();
    this.#end();
  }

  /**
   * Fetches what was missed although the channel is heard, as a callback that got lost. Live events do not wait, and
   * nothing is shown unless something is found. Left alone where something is being fetched already.
   */
  check(): void {
    if (!this.#current) this.#run(false);
  }

  /** A listener has joined a channel that is heard: it wants what comes from now on. */
  admit(reception: Reception): void {
    const now = Math.floor(this.options.serverTime());
    const admitted = this.options.positions.load().then(() => this.#beginning.admit(reception, now));
    runInBackground(admitted, this.options.log, `Adding a listener of ${this.feed.channel}`);
  }

  /** The channel is not heard any more. What is being fetched is still wanted. */
  unheard(): void {
    this.#beginning.giveUp();
    this.noteHeard();
  }

  /**
   * Nothing brings the channel's events now. A live event may come before the next subscription is confirmed: it must not
   * move a position past the messages that were missed.
   */
  onDisconnected(): void {
    this.#isDisconnected = true;
    if (!this.options.positions.areShared) this.#leaveOpen();
  }

  /** The channel has been heard until now. While something is missing before, that says nothing. */
  noteHeard(): void {
    const { positions, serverTime } = this.options;
    if (!this.#current) positions.hear(this.feed.channel, Math.floor(serverTime()));
  }

  /** Gives up: nobody wants the channel any more. Positions stay where they are, what waits is not handed on. */
  stop(): void {
    this.#current?.abort();
    this.#beginning.giveUp();
    this.#liveTimer?.cancel();
    this.feed.live.drop();
  }

  #run(isGap: boolean): void {
    runInBackground(this.#runOnce(isGap), this.options.log, `Fetching what was missed on ${this.feed.channel}`);
  }

  async #runOnce(isGap: boolean): Promise<void> {
    const run = this.#begin(isGap);
    try {
      await this.#fill(run.signal, isGap);
    } catch (error) {
      this.options.log.warn(`Fetching what was missed on ${this.feed.channel} failed: ${kindOf(error)}`);
    } finally {
      // A later run goes on where this one was given up.
      if (!run.signal.aborted) this.#end();
    }
  }

  #begin(isGap: boolean): AbortController {
    this.#current?.abort();
    if (isGap && !this.#liveTimer) {
      this.#leaveOpen();
      this.feed.live.hold();
      this.#releaseLater();
    }
    this.#current = new AbortController();
    return this.#current;
  }

  async #fill(signal: AbortSignal, isGap: boolean): Promise<void> {
    const { channel } = this.feed;
    const { positions, serverTime, hours } = this.options;
    const isGivenUp = (): boolean => signal.aborted;
    await positions.load();
    if (isGivenUp()) return;
    const now = Math.floor(serverTime());
    for (const reception of this.feed.receptions) this.#beginning.admit(reception, now);
    const gaps = this.#search.gaps(now);
    if (this.feed.wantsHistory && hours > 0) {
      if (gaps.length > 0) await this.#fetch(gaps, now, signal, isGap);
      else await this.#beginning.begin(now, () => this.feed.live.release());
    }
    if (isGivenUp()) return;
    const line = lineOf(channel, {});
    if (line !== undefined) positions.advance(channel, line, now);
    positions.settle(channel, this.owner.isGapless() ? undefined : now);
    positions.hear(channel, now);
    if (this.owner.isGapless()) this.#wholeSince = -Infinity;
  }

  async #fetch(gaps: readonly Gap[], now: number, signal: AbortSignal, isGap: boolean): Promise<void> {
    if (isGap) this.#recovered = 0;
    this.owner.onState();
    const messages = await this.#search.messages(gaps, now, isGap, signal, {
      alsoChats: () => this.feed.live.chats,
      isAwaited: () => this.feed.live.isWaiting,
      onPage: () => this.#onPage(signal),
    });
    await this.#handOn(messages, signal);
  }

  /** Of several copies one after the other may have begun with the same gap: then it takes long, but it gets on. */
  #onPage(signal: AbortSignal): void {
    if (this.options.positions.areShared && this.#liveTimer && !signal.aborted) this.#releaseLater();
  }

  #releaseLater(): void {
    this.#liveTimer?.cancel();
    this.#liveTimer = this.options.clock.after(LIVE_WAITS, () => this.feed.live.release());
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
    if (!this.#current) return;
    this.#current = undefined;
    this.#recovered = undefined;
    this.feed.live.release();
    if (this.#liveTimer) {
      this.#liveTimer.cancel();
      this.#liveTimer = undefined;
      this.#close();
    }
    this.owner.onState();
  }

  /**
   * Lets a crash in the middle of it search from where the gap began. Shared positions have been read by now: they can
   * note what comes meanwhile as well, so that the next copy need not give it out again.
   */
  #leaveOpen(): void {
    const { positions } = this.options;
    if (positions.areShared) return positions.doubt(this.feed.channel);
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.progress.pause();
  }

  /** A channel that was lost again in the meantime stays open until its next recovery has ended. */
  #close(): void {
    if (!this.#isOpen || this.#isDisconnected) return;
    this.#isOpen = false;
    this.progress.resume();
  }
}
