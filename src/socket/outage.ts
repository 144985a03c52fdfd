import { reconnectDelay } from './back-off';

/** Reset the backoff after this uptime, in ms. */
const STABLE_AFTER = 60_000;

/**
 * The time without a socket, and what has been done about it. A short time with a socket does not end an outage: a
 * server that accepts and drops at once must not be asked twice a second for ever.
 */
export class Outage {
  /** When the current period without a socket began, in ms of the monotonic clock. */
  #downSince: number | undefined;
  /** When the current period with a socket began. */
  #upSince: number | undefined;
  /** Earlier periods without a socket, less those with one, ms. */
  #downBefore = 0;
  #attempts = 0;
  #slowAttempts = 0;
  readonly #reported = new Set<string>();

  /** The socket is gone, or did not come to be. True if that was not known yet. */
  down(now: number): boolean {
    if (this.#downSince !== undefined) return false;
    const upFor = this.#upSince === undefined ? 0 : now - this.#upSince;
    // Time with a socket makes good for time without one: a drop now and then is no outage that never ends.
    this.#downBefore = Math.max(0, this.#downBefore - upFor);
    if (upFor >= STABLE_AFTER || this.#downBefore === 0) this.#reset();
    this.#downSince = now;
    this.#upSince = undefined;
    return true;
  }

  up(now: number): void {
    this.#downBefore = this.length(now);
    this.#downSince = undefined;
    this.#upSince = now;
  }

  /** The time without a socket so far, in ms. */
  length(now: number): number {
    return this.#downBefore + this.downFor(now);
  }

  /** How long there has been no socket without a break, in ms; 0 if there is one. */
  downFor(now: number): number {
    return this.#downSince === undefined ? 0 : now - this.#downSince;
  }

  /** How long to wait before the next try, in ms. */
  nextDelay(now: number, random: () => number): number {
    const delay = reconnectDelay({
      attempt: this.#attempts,
      slowAttempt: this.#slowAttempts,
      downFor: this.length(now),
      random,
    });
    this.#attempts += 1;
    if (delay.slow) this.#slowAttempts += 1;
    return delay.wait;
  }

  /** True the first time that `what` is to be reported in this outage. */
  isUnreported(what: string): boolean {
    const isNew = !this.#reported.has(what);
    this.#reported.add(what);
    return isNew;
  }

  #reset(): void {
    this.#downBefore = 0;
    this.#attempts = 0;
    this.#slowAttempts = 0;
    this.#reported.clear();
  }
}
