import type { Clock, Timer } from '../clock';
import type { Log } from '../log';

/** After how long without another instance the status says so, in ms. */
const ALONE_AFTER = 60_000;

/** How many instances are alive, as the status shows it: one that is alone for a moment only does not say so. */
export class InstanceCount {
  #count = 1;
  #isAlone = false;
  /** Absent while another instance is alive. */
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
    /** This instance has been alone for a minute. */
    private readonly onAlone: () => void,
  ) {}

  /** `undefined` while this instance may be alone for a moment only. */
  get shown(): number | undefined {
    return this.#count > 1 || this.#isAlone ? this.#count : undefined;
  }

  /** @param count how many instances are alive, with this one */
  update(count: number): void {
    this.#count = count;
    if (this.#isStopped) return;
    if (count > 1) {
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#isAlone = false;
      return;
    }
    this.#timer ??= this.clock.after(ALONE_AFTER, () => {
      this.#isAlone = true;
      this.log.warn('No other instance of this cluster is alive');
      this.onAlone();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }
}
