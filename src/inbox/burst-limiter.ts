/** How many events of bursts may be delivered whose keys are not on disk yet. */
const MAX_UNSTORED = 4;

/**
 * Limits how many events a crash delivers again. An event counts as delivered once its key is on disk, and the next run
 * fetches it again before. Live events come one after the other, but what was fetched, or has waited for that, comes in
 * bursts: after a few of them the next one waits until the keys of the others are stored.
 */
export class BurstLimiter {
  #unstored = 0;
  #storing: Promise<void> | undefined;

  /** @param store resolves when the keys of all that was delivered are on disk, or cannot be stored; never rejects */
  constructor(private readonly store: () => Promise<void>) {}

  /** Absent if an event may be delivered now; else resolves when that is to be asked again. */
  get room(): Promise<void> | undefined {
    if (this.#unstored < MAX_UNSTORED) return undefined;
    this.#storing ??= this.store().then(() => {
      this.#unstored = 0;
      this.#storing = undefined;
    });
    return this.#storing;
  }

  /** An event of a burst is delivered. */
  add(): void {
    this.#unstored += 1;
  }
}
