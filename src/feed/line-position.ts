import { createHash } from 'node:crypto';
import type { ItemIdentity } from '../events';
import { isRecord } from '../events/json';

/** How far a recovery reaches back before the newest delivered message, in s: some are announced late. */
export const OVERLAP = 30;
/** How many messages within the overlap are remembered. */
const MOST = 5_000;

/** So many entries are not worth tidying. */
const MOST_UNTIDY = 200;

/** Tells nobody who wrote what: this is what gets written to disk. */
type Fingerprint = readonly [id: string, twin: string, time: number];

interface Delivered {
  readonly time: number;
  readonly identity: ItemIdentity;
  /** Made when it is first written. */
  fingerprint?: Fingerprint;
}

/** How far the messages of one line have been delivered on one channel. */
export class LinePosition {
  /** Of this run, in the order of delivery. */
  #delivered = new Map<string, Delivered>();
  #tidyAt = MOST_UNTIDY;
  /** Of an earlier run, by the fingerprint of the id. */
  #earlier = new Map<string, Fingerprint>();

  /** `time` is that of the newest delivered message, in unix seconds. */
  constructor(public time: number) {}

  /** Notes a message as delivered. The position never moves back. */
  advance(time: number, identity?: ItemIdentity): void {
    this.time = Math.max(this.time, time);
    if (!identity) return;
    this.#delivered.delete(identity.id);
    this.#delivered.set(identity.id, { time, identity });
    if (this.#delivered.size >= this.#tidyAt) this.#tidy();
  }

  /** True where the message was delivered within the overlap. Of an edited one only the same edit counts. */
  has({ id, twin }: ItemIdentity, isEdited: boolean): boolean {
    const delivered = this.#delivered.get(id);
    if (delivered) return !isEdited || delivered.identity.twin === twin;
    if (this.#earlier.size === 0) return false;
    const earlier = this.#earlier.get(hash(id));
    return earlier !== undefined && (!isEdited || earlier[1] === hash(twin));
  }

  toJSON(): object {
    const earlier = [...this.#earlier.values()].filter(([, , time]) => time >= this.time - OVERLAP);
    this.#tidy();
    const delivered = [...this.#delivered.values()].map((entry) => (entry.fingerprint ??= fingerprintOf(entry)));
    return { time: this.time, recent: [...earlier, ...delivered] };
  }

  /** Drops what lies before the overlap, or is too much. */
  #tidy(): void {
    const kept = [...this.#delivered].filter(([, { time }]) => time >= this.time - OVERLAP).slice(-MOST);
    this.#delivered = new Map(kept);
    this.#tidyAt = Math.max(MOST_UNTIDY, 2 * kept.length);
  }

  static fromJSON(saved: unknown): LinePosition | undefined {
    if (!isRecord(saved) || typeof saved.time !== 'number') return undefined;
    const position = new LinePosition(saved.time);
    const recent: unknown[] = Array.isArray(saved.recent) ? saved.recent : [];
    position.#earlier = new Map(recent.filter(isFingerprint).map((fingerprint) => [fingerprint[0], fingerprint]));
    return position;
  }
}

function fingerprintOf({ identity: { id, twin }, time }: Delivered): Fingerprint {
  return [hash(id), hash(twin), time];
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function isFingerprint(value: unknown): value is Fingerprint {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  const [id, twin, time] = parts;
  return typeof id === 'string' && typeof twin === 'string' && typeof time === 'number';
}
