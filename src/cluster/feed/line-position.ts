import type { EventKey } from '../../events';
import { isRecord } from '../../events/json';

/** How far a recovery reaches back before the newest delivered message, in s: some are announced late. */
export const OVERLAP = 30;
/** How many messages within the overlap are remembered. */
const MOST = 5_000;

/** So many are not worth tidying. */
const MOST_UNTIDY = 200;

/** As it is written to disk. */
type Delivered = readonly [id: number, edit: number, time: number];

/** How far the messages of one line have been delivered on one channel. */
export class LinePosition {
  /** What was delivered, in this order. Numbers in lists of their own take no room besides. */
  #ids: number[] = [];
  #edits: number[] = [];
  #times: number[] = [];
  #tidyAt = MOST_UNTIDY;
  /** Where each id comes last: made when it is first asked for, since most never are. */
  #places: Map<number, number> | undefined;

  /** Until when it is certain that nothing is missing, in unix seconds; absent where that is up to the newest. */
  #certain: number | undefined;

  /** `time` is that of the newest delivered message, in unix seconds. */
  constructor(public time: number) {}

  /** Notes a message as delivered. The position never moves back. */
  advance(time: number, key?: EventKey): void {
    this.time = Math.max(this.time, time);
    if (key) this.#note([key.id, key.edit, time]);
  }

  /** From when on messages may be missing, in unix seconds. */
  get since(): number {
    return Math.min(this.time, this.#certain ?? this.time);
  }

  /** From now on newer messages may come while older ones are missing. */
  doubt(): void {
    this.#certain ??= this.time;
  }

  /** Nothing is missing up to the newest message, or up to `certain`. */
  settle(certain?: number): void {
    this.#certain = certain;
  }

  /** True if the message was delivered within the overlap. Of an edited one only the same edit counts. */
  has({ id, edit }: EventKey): boolean {
    this.#places ??= new Map(this.#ids.map((known, place) => [known, place]));
    const place = this.#places.get(id);
    return place !== undefined && (edit === 0 || this.#edits[place] === edit);
  }

  /** In doubt from `time` on, with nothing known of what was delivered since. */
  static from(time: number): LinePosition {
    const position = new LinePosition(time);
    position.doubt();
    return position;
  }

  toJSON(): object {
    this.#tidy();
    const doubt = this.#certain === undefined ? {} : { since: this.since };
    return { time: this.time, ...doubt, recent: this.#recent() };
  }

  #note([id, edit, time]: Delivered): void {
    this.#places?.set(id, this.#ids.length);
    this.#ids.push(id);
    this.#edits.push(edit);
    this.#times.push(time);
    if (this.#ids.length >= this.#tidyAt) this.#tidy();
  }

  /** Drops what lies before the overlap, or is too much. */
  #tidy(): void {
    const recent = this.#recent();
    this.#ids = recent.map(([id]) => id);
    this.#edits = recent.map(([, edit]) => edit);
    this.#times = recent.map(([, , time]) => time);
    this.#places = undefined;
    this.#tidyAt = Math.max(MOST_UNTIDY, 2 * recent.length);
  }

  #recent(): Delivered[] {
    const all = this.#ids.map((id, place): Delivered => [id, this.#edits[place] ?? 0, this.#times[place] ?? 0]);
    return all.filter(([, , time]) => time >= this.since - OVERLAP).slice(-MOST);
  }

  static fromJSON(saved: unknown): LinePosition | undefined {
    if (!isRecord(saved) || typeof saved.time !== 'number') return undefined;
    const position = new LinePosition(saved.time);
    // What came while nobody was there is not known yet.
    position.settle(typeof saved.since === 'number' ? saved.since : saved.time);
    const recent: unknown[] = Array.isArray(saved.recent) ? saved.recent : [];
    for (const delivered of recent) if (isDelivered(delivered)) position.#note(delivered);
    return position;
  }
}

function isDelivered(value: unknown): value is Delivered {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  return parts.length === 3 && parts.every((part) => typeof part === 'number');
}
