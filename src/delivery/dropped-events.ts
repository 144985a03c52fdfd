import type { Clock, Timer } from '../clock';

/** How long drops are counted before they are reported together, in ms. */
const REPORT_AFTER = 1_000;

/**
 * Why a pending event is not delivered: the node's filter has changed, it has waited for too long, or too many wait: in
 * the store, or in memory since nothing can be stored.
 */
export type DropReason = 'unwanted' | 'outdated' | 'full' | 'overflow';

export type OnDropped<Reason = DropReason> = (reason: Reason, count: number) => void;

/** Counts dropped events, so that a thousand of them are one report. */
export class DroppedEvents<Reason = DropReason> {
  readonly #counts = new Map<Reason, number>();
  #timer: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onDropped: OnDropped<Reason>,
  ) {}

  add(reason: Reason, count: number): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
    this.#timer ??= this.clock.after(REPORT_AFTER, () => this.report());
  }

  /** Reports now what was counted. */
  report(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const counts = [...this.#counts];
    this.#counts.clear();
    for (const [reason, count] of counts) this.onDropped(reason, count);
  }
}
