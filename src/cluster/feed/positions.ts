import type { Clock, Timer } from '../../clock';
import type { EventKey } from '../../events';
import type { Log } from '../../log';
import type { Store } from '../../store';
import { LinePosition } from './line-position';
import { asText, fromText, type ChannelPosition } from './saved-positions';

/** How long a change may wait before it is written, in ms: a crash costs the positions of so long. */
const WRITE_WITHIN = 1_000;

/**
 * How far each channel has been delivered, kept in a store. A position moves only after the items were handed over:
 * a crash may so deliver twice, but never lose. Where several copies share them, only the one that leads moves and
 * writes them; the others note, in memory, which lines and listeners there are.
 */
export class Positions {
  #channels = new Map<string, ChannelPosition>();
  #loaded: Promise<void> | undefined;
  #timer: Timer | undefined;
  /** When the timer is due, ms since the epoch. */
  #due = 0;
  #writing: Promise<void> = Promise.resolve();
  /** Present where several copies share them: whether this one leads. */
  #leads: (() => boolean) | undefined;
  #isTakenOver = false;
  /** Counts the changes of role: a take-over that belongs to an earlier one is given up. */
  #turn = 0;

  constructor(
    private readonly store: Store,
    /** The name in the store. */
    private readonly name: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Several copies share them: this one stands by until `takeOver`, and never writes but while it `leads`. */
  share(leads: () => boolean): void {
    this.#leads = leads;
  }

  get areShared(): boolean {
    return this.#leads !== undefined;
  }

  /** True where this copy moves and writes them. */
  get areOurs(): boolean {
    return this.#isTakenOver || !this.#leads;
  }

  /** Reads what an earlier run has left, once. What cannot be read counts as nothing. Shared ones `takeOver` reads. */
  load(): Promise<void> {
    this.#loaded ??= this.areShared ? Promise.resolve() : this.#load();
    return this.#loaded;
  }

  /**
   * Goes on where the copy that led has stopped. What it has saved counts, and nothing that is known here besides:
   * what was delivered by a copy that stood by need not have got anywhere. Lines and listeners that it had not saved
   * yet are kept, the lines in doubt from when they were first known, or from `since`, in unix seconds: until then all
   * was saved. Rejects, with nothing changed, where the store cannot be read, or where this copy stands by again.
   */
  async takeOver(since = -Infinity): Promise<void> {
    this.standBy();
    const turn = this.#turn;
    // What this copy may still be writing, since it led before, is part of what is to be read.
    await this.#writing;
    const saved = fromText(await this.store.read(this.name));
    if (turn !== this.#turn) throw new Error('Given up: this copy stands by again');
    for (const [name, known] of this.#channels) saved.set(name, withUnsaved(saved.get(name), known, since));
    this.#channels = saved;
    this.#isTakenOver = true;
    this.#writeSoon();
  }

  /** Another copy moves and writes them from now on. */
  standBy(): void {
    this.#turn += 1;
    this.#isTakenOver = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** The positions of a channel's lines, by `<licence>/<messenger>`. */
  lines(channel: string): ReadonlyMap<string, LinePosition> {
    return this.#channel(channel).lines;
  }

  heard(channel: string): number | undefined {
    return this.#channel(channel).heard;
  }

  /** The channel is heard at `time`. */
  hear(channel: string, time: number): void {
    if (!this.areOurs) return;
    this.#channel(channel).heard = time;
    this.#writeSoon();
  }

  /** A message of the line was delivered, or it is known that there is none before `time`. */
  advance(channel: string, line: string, time: number, key?: EventKey): void {
    const { lines } = this.#channel(channel);
    const known = lines.get(line);
    if (known && !this.areOurs) return;
    const position = known ?? new LinePosition(time);
    lines.set(line, position);
    position.advance(time, key);
    // Until a line has a position on disk, a crash would make it begin anew.
    this.#writeSoon(known ? WRITE_WITHIN : 0);
  }

  /** From now on messages of the channel may be missing although newer ones were delivered. */
  doubt(channel: string): void {
    for (const position of this.lines(channel).values()) position.doubt();
    this.#writeSoon();
  }

  /** No message of the channel is missing: up to the newest one, or up to `certain`, in unix seconds. */
  settle(channel: string, certain?: number): void {
    for (const position of this.lines(channel).values()) position.settle(certain);
  }

  /** Since when `listener` listens to the channel: since `now`, where it has not before. */
  join(channel: string, listener: string, now: number): number {
    const { listeners } = this.#channel(channel);
    const since = listeners.get(listener);
    if (since !== undefined) return since;
    listeners.set(listener, now);
    this.#writeSoon(0);
    return now;
  }

  /** The listener is gone for good. The last one takes the channel's position along. */
  leave(channel: string, listener: string): void {
    const known = this.#channels.get(channel);
    if (!known?.listeners.delete(listener)) return;
    if (known.listeners.size === 0) this.#channels.delete(channel);
    this.#writeSoon();
  }

  /** Writes what is not yet written. */
  flush(): Promise<void> {
    if (this.#timer) {
      this.#timer.cancel();
      this.#write();
    }
    return this.#writing;
  }

  /** Between two signs of its lead a copy may not know yet that another one leads. */
  get #mayWrite(): boolean {
    return this.areOurs && (this.#leads?.() ?? true);
  }

  #channel(name: string): ChannelPosition {
    const known = this.#channels.get(name);
    if (known) return known;
    const channel: ChannelPosition = { lines: new Map(), listeners: new Map() };
    this.#channels.set(name, channel);
    return channel;
  }

  /** Writes within so many ms; one write serves all that comes before it. */
  #writeSoon(within = WRITE_WITHIN): void {
    if (!this.areOurs) return;
    const due = this.clock.now() + within;
    if (this.#timer && this.#due <= due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.clock.after(within, () => this.#write());
  }

  #write(): void {
    this.#timer = undefined;
    const text = asText(this.#channels);
    this.#writing = this.#writing
      .then(() => (this.#mayWrite ? this.store.write(this.name, text) : this.#writeSoon()))
      .catch(() => {
        this.log.warn('The positions could not be written: a restart may deliver messages again');
        // A server that was away comes back, which a full disk rarely does.
        if (this.areShared) this.#writeSoon();
      });
  }

  async #load(): Promise<void> {
    try {
      const saved = fromText(await this.store.read(this.name));
      for (const [name, channel] of saved) this.#restore(name, channel);
    } catch {
      this.log.warn('The positions could not be read: messages from before this start are not fetched');
    }
  }

  #restore(name: string, saved: ChannelPosition): void {
    const channel = this.#channel(name);
    for (const [line, position] of saved.lines) if (!channel.lines.has(line)) channel.lines.set(line, position);
    for (const [listener, since] of saved.listeners) channel.listeners.set(listener, since);
    if (saved.heard !== undefined) channel.heard ??= saved.heard;
  }
}

/** What was saved of a channel, and what is known of it here besides. */
function withUnsaved(saved: ChannelPosition | undefined, known: ChannelPosition, since: number): ChannelPosition {
  const channel = saved ?? { lines: new Map<string, LinePosition>(), listeners: new Map<string, number>() };
  for (const [line, position] of known.lines) {
    if (!channel.lines.has(line)) channel.lines.set(line, LinePosition.from(Math.max(position.since, since)));
  }
  for (const [listener, joined] of known.listeners) {
    if (!channel.listeners.has(listener)) channel.listeners.set(listener, joined);
  }
  return channel;
}
