import type { Clock, Timer } from '../clock';
import { entriesOf, isRecord } from '../events/json';
import { runInBackground, type Log } from '../log';
import type { GapIncidents } from './gap-incidents';
import type { InboxStore } from './inbox-store';

/** How far a gap begins before the channel was certainly received, in s: some messages are announced late. */
export const OVERLAP = 10 * 60;
/** By how much a time may differ from what it is by ChatApp's present clock, in s. */
const TOLERANCE = 60;
/** How often it is written until when the connection received, and how far a backfill got, in ms. */
const WRITE_EVERY = 5_000;

/** The period in which a channel was not received, up to now. */
export interface Gap {
  /** In unix seconds, by ChatApp's clock. */
  readonly from: number;
  /** Until when the messages of each chat were fetched, in unix seconds, by `<line>/<messenger>/<chat>`. */
  readonly chats: Map<string, number>;
  /** When it began, in ms (monotonic), or when this run began if that was later. */
  readonly beganAt: number;
  /** True if all was fetched until a moment ago: nobody knows of anything that is missing. */
  readonly isRoutine?: boolean;
}

export interface GapsOptions {
  readonly store: Pick<InboxStore, 'saved' | 'savedValue' | 'put'>;
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  /** The same; `undefined` while that is a guess. */
  readonly knownTime: () => number | undefined;
  /** Gets each gap that opens, and each that is closed. */
  readonly incidents: Pick<GapIncidents, 'open' | 'close' | 'clear'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Which channels were not received, and since when. A gap is closed by a completed backfill and by nothing else. What is
 * not written yet makes a gap longer after a crash, never shorter.
 */
export class Gaps {
  /** Until when the connection has received, in unix seconds. */
  #receivedUntil: number | undefined;
  /** The channels that were received before. */
  readonly #channels = new Set<string>();
  readonly #gaps = new Map<string, Gap>();
  readonly #changed = new Set<string>();
  /** When this run began, in ms (monotonic). */
  readonly #startedAt: number;
  #timer: Timer | undefined;

  constructor(private readonly options: GapsOptions) {
    this.#startedAt = options.clock.monotonic();
  }

  get(channel: string): Gap | undefined {
    return this.#gaps.get(channel);
  }

  /** Until when the connection has received, in unix seconds; absent if it never has. */
  get receivedUntil(): number | undefined {
    return this.#receivedUntil;
  }

