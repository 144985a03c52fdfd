import type { CallbackUrl } from '../api/callback-urls';
import type { Line } from '../api/lines';
import { ChatAppError } from '../errors';
import { lineText, sameIncident, type CallbackState } from './callback-state';

/** A line whose events are wanted, and how its callback stands. */
export class Place {
  #state: CallbackState = { kind: 'setting' };
  #failures = 0;

  constructor(
    readonly line: Line,
    public events: readonly string[],
  ) {}

  /** The line as errors, logs and tables name it. */
  get name(): string {
    return lineText(this.line);
  }

  get state(): CallbackState {
    return this.#state;
  }

  /** How often in a row the callback could not be set. */
  get failures(): number {
    return this.#failures;
  }

  /** True where these events are wanted already. */
  wants(events: readonly string[]): boolean {
    return isSame(this.events, events);
  }

  /** True where ChatApp has just what is wanted: `url` with the events. */
  isMetBy(found: CallbackUrl | undefined, url: string): boolean {
    return found?.url === url && isSame(found.events, this.events);
  }

  /** Takes on another state; true where that is news. */
  become(state: CallbackState): boolean {
    const isNews = state.kind !== this.#state.kind || state.kind === 'failed' || state.kind === 'taken';
    if (state.kind === 'set') this.#failures = 0;
    this.#state = state;
    return isNews;
  }

  /** The state in which the callback belongs to `host`. */
  taken(host: string): CallbackState {
    const error = ChatAppError.of('WEBHOOK_TAKEN', 'other', { line: this.name, host });
    return { kind: 'taken', host, error: sameIncident(this.#state, error) };
  }

  /** The state after a try that came to nothing; `nextTry` in ms since the epoch. */
  failed(error: ChatAppError, nextTry: number): CallbackState {
    return { kind: 'failed', error: sameIncident(this.#state, error), nextTry };
  }

  countFailure(): void {
    this.#failures += 1;
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  const names = new Set(some);
  return names.size === new Set(others).size && others.every((name) => names.has(name));
}
