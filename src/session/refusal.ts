import type { Clock } from '../clock';
import type { ChatAppError } from '../errors';

/** What ChatApp refused, kept for a while, so that a thousand channels do not ask a thousand times. */
export class Refusal {
  #stored: { readonly error: ChatAppError; readonly until: number } | undefined;

  constructor(private readonly clock: Clock) {}

  /** What was refused, and until when it stands, in ms of the monotonic clock; `undefined` where ChatApp may be asked. */
  get current(): { readonly error: ChatAppError; readonly until: number } | undefined {
    return this.#stored && this.#stored.until > this.clock.monotonic() ? this.#stored : undefined;
  }

  /** Lets `error` stand for so many ms, and gives it back. */
  remember(error: ChatAppError, duration: number): ChatAppError {
    this.#stored = { error, until: this.clock.monotonic() + duration };
    return error;
  }

  forget(): void {
    this.#stored = undefined;
  }
}
