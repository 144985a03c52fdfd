import type { Clock } from '../clock';
import type { ItemIdentity } from '../events';

/** Twins come within this time; ms. */
const KEEP = 10 * 60_000;
/** What one channel remembers at least, where so much has come, and at most twice of it. */
const MOST = 10_000;

/** So many traces are not worth tidying. */
const MOST_UNTIDY = 500;

interface Trace {
  readonly at: number;
  readonly first: ItemIdentity;
  /** The twins of edits that came under the same id, once there are any. */
  edits?: Set<string>;
  /** Whether it was fetched from the history, not announced. */
  readonly recovered: boolean;
}

/** Remembers for a while what was delivered on a channel, so that only what is certainly the same is dropped. */
export class Memory {
  /** By id, oldest first. */
  #traces = new Map<string, Trace>();
  #tidyAt = MOST_UNTIDY;

  constructor(private readonly clock: Clock) {}

  /** Notes an item as delivered. False where it has been before, so that it must not be again. */
  isNew(identity: ItemIdentity, item: { readonly edited?: unknown }, recovered: boolean): boolean {
    const now = this.clock.now();
    const { id } = identity;
    const trace = this.#traces.get(id);
    if (!trace || trace.at < now - KEEP) {
      if (trace) this.#traces.delete(id);
      this.#traces.set(id, { at: now, first: identity, recovered });
      if (this.#traces.size >= this.#tidyAt) this.#tidy(now);
      return true;
    }
    const { twin } = identity;
    if (trace.first.twin === twin || trace.edits?.has(twin)) return false;
    // The history writes a message a little differently than its announcement: between the two only an edit is news.
    if (trace.recovered !== recovered && !item.edited) return false;
    trace.edits ??= new Set();
    trace.edits.add(twin);
    return true;
  }

  /** Drops what is too old, or too much. Done in bulk: a Map that loses its first entries one by one gets slow. */
  #tidy(now: number): void {
    const traces = [...this.#traces].filter(([, { at }]) => at >= now - KEEP).slice(-MOST);
    this.#traces = new Map(traces);
    this.#tidyAt = Math.max(MOST_UNTIDY, 2 * traces.length);
  }
}
