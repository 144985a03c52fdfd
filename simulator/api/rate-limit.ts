const SECOND = 1000;

/** At most `perSecond` requests of one address within any second. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #now: () => number;
  readonly #seen = new Map<string, number[]>();

  constructor(perSecond: number, now: () => number) {
    this.#perSecond = perSecond;
    this.#now = now;
  }

  /** Counts a request; returns how many s to wait where it is one too many, else 0. */
  wait(address: string): number {
    const now = this.#now();
    const recent = (this.#seen.get(address) ?? []).filter((at) => now - at < SECOND);
    this.#seen.set(address, recent);
    const [oldest] = recent;
    if (recent.length >= this.#perSecond && oldest !== undefined) return Math.ceil((oldest + SECOND - now) / SECOND);
    recent.push(now);
    return 0;
  }
}
