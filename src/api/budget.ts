import { pause, type Clock } from '../clock';

/** ChatApp counts the requests of each second; the margin covers requests that the network bunches together. */
const WINDOW = 1_050;

/** Lets at most `perSecond` requests start in any second, in the order in which they ask. */
export class RequestBudget {
  /** When the last `perSecond` requests started, oldest first, ms since the epoch. */
  readonly #starts: number[] = [];
  #queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Resolves when a request may start. Rejects with the signal's reason when that comes first. */
  take(signal?: AbortSignal): Promise<void> {
    const turn = this.#queue.then(() => this.#wait(signal));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #wait(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const oldest = this.#starts.length < this.perSecond ? undefined : this.#starts.shift();
    // The time of day may have been set back meanwhile: that must not cost more than one window.
    const wait = oldest === undefined ? 0 : Math.min(WINDOW, oldest + WINDOW - this.clock.now());
    if (wait > 0) await pause(this.clock, wait, signal);
    this.#starts.push(this.clock.now());
  }
}
