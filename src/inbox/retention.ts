import type { Clock } from '../clock';

/** How long an event waits for a flow, and a dead letter is kept, if nothing else is set, in hours. */
export const KEEP_HOURS = 24;

/** Something that is kept for a limited time. */
export interface Retained {
  /** Since when this run knows it, in ms (monotonic). */
  readonly since: number;
  /** When an earlier run has stored it, in unix seconds by ChatApp's clock; absent if that is not known. */
  readonly storedTime?: number;
}

export interface RetentionOptions {
  readonly hours: number;
  /** ChatApp's time, in unix seconds; `undefined` until an answer of ChatApp has it. */
  readonly serverTime: () => number | undefined;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/**
 * For how long pending events and dead letters are kept. This machine's clock may be wrong: an age across a restart is
 * known by ChatApp's clock only. Without it, the age counts from the start.
 */
export class Retention {
  constructor(private readonly options: RetentionOptions) {}

  get hours(): number {
    return this.options.hours;
  }

  /** What is stored now gets this time, in unix seconds; `undefined` if it is not known. */
  get time(): number | undefined {
    const time = this.options.serverTime();
    return time === undefined ? undefined : Math.floor(time);
  }

  isOver(retained: Retained): boolean {
    return this.ageOf(retained) > this.options.hours * 3_600_000;
  }

  /** For how long it is kept by now, in ms. */
  ageOf({ since, storedTime }: Retained): number {
    const { clock, serverTime } = this.options;
    const sinceStored = storedTime === undefined ? 0 : (serverTime() ?? storedTime) - storedTime;
    return Math.max(clock.monotonic() - since, sinceStored * 1_000);
  }
}

export interface Limit {
  readonly events: number;
  readonly bytes: number;
}

export const MEGABYTE = 1024 * 1024;

/** How much of a limit is used. */
export class Budget {
  #events = 0;
  #bytes = 0;

  constructor(readonly limit: Limit) {}

  add(bytes: number): void {
    this.#events += 1;
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#events -= 1;
    this.#bytes -= bytes;
  }

  /** 1 if one of both is used up, more if it is exceeded. */
  get used(): number {
    return Math.max(this.#events / this.limit.events, this.#bytes / this.limit.bytes);
  }
}
