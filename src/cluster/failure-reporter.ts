import { shownTime, type Clock, type Timer } from '../clock';
import type { ChatAppError } from '../errors';
import type { Log } from '../log';
import { clusterFailed, isPassing, type Failure } from './failure';

/** How long NATS may have been unusable before a failure is reported that may end by itself, in ms. */
const REPORT_AFTER = 15_000;

export interface FailureReporterOptions {
  /** Named in errors. */
  readonly hosts: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onError: (error: ChatAppError) => void;
}

/** Reports why NATS cannot be used: each reason once for each incident. */
export class FailureReporter {
  #failure: Failure | undefined;
  /** When NATS was last usable: by the monotonic clock, and to be shown. */
  #usableAt: number;
  #since: number;
  #timer: Timer | undefined;
  #isLong = false;
  readonly #reported = new Set<string>();

  constructor(private readonly options: FailureReporterOptions) {
    this.#usableAt = options.clock.monotonic();
    this.#since = shownTime(options.clock);
  }

  /** Since when NATS has not been usable, in ms since the epoch; only shown. */
  get since(): number {
    return this.#since;
  }

  /** Why NATS cannot be used; absent while it can, or if that is not known yet. */
  get failure(): ChatAppError | undefined {
    return this.#failure && clusterFailed(this.#failure, this.options.hosts, this.#since);
  }

  /** NATS was usable just now. */
  succeed(): void {
    const { clock } = this.options;
    this.close();
    this.#failure = undefined;
    this.#isLong = false;
    this.#reported.clear();
    this.#usableAt = clock.monotonic();
    this.#since = shownTime(clock);
  }

  /** NATS cannot be used; this may be the same failure again. */
  fail(failure: Failure): void {
    const { clock, log, hosts } = this.options;
    const { reason, params } = failure;
    if (reason !== this.#failure?.reason || params.status !== this.#failure.params.status) {
      log.warn(`NATS at ${hosts} cannot be used: ${reason}, ${params.status}`);
    }
    this.#failure = failure;
    const left = this.#usableAt + REPORT_AFTER - clock.monotonic();
    this.#timer ??= clock.after(Math.max(0, left), () => {
      this.#isLong = true;
      this.#report();
    });
    this.#report();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #report(): void {
    const failure = this.#failure;
    if (!failure || this.#reported.has(failure.reason) || (!this.#isLong && isPassing(failure))) return;
    this.#reported.add(failure.reason);
    this.options.onError(clusterFailed(failure, this.options.hosts, this.#since));
  }
}
