import type { KV } from 'nats';
import type { Clock, Timer } from '../clock';
import { within } from '../deadline';
import { isRecord, parseJson } from '../events/json';
import type { Log } from '../log';
import { changeCell, readCell } from './cell';
import { readWish, type Wish } from './wish';

const KEY = 'wishes';
/** How often it is looked up what all copies want, in ms; and how soon where something is still to be written. */
const LOOK_EVERY = 1_000;
const LOOK_AGAIN = 100;
/** For how long a wish that was taken back may be made again, in ms: not all copies are deployed at once. */
const MAY_RETURN = 60_000;
/** After which time a wish is made anew by a copy that has it, in ms; and taken back where no copy has. */
const RENEW_AFTER = 12 * 3_600_000;
const FORGET_AFTER = 14 * 24 * 3_600_000;
/** How long the end waits for what is still to be written, in ms. */
const ENDS_WITHIN = 2_000;

export interface WishesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** A listener, on whichever copy, wants this; or no copy has it any more. */
  readonly onChange: (listener: string, wish: Wish | undefined) => void;
}

/** All wishes by listener, as they are in the bucket: with the time at which each was made, in ms since the epoch. */
type Kept = Map<string, unknown>;

/** What the listeners of all copies want to hear. The last word on a listener counts. */
export class Wishes {
  /** What the listeners of this copy want. */
  readonly #own = new Map<string, Wish>();
  /** Those that have to be written, or removed where this copy has none. */
  readonly #due = new Set<string>();
  /** What was told last, as text. */
  readonly #told = new Map<string, string>();
  /** Since when what was told is gone, in ms since the epoch. */
  readonly #goneSince = new Map<string, number>();
  /** Absent before the start. */
  #timer: Timer | undefined;
  /** The look under way. */
  #look: Promise<void> | undefined;
  #isEnded = false;

  constructor(
    private readonly bucket: Pick<KV, 'get' | 'put'>,
    private readonly options: WishesOptions,
  ) {}

  start(): void {
    this.#lookIn(0);
  }

  /** Tells nothing any more. What is still to be written is tried once. */
  async stop(): Promise<void> {
    this.#isEnded = true;
    this.#timer?.cancel();
    const end = (async () => {
      await this.#look;
      if (this.#due.size > 0) await this.#write();
    })();
    await within(this.options.clock, ENDS_WITHIN, end).catch(() => undefined);
  }

  /** A listener of this copy wants this. It is made again where another copy takes it back. */
  own(listener: string, wish: Wish): void {
    this.#own.set(listener, readWish(wish) ?? wish);
    this.#change(listener);
  }

  /** This copy does not have the listener any more; others may. */
  disown(listener: string): void {
    this.#own.delete(listener);
    this.#due.delete(listener);
  }

  /** The listener was deployed away. A copy that still has it makes its wish again. */
  remove(listener: string): void {
    this.#own.delete(listener);
    this.#change(listener);
  }

  #change(listener: string): void {
    this.#due.add(listener);
    if (this.#timer && !this.#look) this.#lookIn(0);
  }

  #lookIn(wait: number): void {
    this.#timer?.cancel();
    if (this.#isEnded) return;
    this.#timer = this.options.clock.after(wait, () => {
      this.#look = this.#readAndWrite();
    });
  }

  async #readAndWrite(): Promise<void> {
    // An outage is told by the engine.
    const kept = await this.#write().catch(() => undefined);
    this.#look = undefined;
    if (kept && !this.#isEnded) this.#tell(kept);
    this.#lookIn(this.#due.size > 0 ? LOOK_AGAIN : LOOK_EVERY);
  }

  /** Reads what all copies want, and writes what this one has to say. Undefined where another one was faster. */
  async #write(): Promise<Kept | undefined> {
    const due = [...this.#due];
    this.#due.clear();
    let isWritten = false;
    try {
      const { bytes, revision } = await readCell(this.bucket, KEY);
      const value = parseJson(Buffer.from(bytes).toString());
      // What a later version of this package wants stays as it is.
      const kept: Kept = new Map(Object.entries(isRecord(value) ? value : {}));
      const hasChanged = this.#bringIn(kept, new Set(due));
      const text = JSON.stringify(Object.fromEntries(kept));
      isWritten = !hasChanged || (await changeCell(this.bucket, KEY, text, revision)) !== undefined;
      return isWritten ? kept : undefined;
    } finally {
      if (!isWritten) for (const id of due) this.#due.add(id);
    }
  }

  /** Brings in what this copy has to say; true where there is something. */
  #bringIn(kept: Kept, due: ReadonlySet<string>): boolean {
    const now = this.options.clock.now();
    let hasChanged = false;
    for (const [id, wish] of this.#own) {
      const before = kept.get(id);
      // Another copy's word stays, and what was taken back is made again.
      const isSaid =
        before !== undefined && (!due.has(id) || JSON.stringify(readWish(before)) === JSON.stringify(wish));
      if (isSaid && now - madeAt(before) < RENEW_AFTER) continue;
      kept.set(id, { ...(isSaid && isRecord(before) ? before : wish), made: now });
      hasChanged = true;
    }
    for (const [id, wish] of kept) {
      if (this.#own.has(id) || !(due.has(id) || now - madeAt(wish) > FORGET_AFTER)) continue;
      kept.delete(id);
      hasChanged = true;
    }
    return hasChanged;
  }

  #tell(kept: Kept): void {
    const { clock, log, onChange } = this.options;
    for (const [id, value] of kept) {
      this.#goneSince.delete(id);
      const wish = readWish(value);
      const text = JSON.stringify(wish ?? value);
      if (this.#told.get(id) === text) continue;
      this.#told.set(id, text);
      if (wish) onChange(id, wish);
      else log.warn(`What the listener ${id} of another copy wants is of an unknown form`);
    }
    for (const id of [...this.#told.keys()].filter((told) => !kept.has(told))) {
      const since = this.#goneSince.get(id) ?? clock.now();
      this.#goneSince.set(id, since);
      if (clock.now() - since < MAY_RETURN) continue;
      this.#told.delete(id);
      this.#goneSince.delete(id);
      onChange(id, undefined);
    }
  }
}

/** What does not tell its age is a later version's: it is for that to forget it. */
function madeAt(wish: unknown): number {
  return isRecord(wish) && typeof wish.made === 'number' ? wish.made : Infinity;
}
