import type { Clock } from '../clock';

/** The events that ChatApp is known to send by webhook, whatever the messenger. */
const BASIC_EVENTS: readonly string[] = ['message', 'messageStatus'];
/** How long a refused event is left out, in ms. ChatApp may offer it one day, or may have refused for another reason. */
const LEFT_OUT_FOR = 60 * 60_000;

/** Which events ChatApp offers by webhook. It refuses a whole registration because of one event that it does not offer. */
export class OfferedEvents {
  #refused: ReadonlySet<string> = new Set();
  /** By the monotonic clock, in ms. */
  #refusedUntil = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** `events` without those that ChatApp has refused in the last hour; all of them if none is left. */
  among(events: readonly string[]): readonly string[] {
    if (this.clock.monotonic() >= this.#refusedUntil) return events;
    const offered = events.filter((name) => !this.#refused.has(name));
    return offered.length > 0 ? offered : events;
  }

  /** Leaves these events out for an hour. */
  refuse(events: readonly string[]): void {
    this.#refused = new Set([...this.#refused, ...events]);
    this.#refusedUntil = this.clock.monotonic() + LEFT_OUT_FOR;
  }
}

/** Those of `events` that ChatApp offers in any case. */
export function basicEvents(events: readonly string[]): readonly string[] {
  return events.filter((name) => BASIC_EVENTS.includes(name));
}
