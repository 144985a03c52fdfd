import type { Clock, Timer } from '../clock';
import { ChatAppError } from '../errors';
import { MEGABYTE, type Limit, type Retained, type Retention } from '../inbox/retention';
import type { DropReason } from './dropped-events';
import { LimitedEntries, type DropEntries } from './limited-entries';
import type { Entry } from './pending-chats';

/** What may wait for all listeners of a connection on disk, and in memory while nothing can be stored. */
export const STORED: Limit = { events: Infinity, bytes: 500 * MEGABYTE };
export const UNSTORED: Limit = { events: 10_000, bytes: 64 * MEGABYTE };

/** How often it is looked for events that have waited too long, in ms. */
const CHECK_EVERY = 60_000;

export interface PendingLimitsOptions {
  readonly stored: Limit;
  readonly unstored: Limit;
  readonly retention: Retention;
  readonly clock: Clock;
  /** `STORE_FAILED`: 80 % of a limit are used. */
  readonly onError: (error: ChatAppError) => void;
}

/**
 * Drops pending events of a connection that wait for too long, and the oldest if they are too many. What a flow works on
 * stays.
 */
export class PendingLimits {
  readonly #stored: LimitedEntries;
  readonly #unstored: LimitedEntries;
  #timer: Timer | undefined;

  constructor(private readonly options: PendingLimitsOptions) {
    const { stored, unstored, onError } = options;
    const report = (reason: 'almostFull' | 'memoryAlmostFull', limit: Limit) => (): void => {
      onError(ChatAppError.of('STORE_FAILED', reason, paramsOf(limit)));
    };
    this.#stored = new LimitedEntries(stored, 'full', report('almostFull', stored));
    this.#unstored = new LimitedEntries(unstored, 'overflow', report('memoryAlmostFull', unstored));
  }

  /** This entry waits on disk. */
  addStored(drop: DropEntries, entry: Entry): void {
    // Only an earlier run can have stored it so long ago.
    if (entry.event.storedTime !== undefined && this.#isOutdated(entry)) return drop('outdated', [entry]);
    this.#stored.add(drop, entry);
    this.#checkLater();
  }

  /** This entry waits in memory, since nothing can be stored. */
  addUnstored(drop: DropEntries, entry: Entry): void {
    this.#unstored.add(drop, entry);
    this.#checkLater();
  }

  /** This entry does not wait. */
  remove(drop: DropEntries, entry: Entry): void {
    this.#stored.remove(drop, entry);
    this.#unstored.remove(drop, entry);
  }

  removeAll(drop: DropEntries): void {
    for (const kind of [this.#stored, this.#unstored]) kind.removeAll(drop);
    if (!this.#isEmpty) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** For how long an event has waited, in ms. */
  ageOf(retained: Retained): number {
    return this.options.retention.ageOf(retained);
  }

  /** What is reported about events that were dropped. */
  errorOf(reason: DropReason, count: number): ChatAppError {
    const { stored, unstored, retention } = this.options;
    const params = {
      unwanted: {},
      outdated: { hours: retention.hours },
      full: paramsOf(stored),
      overflow: paramsOf(unstored),
    }[reason];
    return ChatAppError.of('RECOVERY_FAILED', reason, { count, ...params });
  }

  #isOutdated({ event: { storedTime }, since }: Entry): boolean {
    return this.options.retention.isOver({ since, ...(storedTime !== undefined && { storedTime }) });
  }

  get #isEmpty(): boolean {
    return this.#stored.isEmpty && this.#unstored.isEmpty;
  }

  #checkLater(): void {
    this.#timer ??= this.options.clock.after(CHECK_EVERY, () => {
      this.#timer = undefined;
      for (const kind of [this.#stored, this.#unstored]) kind.dropEach('outdated', (entry) => this.#isOutdated(entry));
      if (!this.#isEmpty) this.#checkLater();
    });
  }
}

function paramsOf({ events, bytes }: Limit): { limit?: number; megabytes: number } {
  return { ...(events < Infinity && { limit: events }), megabytes: Math.round(bytes / MEGABYTE) };
}
