import type { Clock } from '../clock';
import type { ChatAppError } from '../errors';

/** What ChatApp refused, kept for a while, so that a thousand channels do not ask a thousand times. */
export class Refusal {
  #latest: { readonly error: ChatAppError; readonly until: number } | undefined;

  constructor(private readonly clock: Clock) {}

  /** What was refused, and until when it holds, in ms of the monotonic clock; `undefined` if ChatApp may be asked. */
  get current(): { readonly error: ChatAppError; readonly until: number } | undefined {
    return this.#latest && this.#latest.until > this.clock.monotonic() ? this.#latest : undefined;
  }

  /** Holds `error` for `duration` ms, and returns it. */
  remember(error: ChatAppError, duration: number): ChatAppError {
    this.#latest = { error, until: this.clock.monotonic() + duration };
    return error;
  }

  forget(): void {
    this.#latest = undefined;
  }
}
