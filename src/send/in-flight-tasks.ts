import { pause, type Clock } from '../clock';

interface Task {
  readonly done: Promise<unknown>;
  readonly abandon: () => void;
}

/** What is being asked now, so that an end can wait for it, but not for ever. */
export class InFlightTasks {
  readonly #tasks = new Set<Task>();

  /** Settles as `attempt` does; where it is abandoned before, rejects with the error that `abandoned` makes. */
  run<T>(attempt: Promise<T>, abandoned: () => Error): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      const task = { done: attempt, abandon: () => reject(abandoned()) };
      this.#tasks.add(task);
      void attempt.then(resolve, reject).finally(() => this.#tasks.delete(task));
    });
    return done;
  }

  /** Resolves when all of it has ended, within `limit` ms: what is left then is abandoned. */
  async end(clock: Clock, limit: number): Promise<void> {
    if (this.#tasks.size === 0) return;
    const ended = new AbortController();
    const all = Promise.allSettled([...this.#tasks].map(({ done }) => done)).then(() => ended.abort());
    await Promise.race([all, pause(clock, limit, ended.signal).catch(() => undefined)]);
    for (const { abandon } of this.#tasks) abandon();
  }
}
