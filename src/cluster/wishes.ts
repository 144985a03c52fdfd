import type { KV, KvEntry } from 'nats';
import { pause, type Clock, type Timer } from '../clock';
import { isRecord, parseJson } from '../events/json';
import type { Log } from '../log';
import { readWish, type Wish } from './wish';

/** For how long a wish that was taken back may be made again, in ms: not all copies are deployed at once. */
const MAY_RETURN = 60_000;
/** How soon NATS is asked again where it did not do it, in ms. */
const AGAIN = 1_000;
/** How often it is looked after the age of wishes, in ms. */
const LOOK_EVERY = 3_600_000;
/** After which time a wish is made anew by a copy that has it, in ms; and taken back where no copy has. */
const RENEW_AFTER = 12 * 3_600_000;
const FORGET_AFTER = 14 * 24 * 3_600_000;

export interface WishesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** A listener, on whichever copy, wants this; or no copy has it any more. */
  readonly onChange: (listener: string, wish: Wish | undefined) => void;
}

interface Known {
  readonly listener: string;
  readonly text: string;
  /** When it was last made, in ms since the epoch. */
  readonly made: number;
}

/** What the listeners of all copies want to hear. The last word on a listener counts. */
export class Wishes {
  /** What the listeners of this copy want, as text. */
  readonly #own = new Map<string, string>();
  /** What is in the bucket, by key. */
  readonly #known = new Map<string, Known>();
  /** What was taken back a moment ago, by key. */
  readonly #leaving = new Map<string, Timer>();
  readonly #end = new AbortController();

  constructor(
    private readonly bucket: Pick<KV, 'watch' | 'put' | 'purge'>,
    private readonly options: WishesOptions,
  ) {}

  start(): void {
    void this.#watch();
    void this.#lookAfterAge();
  }

  stop(): void {
    this.#end.abort(new Error('ended'));
    for (const timer of this.#leaving.values()) timer.cancel();
  }

  /** A listener of this copy wants this. */
  own(listener: string, { channel, events, direction, ignoreApp }: Wish): void {
    const text = JSON.stringify({ listener, channel, events, direction, ignoreApp });
    this.#own.set(listener, text);
    if (this.#known.get(keyOf(listener))?.text !== text) void this.#make(listener, text);
  }

  /** This copy does not have the listener any more; others may. */
  disown(listener: string): void {
    this.#own.delete(listener);
  }

  /** The listener was deployed away. A copy that still has it makes its wish again. */
  remove(listener: string): void {
    this.#own.delete(listener);
    void this.#untilDone(
      () => this.bucket.purge(keyOf(listener)),
      () => !this.#own.has(listener),
    );
  }

  async #make(listener: string, text: string): Promise<void> {
    await this.#untilDone(
      () => this.bucket.put(keyOf(listener), text),
      () => this.#own.get(listener) === text,
    );
  }

  async #untilDone(act: () => Promise<unknown>, isWanted: () => boolean): Promise<void> {
    while (isWanted() && !this.#end.signal.aborted) {
      try {
        await act();
        return;
      } catch {
        await pause(this.options.clock, AGAIN, this.#end.signal).catch(() => undefined);
      }
    }
  }

  async #watch(): Promise<void> {
    while (!this.#end.signal.aborted) {
      try {
        const entries = await this.bucket.watch({ key: 'wish.>' });
        const stop = (): void => entries.stop();
        this.#end.signal.addEventListener('abort', stop);
        for await (const entry of entries) this.#onEntry(entry);
        this.#end.signal.removeEventListener('abort', stop);
      } catch {
        // NATS is away: all is looked at anew.
      }
      await pause(this.options.clock, AGAIN, this.#end.signal).catch(() => undefined);
    }
  }

  #onEntry(entry: KvEntry): void {
    if (this.#end.signal.aborted) return;
    if (entry.operation !== 'PUT') return this.#onTakenBack(entry.key);
    this.#leaving.get(entry.key)?.cancel();
    this.#leaving.delete(entry.key);
    const text = entry.string();
    const value = parseJson(text);
    const wish = readWish(value);
    const listener = isRecord(value) ? value.listener : undefined;
    if (!wish || typeof listener !== 'string') {
      return this.options.log.warn(`What a listener wants could not be read: ${entry.key}`);
    }
    const before = this.#known.get(entry.key);
    this.#known.set(entry.key, { listener, text, made: entry.created.getTime() });
    if (before?.text !== text) this.options.onChange(listener, wish);
  }

  #onTakenBack(key: string): void {
    const known = this.#known.get(key);
    if (!known) return;
    const own = this.#own.get(known.listener);
    if (own !== undefined) return void this.#make(known.listener, own);
    if (this.#leaving.has(key)) return;
    const timer = this.options.clock.after(MAY_RETURN, () => {
      this.#leaving.delete(key);
      this.#known.delete(key);
      this.options.onChange(known.listener, undefined);
    });
    this.#leaving.set(key, timer);
  }

  /** A copy that has died for ever takes nothing back: what nobody makes anew is forgotten. */
  async #lookAfterAge(): Promise<void> {
    const { clock } = this.options;
    for (;;) {
      await pause(clock, LOOK_EVERY, this.#end.signal).catch(() => undefined);
      if (this.#end.signal.aborted) return;
      for (const { listener, made } of this.#known.values()) {
        const own = this.#own.get(listener);
        if (own !== undefined && clock.now() - made > RENEW_AFTER) void this.#make(listener, own);
        if (own === undefined && clock.now() - made > FORGET_AFTER) this.remove(listener);
      }
    }
  }
}

/** Keys may hold no blanks and no dots of their own. */
function keyOf(listener: string): string {
  return `wish.${Buffer.from(listener).toString('hex')}`;
}
