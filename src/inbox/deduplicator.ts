import type { Clock, Timer } from '../clock';
import { EVENT_KEY_VERSION, hasHistory, type EventKey, type EventSource } from '../events';
import { hashText } from '../events/hash';
import { EditHistory } from './edit-history';
import { SeenKeys } from './seen-keys';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** How often keys are dropped if nothing is added, in ms. */
const PRUNE_EVERY = 5 * MINUTE;
/** How long keys are kept, besides the time for which a gap is open. A gap that opens now begins some 10 min ago. */
const KEEP = 30 * MINUTE;
/** How long they are kept if there are webhooks: ChatApp may repeat a callback hours later. */
const KEEP_WITH_WEBHOOKS = 24 * HOUR;
const MAX_KEYS = 2_000_000;
/** The share of them in one segment, and so the share that is dropped at once. */
const SEGMENT_SHARE = 1 / 16;

export interface DeduplicatorOptions {
  readonly clock: Clock;
  readonly hasWebhooks: boolean;
  /** How far back messages are fetched, in hours. Their keys are kept no longer, however long a gap stays open. */
  readonly recoverHours: number;
  /** When the oldest gap began that is still open, by the monotonic clock; `undefined` if none is. */
  readonly gapSince?: () => number | undefined;
  /** There were so many keys that the oldest had to be dropped early. Called once, and again after half were gone. */
  readonly onLimit: (limit: number) => void;
  /** @default 2,000,000 */
  readonly maxKeys?: number;
}

/**
 * Knows which events of a connection were accepted before, on each channel. What is not certain to be the same counts as
 * new: an event that comes twice is a lesser harm than one that never comes.
 */
export class Deduplicator {
  /** The keys of events that have a history, which are kept while a gap is open. */
  readonly #messages: SeenKeys;
  readonly #others: SeenKeys;
  readonly #maxKeys: number;
  /** How long keys are kept without a gap, in ms. */
  readonly #keep: number;
  /** The hash of each channel's name. */
  readonly #channels = new Map<string, number>();
  #isLimitReported = false;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(private readonly options: DeduplicatorOptions) {
    const { hasWebhooks, maxKeys = MAX_KEYS } = options;
    this.#keep = hasWebhooks ? KEEP_WITH_WEBHOOKS : KEEP;
    this.#maxKeys = maxKeys;
    this.#messages = new SeenKeys(() => this.keepFor, maxKeys * SEGMENT_SHARE);
    this.#others = new SeenKeys(() => this.#keep, maxKeys * SEGMENT_SHARE);
  }

  /** How long the keys of messages are needed after they were added, in ms. */
  get keepFor(): number {
    // A gap reaches back to messages that came shortly before it was opened.
    return Math.max(this.#keep, KEEP + this.#openGap);
  }

  /** How many keys are kept, edits included. */
  get size(): number {
    return this.#messages.count + this.#others.count;
  }

  /**
   * Adds the key of an event that is about to be accepted. False if it is a duplicate.
   *
   * A caller that accepts in several steps calls `forget` if a later one fails. A duplicate that arrives in between is a
   * duplicate of something that may yet fail: do not answer a webhook before that is decided.
   */
  add(channel: string, event: string, key: EventKey, source: EventSource): boolean {
    const now = this.options.clock.monotonic();
    const keys = this.#keysOf(event);
    if (!this.#timer) this.#pruneLater();
    keys.prune(now);
    const id = this.#idOf(channel, key);
    const segment = keys.find(id);
    if (!segment) {
      const added = keys.add(id, now, key.version);
      if (key.edit !== 0) added.edits.set(id, firstEdit(key, source));
    } else {
      const known = segment.edits.get(id);
      // This is how nearly every duplicate looks.
      if (key.edit === 0 && !known) return false;
      const isComparable = key.version === EVENT_KEY_VERSION && segment.version === EVENT_KEY_VERSION;
      // Of an edit that cannot be compared, a live source announces each only once. The first edit is new whatever its key.
      if (!isComparable && known && source === 'history') return false;
      const history = known ?? new EditHistory([0]);
      if (!history.add(key.edit, source)) return false;
      keys.add(id, now, key.version).edits.set(id, history);
    }
    this.#limit();
    return true;
  }

  /** True if the key was added, and neither forgotten nor dropped since. */
  has(channel: string, event: string, key: EventKey): boolean {
    const id = this.#idOf(channel, key);
    const segment = this.#keysOf(event).find(id);
    return segment !== undefined && (segment.edits.get(id)?.has(key.edit) ?? key.edit === 0);
  }

  /** The event was not accepted after all, as if its key had never been added. */
  forget(channel: string, event: string, key: EventKey): void {
    const id = this.#idOf(channel, key);
    const segment = this.#keysOf(event).find(id);
    const history = segment?.edits.get(id);
    history?.remove(key.edit);
    if (history?.isEmpty) segment?.edits.delete(id);
    if (history ? history.isEmpty : key.edit === 0) segment?.remove(id);
  }

  /** Drops no keys by itself any more. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** After the last event, too, keys are kept no longer than they have to be. */
  #pruneLater(): void {
    if (this.#isStopped) return;
    const { clock } = this.options;
    this.#timer = clock.after(PRUNE_EVERY, () => {
      this.#timer = undefined;
      for (const keys of [this.#messages, this.#others]) keys.prune(clock.monotonic());
      if (this.size > 0) this.#pruneLater();
    });
  }

  /** For how long the oldest open gap matters, in ms. */
  get #openGap(): number {
    const { clock, gapSince, recoverHours } = this.options;
    const now = clock.monotonic();
    return Math.min(now - (gapSince?.() ?? now), recoverHours * HOUR);
  }

  #keysOf(event: string): SeenKeys {
    return hasHistory(event) ? this.#messages : this.#others;
  }

  /** The id of a key on its channel. Both are hashes, so it is enough to mix their bits. */
  #idOf(channel: string, { id }: EventKey): number {
    let hash = this.#channels.get(channel);
    if (hash === undefined) {
      hash = hashText(channel, 0);
      this.#channels.set(channel, hash);
    }
    const high = Math.floor(id / 2 ** 32) ^ Math.floor(hash / 2 ** 32);
    return high * 2 ** 32 + ((id ^ hash) >>> 0) || 1;
  }

  #limit(): void {
    const { size } = this;
    if (size < this.#maxKeys / 2) this.#isLimitReported = false;
    if (size <= this.#maxKeys) return;
    const [oldest] = [this.#messages, this.#others].sort((one, other) => lastAddedOf(one) - lastAddedOf(other));
    oldest?.dropOldest();
    if (this.#isLimitReported) return;
    this.#isLimitReported = true;
    this.options.onLimit(this.#maxKeys);
  }
}

function firstEdit({ edit }: EventKey, source: EventSource): EditHistory {
  const history = new EditHistory([]);
  history.add(edit, source);
  return history;
}

/** When the last key of the oldest segment was added. */
function lastAddedOf(keys: SeenKeys): number {
  return keys.segments.at(-1)?.lastAddedAt ?? Infinity;
}
