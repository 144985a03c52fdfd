import assert from 'node:assert/strict';
import type { KV, KvEntry } from 'nats';
import type { FakeClock } from './fake-clock';

/** A bucket as several see it, without a server. */
export class FakeBucket {
  readonly #cells = new Map<string, { bytes: Uint8Array; revision: number }>();
  #revision = 0;

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

  put(key: string, data: Uint8Array | string, previous: number | undefined): number {
    if (previous !== undefined && (this.#cells.get(key)?.revision ?? 0) !== previous) {
      throw Object.assign(new Error('wrong last sequence'), { api_error: { err_code: 10071 } });
    }
    this.#revision += 1;
    this.#cells.set(key, { bytes: Buffer.from(data), revision: this.#revision });
    return this.#revision;
  }
}

/** How long a question takes to get there, and its answer to come back, in ms; `Infinity` where it never does. */
export type Way = () => { readonly there: number; readonly back: number };

/** The bucket as one copy reaches it. */
export function reached(bucket: FakeBucket, clock: Pick<FakeClock, 'after'>, way: Way): Pick<KV, 'get' | 'put'> {
  const ask = <T>(question: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const { there, back } = way();
      const later = (delay: number, run: () => void): void => {
        if (delay !== Infinity) clock.after(delay, run);
      };
      later(there, () => {
        try {
          const answer = question();
          later(back, () => resolve(answer));
        } catch (error) {
          later(back, () => reject(error instanceof Error ? error : new Error('refused')));
        }
      });
    });
  return {
    get: (key) => ask(() => bucket.get(key)),
    put: (key, data, options) => ask(() => bucket.put(key, data, options?.previousSeq)),
  };
}
