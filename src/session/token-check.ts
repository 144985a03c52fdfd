import { ApiError } from '../api/api-error';
import type { ApiClient } from '../api/client';
import { checkToken } from '../api/tokens';
import type { Clock } from '../clock';

/** How long the result of a check stays valid, in ms. Shorter than the time between two tries of a refused channel. */
const VALID_FOR = 3 * 60_000;

/**
 * Asks ChatApp whether an access token is dead. ChatApp is asked once per token and 3 min, however many requests need
 * to know: a dead token makes a thousand channels fail at the same time.
 */
export class TokenCheck {
  #last: { readonly token: string; readonly at: number; readonly isDead: Promise<boolean> } | undefined;

  constructor(
    private readonly api: ApiClient,
    private readonly clock: Clock,
  ) {}

  /** False if the token is alive, and if ChatApp does not say; then it is asked again the next time. Never rejects. */
  isDead(token: string): Promise<boolean> {
    const now = this.clock.monotonic();
    if (this.#last?.token !== token || now - this.#last.at >= VALID_FOR) {
      this.#last = { token, at: now, isDead: this.#ask(token) };
    }
    return this.#last.isDead;
  }

  async #ask(token: string): Promise<boolean> {
    try {
      await checkToken(this.api, token);
      return false;
    } catch (error) {
      if (saysDead(error)) return true;
      if (this.#last?.token === token) this.#last = undefined;
      return false;
    }
  }
}

/** The only question of this request is whether the token is valid: to refuse it answers the question, with any code. */
function saysDead(error: unknown): boolean {
  return error instanceof ApiError && (error.invalidToken || error.status === 401 || error.status === 403);
}
