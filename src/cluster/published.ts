import type { Clock } from '../clock';
import { fingerprint } from '../events/fingerprint';
import { Memory } from '../feed/memory';
import type { Mark } from './wire';

/** For how long after a take-over it matters what was published before, in ms. */
const KEEP = 10 * 60_000;
/** Copies hear an announcement within this time of each other, by their own clocks; ms. */
const TOGETHER = 5_000;

/**
 * What earlier leaders have published, as far as it may come once more: from this copy's outbox, or out of the history.
 *
 * Items with an identity are twins as they are in the feed. Of those without, each that was published takes away one
 * equal item that was heard within 5 s of it, and no more: so an announcement that rightly repeats comes through, also
 * while one leader follows another.
 */
export class Published {
  /** By subject: twins are of one chat, and so on one subject. */
  readonly #memories = new Map<string, Memory>();
  /** When those without an identity were heard, the oldest first. */
  readonly #heard = new Map<string, number[]>();
  readonly #end: number;

  constructor(private readonly clock: Clock) {
    this.#end = clock.now() + KEEP;
  }

  /** Notes what was published on a subject, in this order. */
  note(subject: string, mark: Mark): void {
    if (mark.content !== undefined) return void this.#isNew(subject, mark, mark.content);
    const name = nameOf(subject, mark);
    const heard = this.#heard.get(name);
    if (heard) heard.push(mark.receivedAt);
    else this.#heard.set(name, [mark.receivedAt]);
  }

  /** True where it has been published. What has not counts as such from now on: whoever asks is about to publish it. */
  has(subject: string, mark: Mark): boolean {
    if (this.clock.now() > this.#end) return this.#forget();
    if (mark.content !== undefined) return !this.#isNew(subject, mark, mark.content);
    const heard = this.#heard.get(nameOf(subject, mark)) ?? [];
    const twin = heard.findIndex((at) => Math.abs(at - mark.receivedAt) <= TOGETHER);
    if (twin >= 0) heard.splice(twin, 1);
    return twin >= 0;
  }

  #isNew(subject: string, { channel, id, edited, recovered }: Mark, content: number): boolean {
    const memory = this.#memories.get(subject) ?? new Memory(this.clock);
    this.#memories.set(subject, memory);
    // Twins come on one channel.
    return memory.isNew({ id: fingerprint(channel, id), content }, { edited }, recovered);
  }

  #forget(): false {
    this.#memories.clear();
    this.#heard.clear();
    return false;
  }
}

function nameOf(subject: string, { channel, id }: Mark): string {
  return `${subject} ${channel} ${id}`;
}
