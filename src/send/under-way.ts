import { pause, type Clock } from '../clock';

interface Errand {
  readonly done: Promise<unknown>;
  readonly abandon: () => void;
}

/** What is being asked now, so that an end can wait for it, but not for ever. */
export class UnderWay {
  readonly #errands = new Set<Errand>();

  /** Settles as `attempt` does; where it is abandoned before, rejects with the error that `abandoned` makes. */
  run<T>(attempt: Promise<T>, abandoned: () => Error): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      const errand = { done: attempt, abandon: () => reject(abandoned()) };
      this.#errands.add(errand);
      void attempt.then(resolve, reject).finally(() => this.#errands.delete(errand));
    });
    return done;
  }

  /** Resolves when all of it has ended, within `limit` ms: what is left then is abandoned. */
  async end(clock: Clock, limit: number): Promise<void> {
    if (this.#errands.size === 0) return;
    const ended = new AbortController();
    const all = Promise.allSettled([...this.#errands].map(({ done }) => done)).then(() => ended.abort());
    await Promise.race([all, pause(clock, limit, ended.signal).catch(() => undefined)]);
    for (const { abandon } of this.#errands) abandon();
  }
}
