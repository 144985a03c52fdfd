import type { Clock, Timer } from '../clock';

/** ChatApp counts the requests of each second; the margin covers requests that the network bunches together. */
const WINDOW = 1_050;

export interface Wish {
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Goes before all that is not. Default: false. */
  readonly isUrgent?: boolean;
}

type Start = () => void;

/** Lets at most `perSecond` requests start in any second: the urgent ones first, else in the order of asking. */
export class RequestBudget {
  /** When the last `perSecond` requests started, oldest first, ms since the epoch. */
  readonly #starts: number[] = [];
  readonly #urgent: Start[] = [];
  readonly #usual: Start[] = [];
  #timer: Timer | undefined;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Resolves when a request may start. Rejects with the signal's reason when that comes first. */
  take({ signal, isUrgent = false }: Wish = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const line = isUrgent ? this.#urgent : this.#usual;
      const giveUp = (): void => {
        line.splice(line.indexOf(start), 1);
        this.#serve();
        reject(asError(signal?.reason));
      };
      const start = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      line.push(start);
      this.#serve();
    });
  }

  /** Starts whatever may start, and comes back when more may. */
  #serve(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#urgent.length + this.#usual.length > 0) {
      const wait = this.#wait();
      if (wait > 0) {
        this.#timer = this.clock.after(wait, () => {
          this.#starts.shift();
          this.#serve();
        });
        return;
      }
      this.#starts.push(this.clock.now());
      if (this.#starts.length > this.perSecond) this.#starts.shift();
      (this.#urgent.shift() ?? this.#usual.shift())?.();
    }
  }

  /** How long until a request may start, in ms. */
  #wait(): number {
    const [oldest] = this.#starts;
    if (oldest === undefined || this.#starts.length < this.perSecond) return 0;
    // The time of day may have been set back meanwhile: that must not cost more than one window.
    return Math.min(WINDOW, oldest + WINDOW - this.clock.now());
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The wait for a request was given up');
}
