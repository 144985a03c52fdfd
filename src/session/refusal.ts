import type { Clock } from '../clock';
import type { ChatAppError } from '../errors';

/** What ChatApp refused, kept for a while, so that a thousand channels do not ask a thousand times. */
export class Refusal {
  #kept: { readonly error: ChatAppError; readonly until: number } | undefined;

  constructor(private readonly clock: Clock) {}

  /** What was refused, and until when it stands, in ms of the monotonic clock; `undefined` where ChatApp may be asked. */
  get standing(): { readonly error: ChatAppError; readonly until: number } | undefined {
    return this.#kept && this.#kept.until > this.clock.monotonic() ? this.#kept : undefined;
  }

  /** Lets `error` stand for so many ms, and gives it back. */
  remember(error: ChatAppError, stands: number): ChatAppError {
    this.#kept = { error, until: this.clock.monotonic() + stands };
    return error;
  }

  forget(): void {
    this.#kept = undefined;
  }
}
