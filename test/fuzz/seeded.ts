/** Numbers that look random and are the same for the same seed. */
export class Seeded {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }
}

/** The seed of this run: `FUZZ_SEED`, or one that differs each time. It belongs into every failure's text. */
export function seedOfRun(): number {
  return Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
}

/** The heap in use after a collection, in bytes. */
export function heapUsed(): number {
  if (!globalThis.gc) throw new Error('The tests have to run with --expose-gc, as .mocharc.cjs says');
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
