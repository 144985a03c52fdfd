import type { CallbackUrl } from '../api/callback-urls';
import type { Line } from '../api/lines';
import { shownTime, type Clock } from '../clock';
import { ChatAppError } from '../errors';
import { eventsNotOffered, lineText, sameIncident, type CallbackState } from './callback-state';
import { OfferedEvents } from './offered-events';

/** The webhook that is wanted for one messenger of a line, and its state. */
export class Registration {
  readonly offered: OfferedEvents;
  #state: CallbackState = { kind: 'setting' };
  #failures = 0;
  /** When a failed attempt is repeated, in ms of the monotonic clock. */
  #retryAt = 0;

  constructor(
    readonly line: Line,
    /** The wanted events. */
    public events: readonly string[],
    private readonly clock: Clock,
  ) {
    this.offered = new OfferedEvents(clock);
  }

  /** The line as errors, logs and tables name it. */
  get name(): string {
    return lineText(this.line);
  }

  get state(): CallbackState {
    return this.#state;
  }

  /** How often in a row the webhook could not be set. */
  get failures(): number {
    return this.#failures;
  }

  /** How long a failed attempt still waits before it is repeated, in ms; `undefined` if none has failed. */
  get retryWait(): number | undefined {
    return this.#state.kind === 'failed' ? Math.max(0, this.#retryAt - this.clock.monotonic()) : undefined;
  }

  /** The wanted events that ChatApp does not send by webhook, as far as known. */
  get missing(): readonly string[] {
    const offered = this.offered.among(this.events);
    return this.events.filter((name) => !offered.includes(name));
  }

  /** True if these events are wanted already. */
  wants(events: readonly string[]): boolean {
    return isSame(this.events, events);
  }

  /** True if ChatApp has just what is wanted: `url` with the events that it offers. */
  isMetBy(found: CallbackUrl | undefined, url: string): boolean {
    return found?.url === url && isSame(found.events, this.offered.among(this.events));
  }

  /** Changes the state; true if it has to be reported. */
  become(state: CallbackState): boolean {
    const isUnreported = state.kind !== this.#state.kind || 'error' in state || 'error' in this.#state;
    if (state.kind === 'set') this.#failures = 0;
    this.#state = state;
    return isUnreported;
  }

  /** The state if our URL is registered. Missing events are an error if no other source brings them. */
  set(isOnlySource: boolean): CallbackState {
    if (!isOnlySource || this.missing.length === 0) return { kind: 'set' };
    return { kind: 'set', error: sameIncident(this.#state, eventsNotOffered(this.line, this.missing)) };
  }

  /** The state in which the webhook belongs to `host`. */
  taken(host: string): CallbackState {
    const error = ChatAppError.of('WEBHOOK_TAKEN', 'other', { line: this.name, host });
    return { kind: 'taken', host, error: sameIncident(this.#state, error) };
  }

  /** The state after an attempt that failed and is repeated after `wait` ms. */
  failed(error: ChatAppError, wait: number): CallbackState {
    this.#retryAt = this.clock.monotonic() + wait;
    const nextTry = shownTime(this.clock, wait);
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
