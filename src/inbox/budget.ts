export interface Limit {
  readonly events: number;
  readonly bytes: number;
}

export const MEGABYTE = 1024 * 1024;

/** How much of a limit is used. */
export class Budget {
  #events = 0;
  #bytes = 0;

  constructor(readonly limit: Limit) {}

  add(bytes: number): void {
    this.#events += 1;
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#events -= 1;
    this.#bytes -= bytes;
  }

  /** 1 if one of both is used up, more if it is exceeded. */
  get used(): number {
    return Math.max(this.#events / this.limit.events, this.#bytes / this.limit.bytes);
  }
}
