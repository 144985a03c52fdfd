import type { Clock } from '../clock';
import type { ItemIdentity } from '../events';
import { Traces } from './traces';

/** Twins come within this time; ms. */
const KEEP = 10 * 60_000;
/** What one channel remembers at least, where so much has come, and at most twice of it. */
const MOST = 10_000;

/** Remembers for a while what was delivered on a channel, so that only what is certainly the same is dropped. */
export class Memory {
  /** When these are many, or old, they take the place of the older ones: so nothing has to be tidied up. */
  #traces = new Traces();
  #older: Traces | undefined;
  /** When the first of the newer traces was made. */
  #begun = 0;
  /** The contents of edits that came under the id of a trace; few messages are edited. */
  #edits = new Map<number, Set<number>>();

  /** What was delivered before is not certain to have got anywhere; ms since the epoch. */
  #certainFrom = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** What was delivered before `time`, in ms since the epoch, is news again where the history has it. */
  trustFrom(time: number): void {
    this.#certainFrom = time;
  }

  /** Notes an item as delivered. False where it has been before, so that it must not be again. */
  isNew({ id, content }: ItemIdentity, item: { readonly edited?: unknown }, recovered: boolean): boolean {
    const now = this.clock.now();
    const traces = this.#around(id);
    const place = traces?.find(id) ?? -1;
    const oldest = recovered ? Math.max(now - KEEP, this.#certainFrom) : now - KEEP;
    if (!traces || place < 0 || traces.timeAt(place) < oldest) {
      this.#note(id, content, now, recovered);
      return true;
    }
    const edits = this.#edits.get(id);
    if (traces.contentAt(place) === content || edits?.has(content)) return false;
    // The history writes a message a little differently than its announcement: between the two only an edit is news.
    if (traces.wasRecoveredAt(place) !== recovered && !item.edited) return false;
    if (edits) edits.add(content);
    else this.#edits.set(id, new Set([content]));
    return true;
  }

  /** The traces among which an id is, if it is. */
  #around(id: number): Traces | undefined {
    return this.#traces.find(id) < 0 ? this.#older : this.#traces;
  }

  #note(id: number, content: number, now: number, recovered: boolean): void {
    if (this.#traces.size >= MOST || this.#begun < now - KEEP) this.#turn(now);
    this.#traces.set(id, content, now, recovered);
    this.#edits.delete(id);
  }

  /** Forgets the older traces, and counts the newer among them. */
  #turn(now: number): void {
    this.#older = this.#traces;
    this.#traces = new Traces();
    this.#begun = now;
    const kept = [...this.#edits].filter(([id]) => this.#older && this.#older.find(id) >= 0);
    this.#edits = new Map(kept);
  }
}