  /** When the oldest open gap began, in ms (monotonic). What was received since then may be fetched again. */
  get beganAt(): number | undefined {
    const [oldest] = [...this.#gaps.values()].map(({ beganAt }) => beganAt).sort((one, other) => one - other);
    return oldest;
  }

  /** The channel is received from now on; a gap that it has stays open. */
  begin(channel: string): void {
    if (this.#receivedUntil === undefined) {
      this.#receivedUntil = Math.floor(this.options.serverTime());
      this.#changed.add('received');
    }
    if (this.#channels.has(channel)) return;
    this.#channels.add(channel);
    this.#writeWithin(0, 'channels');
  }

  /** An earlier version has received this channel until `time`, in unix seconds. */
  adopt(channel: string, time: number): void {
    this.#receivedUntil = Math.max(time, this.#receivedUntil ?? time);
    this.#channels.add(channel);
    this.#changed.add('channels').add('received');
    this.#begin(channel, time - OVERLAP);
  }

  /** Forgets all: nothing is received, and nothing was. */
  clear(): void {
    this.#receivedUntil = undefined;
    this.#channels.clear();
    this.#gaps.clear();
    this.#changed.clear();
    this.options.incidents.clear();
  }

  /** The channel is not received any more. */
  open(channel: string): void {
    if (this.#receivedUntil === undefined || !this.#channels.has(channel)) return;
    const known = this.#gaps.get(channel);
    if (known?.isRoutine) {
      // It was kept open only for what the history may show late.
      this.#gaps.set(channel, { ...known, isRoutine: false });
      this.options.incidents.open(channel);
    }
    if (known) return;
    // A guess may be years in the past: it must not make the gap longer.
    const now = Math.floor(this.options.knownTime() ?? Infinity);
    this.#begin(channel, Math.min(this.#receivedUntil, now) - OVERLAP);
    this.options.incidents.open(channel);
  }

  /**
   * Corrects the beginning of a gap that was noted while ChatApp's clock was ahead. True if it was: then the gap is to be
   * filled again, from an earlier time on.
   */
  correct(channel: string): boolean {
    const gap = this.#gaps.get(channel);
    const { clock, serverTime } = this.options;
    const from = gap && Math.floor(serverTime() - (clock.monotonic() - gap.beganAt) / 1_000);
    if (!gap || from === undefined || gap.from <= from + TOLERANCE) return false;
    this.#gaps.set(channel, { ...gap, from, chats: new Map() });
    this.#writeWithin(0, `gap/${channel}`);
    return true;
  }

  /** The messages of this chat were fetched until `time`, in unix seconds. */
  note(channel: string, chat: string, time: number): void {
    const gap = this.#gaps.get(channel);
    if (!gap) return;
    gap.chats.set(chat, time);
    this.#writeWithin(WRITE_EVERY, `gap/${channel}`);
  }

  /** All was fetched that was missed until `time`, in unix seconds, but the channel is still not received without gaps. */
  reopen(channel: string, time: number, fetched = 0): void {
    if (this.#channels.has(channel)) this.#begin(channel, time - OVERLAP, true);
    this.options.incidents.close(channel, fetched);
  }

  #begin(channel: string, from: number, isRoutine = false): void {
    const { clock, serverTime } = this.options;
    const beganAt = Math.max(this.#startedAt, clock.monotonic() - Math.max(0, serverTime() - from) * 1_000);
    this.#gaps.set(channel, { from, chats: new Map(), beganAt, ...(isRoutine && { isRoutine }) });
    this.#writeWithin(0, `gap/${channel}`);
  }

  /** @param fetched how many messages were missing and were fetched */
  close(channel: string, fetched = 0): void {
    if (this.#gaps.delete(channel)) this.#writeWithin(0, `gap/${channel}`);
    this.options.incidents.close(channel, fetched);
  }

  /** Nobody listens to the channel any more: a later listener gets nothing from before. */
  forget(channel: string): void {
    this.close(channel);
    if (this.#channels.delete(channel)) this.#writeWithin(WRITE_EVERY, 'channels');
  }

  /**
   * All that arrived until `time`, in unix seconds, was delivered or is stored. It never goes back, unless ChatApp's clock was
   * ahead when the last time was noted.
   */
  received(time: number): void {
    const known = this.#receivedUntil;
    if (known === undefined || (time <= known && known <= this.options.serverTime() + TOLERANCE)) return;
    this.#receivedUntil = Math.floor(time);
    this.#writeWithin(WRITE_EVERY, 'received');
  }

  /** Writes what is not written yet. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    // In alphabetical order the channels are the first, without which a gap means nothing, and the time until which the
    // connection received is the last: were it written before a new channel or gap, a crash in between would lose the gap.
    const names = [...this.#changed].sort();
    this.#changed.clear();
    await Promise.all(names.map((name) => this.options.store.put(name, this.#valueOf(name))));
  }

  /** Writes a value within `delay` ms. With 0, many changes in a row are written once. */
  #writeWithin(delay: number, name: string): void {
    const { clock, log } = this.options;
    this.#changed.add(name);
    if (delay === 0) this.#timer?.cancel();
    else if (this.#timer) return;
    this.#timer = clock.after(delay, () => runInBackground(this.flush(), log, 'Storing what was received'));
  }

  #valueOf(name: string): unknown {
    if (name === 'received') return this.#receivedUntil;
    if (name === 'channels') return [...this.#channels];
    const gap = this.#gaps.get(name.slice('gap/'.length));
    return gap && { from: gap.from, chats: Object.fromEntries(gap.chats) };
  }

  /**
   * Takes over what an earlier run, or another instance, has left.
   * @param isReceivedSince true if this run has received the channel since this time, in unix seconds, all the time: then
   *   nothing is missing. By default, it has not.
   * @param atLeast until when the other instance has received, in unix seconds, if that is later than it has stored
   */
  restore(isReceivedSince: (channel: string, time: number) => boolean = () => false, atLeast = 0): void {
    const { store } = this.options;
    const received = store.savedValue('received');
    if (typeof received === 'number') this.#receivedUntil = Math.max(received, Math.floor(atLeast));
    const channels = store.savedValue('channels');
    const names: readonly unknown[] = Array.isArray(channels) ? channels : [];
    for (const name of names) if (typeof name === 'string') this.#channels.add(name);
    for (const [channel, gap] of store.saved('gap/')) {
      if (!isRecord(gap) || typeof gap.from !== 'number') continue;
      if (isReceivedSince(channel, gap.from + OVERLAP)) {
        this.#writeWithin(0, `gap/${channel}`);
        continue;
      }
      const chats = entriesOf(gap.chats).flatMap(([chat, time]): [string, number][] =>
        typeof time === 'number' ? [[chat, time]] : [],
      );
      this.#gaps.set(channel, { from: gap.from, chats: new Map(chats), beganAt: this.#startedAt });
      this.options.incidents.open(channel);
    }
    const until = this.#receivedUntil;
    for (const channel of this.#channels) {
      if (until === undefined || !isReceivedSince(channel, until)) this.open(channel);
    }
  }
}
