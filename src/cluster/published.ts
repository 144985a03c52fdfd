import type { Clock } from '../clock';
import { EVENT_KEY_VERSION, type EventSource } from '../events';
import { Deduplicator } from '../inbox/deduplicator';
import type { Mark } from './wire';

/** For how long after a take-over it matters what was published before, in ms. */
const KEEP = 10 * 60_000;
/** Copies hear an announcement within this time of each other, by their own clocks; ms. */
const TOGETHER = 5_000;

/**
 * What earlier leaders have published, as far as it may come once more: from this copy's outbox, or out of the history.
 *
 * Items with a key are duplicates as they are in the feed. Of those without, each that was published takes away one
 * equal item that was heard within 5 s of it, and no more: so an announcement that rightly repeats comes through, also
 * while one leader follows another.
 */
export class Published {
  /** What has a key; absent once it does not matter any more. */
  #keys: Deduplicator | undefined;
  /** When those without a key were heard, the oldest first. */
  readonly #heard = new Map<string, number[]>();
  readonly #end: number;

  constructor(private readonly clock: Clock) {
    this.#end = clock.now() + KEEP;
    this.#keys = new Deduplicator({ clock, hasWebhooks: false, recoverHours: 0, onLimit: () => undefined });
  }

  /** Notes what was published on a subject, in this order. */
  note(subject: string, mark: Mark): void {
    // The stream is one source of the edits of a message, and this instance another one.
    if (mark.edit !== undefined) return void this.#isNew(subject, mark, mark.edit, 'webhook');
    const name = nameOf(subject, mark);
    const heard = this.#heard.get(name);
    if (heard) heard.push(mark.receivedAt);
    else this.#heard.set(name, [mark.receivedAt]);
  }

  /** True where it has been published. What has not counts as such from now on: whoever asks is about to publish it. */
  has(subject: string, mark: Mark): boolean {
    if (this.clock.now() > this.#end) return this.#forget();
    if (mark.edit !== undefined) return !this.#isNew(subject, mark, mark.edit, mark.recovered ? 'history' : 'socket');
    const heard = this.#heard.get(nameOf(subject, mark)) ?? [];
    const duplicate = heard.findIndex((at) => Math.abs(at - mark.receivedAt) <= TOGETHER);
    if (duplicate >= 0) heard.splice(duplicate, 1);
    return duplicate >= 0;
  }

  /** Notes a key, which belongs to one subject and channel; false if it is a duplicate. */
  #isNew(subject: string, { channel, id }: Mark, edit: number, source: EventSource): boolean {
    return this.#keys?.add(`${subject} ${channel}`, '', { version: EVENT_KEY_VERSION, id, edit }, source) ?? true;
  }

  #forget(): false {
    this.#keys = undefined;
    this.#heard.clear();
    return false;
  }
}

function nameOf(subject: string, { channel, id }: Mark): string {
  return `${subject} ${channel} ${id}`;
}
