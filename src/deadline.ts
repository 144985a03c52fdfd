import { pause, type Clock } from './clock';

/** The time that one task has, however many requests it takes. */
export class Deadline {
  readonly #end = new AbortController();
  readonly #late: Promise<never>;

  /** Over after `limit` ms of `clock`, with the error that `late` makes. */
  constructor(clock: Clock, limit: number, late: () => Error) {
    this.#late = pause(clock, limit, this.#end.signal).then(() => {
      throw late();
    });
    // Nobody may be waiting.
    this.#late.catch(() => undefined);
  }

  /** Settles as `attempt` does, or rejects when the time is over before. */
  within<T>(attempt: Promise<T>): Promise<T> {
    return Promise.race([attempt, this.#late]);
  }

  get ended(): boolean {
    return this.#end.signal.aborted;
  }

  /** The task is done, or not wanted any more: what is still awaited rejects. */
  end(): void {
    this.#end.abort(new Error('ended'));
  }
}

/** Settles as `attempt` does, or rejects after `limit` ms of `clock`; what comes of the attempt then is ignored. */
export async function within<T>(clock: Clock, limit: number, attempt: Promise<T>): Promise<T> {
  const deadline = new Deadline(clock, limit, () => new Error('too late'));
  try {
    return await deadline.within(attempt);
  } finally {
    deadline.end();
  }
}
