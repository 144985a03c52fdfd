import { WAIT_LIMIT } from './wait-limit';

/** Lets a test wait for a condition instead of a time. */
export class Changes {
  readonly #asking = new Set<() => void>();

  /** Something has changed: all waiting conditions are checked again. */
  happened(): void {
    for (const ask of [...this.#asking]) ask();
  }

  /** Resolves once `holds`, asked now and at every change. Rejects after `WAIT_LIMIT`, with what `state` tells. */
  until(holds: () => boolean, state: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#asking.delete(ask);
      };
      const ask = (): void => {
        if (!holds()) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`It did not come to that within ${WAIT_LIMIT} ms; so far: ${JSON.stringify(state())}`));
      }, WAIT_LIMIT);
      this.#asking.add(ask);
      ask();
    });
  }
}
