import assert from 'node:assert/strict';
import type { KV, KvEntry } from 'nats';
import type { Clock } from '../../src/clock';

/** How several servers agree on what is written: how long that takes, in ms. */
export interface Agreement {
  readonly clock: Clock;
  readonly lag: () => number;
}

/**
 * A bucket as several see it, without a server. Servers that keep it together check a write when it comes and take it
 * later, in the order in which they came: what was checked meanwhile they take as well.
 */
export class FakeBucket {
  readonly #cells = new Map<string, { bytes: Uint8Array; revision: number }>();
  #revision = 0;
  /** When the last write that is under way will be taken. */
  #due = 0;

  constructor(private readonly agreement?: Agreement) {}

  get(key: string): KvEntry | null {
    const cell = this.#cells.get(key);
    if (!cell) return null;
    const text = Buffer.from(cell.bytes).toString();
    return {
      bucket: 'test',
      key,
      value: cell.bytes,
      created: new Date(0),
      revision: cell.revision,
      operation: 'PUT',
      length: cell.bytes.length,
      json: () => assert.fail('not asked for'),
      string: () => text,
    };
  }

  /** Calls `taken` with the new revision. Throws where the cell has another one than `previous`. */
  put(key: string, data: Uint8Array | string, previous: number | undefined, taken: (revision: number) => void): void {
    if (previous !== undefined && (this.#cells.get(key)?.revision ?? 0) !== previous) {
      throw Object.assign(new Error('wrong last sequence'), { api_error: { err_code: 10071 } });
    }
    this.#agreed(() => {
      this.#revision += 1;
      this.#cells.set(key, { bytes: Buffer.from(data), revision: this.#revision });
      taken(this.#revision);
    });
  }

  #agreed(run: () => void): void {
    if (!this.agreement) return run();
    const { clock, lag } = this.agreement;
    this.#due = Math.max(this.#due, clock.now() + lag());
    clock.after(this.#due - clock.now(), run);
  }
}

/** How long a question takes to get there, and its answer to come back, in ms; `Infinity` where it never does. */
export type Way = () => { readonly there: number; readonly back: number };

/** The bucket as one copy reaches it. */
export function reached(bucket: FakeBucket, clock: Pick<Clock, 'after'>, way: Way): Pick<KV, 'get' | 'put'> {
  const ask = <T>(question: (answer: (result: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const { there, back } = way();
      const later = (delay: number, run: () => void): void => {
        if (delay !== Infinity) clock.after(delay, run);
      };
      later(there, () => {
        try {
          question((result) => later(back, () => resolve(result)));
        } catch (error) {
          later(back, () => reject(error instanceof Error ? error : new Error('refused')));
        }
      });
    });
  return {
    get: (key) => ask((answer) => answer(bucket.get(key))),
    put: (key, data, options) => ask((answer) => bucket.put(key, data, options?.previousSeq, answer)),
  };
}
