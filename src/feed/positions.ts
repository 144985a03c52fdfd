import type { Clock, Timer } from '../clock';
import type { ItemIdentity } from '../events';
import { isRecord, parseJson } from '../events/json';
import type { Log } from '../log';
import type { Store } from '../store';
import { LinePosition } from './line-position';

/** How long a change may wait before it is written, in ms: a crash costs the positions of so long. */
const WRITE_WITHIN = 1_000;

/** What is remembered of one channel. Times in unix seconds, as ChatApp's messages have them. */
interface ChannelPosition {
  /** By `<licence>/<messenger>`: an employee channel carries several lines. */
  readonly lines: Map<string, LinePosition>;
  /** Since when each listener listens: older messages are not its own. */
  readonly listeners: Map<string, number>;
  /** Until when the channel is known to have been heard. */
  heard?: number;
}

/**
 * How far each channel has been delivered, kept in a store. A position moves only after the items were handed over:
 * a crash may so deliver twice, but never lose.
 */
export class Positions {
  readonly #channels = new Map<string, ChannelPosition>();
  #loaded: Promise<void> | undefined;
  #timer: Timer | undefined;
  /** When the timer is due, ms since the epoch. */
  #due = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store,
    /** The name in the store. */
    private readonly name: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Reads what an earlier run has left, once. What cannot be read counts as nothing. */
  load(): Promise<void> {
    this.#loaded ??= this.#load();
    return this.#loaded;
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
    this.#channel(channel).heard = time;
    this.#writeSoon();
  }

  /** A message of the line was delivered, or it is known that there is none before `time`. */
  advance(channel: string, line: string, time: number, identity?: ItemIdentity): void {
    const { lines } = this.#channel(channel);
    const known = lines.get(line);
    const position = known ?? new LinePosition(time);
    lines.set(line, position);
    position.advance(time, identity);
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

  #channel(name: string): ChannelPosition {
    const known = this.#channels.get(name);
    if (known) return known;
    const channel: ChannelPosition = { lines: new Map(), listeners: new Map() };
    this.#channels.set(name, channel);
    return channel;
  }

  /** Writes within so many ms; one write serves all that comes before it. */
  #writeSoon(within = WRITE_WITHIN): void {
    const due = this.clock.now() + within;
    if (this.#timer && this.#due <= due) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.clock.after(within, () => this.#write());
  }

  #write(): void {
    this.#timer = undefined;
    const channels = [...this.#channels].map(([name, { lines, listeners, heard }]): [string, unknown] => [
      name,
      { heard, lines: Object.fromEntries(lines), listeners: Object.fromEntries(listeners) },
    ]);
    const text = JSON.stringify({ version: 1, channels: Object.fromEntries<unknown>(channels) });
    this.#writing = this.#writing
      .then(() => this.store.write(this.name, text))
      .catch(() => this.log.warn('The positions could not be written: a restart may deliver messages again'));
  }

  async #load(): Promise<void> {
    try {
      const saved = parseJson((await this.store.read(this.name)) ?? '{}');
      const channels = isRecord(saved) && isRecord(saved.channels) ? saved.channels : {};
      for (const [name, channel] of Object.entries(channels)) this.#restore(name, channel);
    } catch {
      this.log.warn('The positions could not be read: messages from before this start are not fetched');
    }
  }

  #restore(name: string, saved: unknown): void {
    if (!isRecord(saved)) return;
    const { lines, listeners, ...channel } = this.#channel(name);
    for (const [line, json] of entries(saved.lines)) {
      const position = LinePosition.fromJSON(json);
      if (position && !lines.has(line)) lines.set(line, position);
    }
    for (const [listener, since] of entries(saved.listeners)) {
      if (typeof since === 'number') listeners.set(listener, since);
    }
    if (typeof saved.heard === 'number') this.#channel(name).heard = channel.heard ?? saved.heard;
  }
}

function entries(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}
