import type { Clock, Timer } from '../clock';

/** ChatApp counts the requests of each second; the margin covers requests that the network bunches together. */
const WINDOW = 1_050;

/**
 * What a request is for.
 *
 * `send`          somebody waits for the outcome
 * `list`          the list of chats of a line whose live events wait for it, and the messages of chats whose live events wait
 * `subscribe`     the authorisation of a channel
 * `other`         tokens, lines, webhooks, and what dialogs ask
 * `busyHistory`   what was missed in lines that come first
 * `history`       what was missed in all other lines
 */
export type Priority = 'send' | 'list' | 'subscribe' | 'other' | 'busyHistory' | 'history';

/** The share of all requests that goes to a kind before everything else, as long as any of that kind wait. */
const RESERVED: ReadonlyMap<Priority, number> = new Map([
  ['send', 0.2],
  ['list', 0.2],
  ['other', 0.1],
]);
/** In this order the rest goes. */
const ORDER: readonly Priority[] = ['subscribe', 'send', 'list', 'other', 'busyHistory', 'history'];
/** The history can take hours. It leaves a share free, so that a send that comes up need not wait for a second. */
const FREE_OF_HISTORY = 0.2;
export const HISTORY_SHARE = 1 - FREE_OF_HISTORY;

export interface RateRequest {
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /**
   * A function is asked whenever a request may start: what was not urgent may have become so.
   * @default 'other'
   */
  readonly priority?: Priority | (() => Priority) | undefined;
}

interface Waiting {
  readonly priority: () => Priority;
  readonly start: () => void;
}

/** Lets at most `perSecond` requests start in any second, by priority, and within a priority in the order of asking. */
export class RateLimiter {
  /** The latest requests, oldest first; `at` in monotonic ms. */
  readonly #started: { readonly at: number; readonly priority: Priority }[] = [];
  readonly #waiting = new Set<Waiting>();
  #timer: Timer | undefined;

  constructor(
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {}

  /** Resolves when a request may start. Rejects with the signal's reason when that comes first. */
  take({ signal, priority = 'other' }: RateRequest = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const giveUp = (): void => {
        this.#waiting.delete(waiting);
        this.#serve();
        reject(asError(signal?.reason));
      };
      const waiting: Waiting = {
        priority: typeof priority === 'function' ? priority : () => priority,
        start: () => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
      this.#serve();
    });
  }

  /** Starts whatever may start, and comes back when more may. */
  #serve(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const now = this.clock.monotonic();
    while (this.#waiting.size > 0) {
      this.#forgetBefore(now - WINDOW);
      const first = this.#firstOfEach();
      const priority = this.#next(new Set(first.keys()));
      const waiting = priority && first.get(priority);
      if (!priority || !waiting) {
        // With every request that becomes too old to count there is room for one more.
        const wait = (this.#started[0]?.at ?? now) + WINDOW - now;
        this.#timer = this.clock.after(Math.max(1, Math.ceil(wait)), () => this.#serve());
        return;
      }
      this.#waiting.delete(waiting);
      this.#started.push({ at: now, priority });
      waiting.start();
    }
  }

  #forgetBefore(time: number): void {
    while ((this.#started[0]?.at ?? Infinity) <= time) this.#started.shift();
  }

  #firstOfEach(): ReadonlyMap<Priority, Waiting> {
    const first = new Map<Priority, Waiting>();
    for (const waiting of this.#waiting) {
      const priority = waiting.priority();
      if (!first.has(priority)) first.set(priority, waiting);
      if (first.size === ORDER.length) break;
    }
    return first;
  }

  /** Which of the priorities that wait may start a request now. */
  #next(waiting: ReadonlySet<Priority>): Priority | undefined {
    const free = this.perSecond - this.#started.length;
    if (free <= 0) return undefined;
    for (const [priority, share] of RESERVED) {
      if (waiting.has(priority) && this.#countOf(priority) < Math.ceil(share * this.perSecond)) return priority;
    }
    const isFull = free <= Math.floor(FREE_OF_HISTORY * this.perSecond);
    return ORDER.find((priority) => waiting.has(priority) && !(isFull && isHistory(priority)));
  }

  #countOf(priority: Priority): number {
    return this.#started.filter((one) => one.priority === priority).length;
  }
}

function isHistory(priority: Priority): boolean {
  return priority === 'busyHistory' || priority === 'history';
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The wait for a request was given up');
}
