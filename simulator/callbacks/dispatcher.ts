import type { Envelope } from '../contract';
import type { CallbackFaults } from '../faults/contract';
import type { RequestLog } from '../request-log';
import { CallbackUrls, isOnThisMachine } from './callback-urls';
import type { CallbackOptions } from './contract';
import { Poster } from './poster';
import { Queue } from './queue';

interface DispatcherOptions {
  readonly requestLog: RequestLog;
  /** In ms since the epoch. */
  readonly now: () => number;
  readonly options: CallbackOptions;
}

/** Where events leave for webhook addresses. */
export class CallbackDispatcher {
  readonly urls = new CallbackUrls();
  readonly poster: Poster;
  faults: CallbackFaults = {};
  readonly #rules: DispatcherOptions;
  readonly #over = new AbortController();
  readonly #queues = new Map<string, Queue>();

  constructor(rules: DispatcherOptions) {
    this.#rules = rules;
    const { requestLog, now, options } = rules;
    const { timeoutMs = 5_000 } = options;
    this.poster = new Poster({ requestLog, now, timeoutMs, signal: this.#over.signal });
  }

  /** The first of `events` that no address may be set for, by its position. */
  firstRefused(events: readonly string[]): number | undefined {
    const { events: offered = events } = this.#rules.options;
    const at = events.findIndex((event) => !offered.includes(event));
    return at < 0 ? undefined : at;
  }

  /** How many callbacks are not over. */
  get waiting(): number {
    return [...this.#queues.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Takes what was announced in a messenger; it leaves for the address that is set now, if its event is chosen. */
  take(licenseId: string, messengerType: string, event: string, { data, meta }: Envelope): void {
    const to = this.urls.of(licenseId, messengerType);
    if (to?.events.includes(event) !== true || !isOnThisMachine(to.url) || this.faults.down === true) return;
    this.#queueOf(`${licenseId} ${messengerType}`).add({ to, event, envelope: { data, meta } });
  }

  /** Ends what is under way; nothing more leaves. */
  close(): void {
    this.#over.abort();
  }

  #queueOf(messenger: string): Queue {
    const { requestLog, options } = this.#rules;
    const { tries = 3, waitMs = 1_000 } = options;
    const known = this.#queues.get(messenger);
    if (known) return known;
    const queue = new Queue({
      tries,
      waitMs,
      poster: this.poster,
      faults: () => this.faults,
      signal: this.#over.signal,
      changed: () => requestLog.changed(),
    });
    this.#queues.set(messenger, queue);
    return queue;
  }
}
