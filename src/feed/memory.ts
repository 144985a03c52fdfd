import type { Clock } from '../clock';
import type { ItemIdentity } from '../events';

/** Twins come within this time; ms. */
const KEEP = 10 * 60_000;
/** What one channel remembers at most. */
const MOST = 10_000;

interface Trace {
  readonly at: number;
  readonly twins: Set<string>;
  /** Whether it was fetched from the history, not announced. */
  readonly recovered: boolean;
}

/** Remembers for a while what was delivered on a channel, so that only what is certainly the same is dropped. */
export class Memory {
  /** By id, oldest first. */
  readonly #traces = new Map<string, Trace>();

  constructor(private readonly clock: Clock) {}

  /** Notes an item as delivered. False where it has been before, so that it must not be again. */
  isNew({ id, twin }: ItemIdentity, item: { readonly edited?: unknown }, recovered: boolean): boolean {
    this.#forget();
    const trace = this.#traces.get(id);
    if (!trace) {
      this.#traces.set(id, { at: this.clock.now(), twins: new Set([twin]), recovered });
      return true;
    }
    if (trace.twins.has(twin)) return false;
    // The history writes a message a little differently than its announcement: between the two only an edit is news.
    if (trace.recovered !== recovered && !item.edited) return false;
    trace.twins.add(twin);
    return true;
  }

  #forget(): void {
    const oldest = this.clock.now() - KEEP;
    for (const [id, { at }] of this.#traces) {
      if (at >= oldest && this.#traces.size < MOST) return;
      this.#traces.delete(id);
    }
  }
}
