import type { Clock, Timer } from '../clock';

/** How soon a change is reported, and how often changes are, in ms. */
const REPORT_EVERY = 1_000;

/**
 * Reports that a queue has changed, at most once a second. What passes through faster is never reported: a status for each
 * event would cost more than the event.
 */
export class BacklogReporter {
  #timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly report: () => void,
  ) {}

  onChange(): void {
    this.#timer ??= this.clock.after(REPORT_EVERY, () => {
      this.#timer = undefined;
      this.report();
    });
  }

  close(): void {
    this.#timer?.cancel();
  }
}
