import type { Clock, Timer } from './clock';
import { failureOf } from './error-log';
import type { ChatAppError } from './errors';
import type { StoreHealth } from './health';
import type { Store } from './store';

/** A failure is reported if it lasts this long, in ms: by then all listeners of a deploy are there to report it. */
const REPORT_AFTER = 1_000;

export interface StoreStatusOptions {
  readonly clock: Clock;
  readonly onError: (error: ChatAppError) => void;
  /** `isFailing` has changed. */
  readonly onChange: () => void;
}

/** Knows whether a store fails, and reports it once for each time. */
export class StoreStatus {
  #failure: ChatAppError | undefined;
  #report: Timer | undefined;
  #damage: Timer | undefined;
  #stop: (() => void) | undefined;

  constructor(
    private readonly store: Store,
    private readonly options: StoreStatusOptions,
  ) {}

  /** True while nothing can be stored. */
  get isFailing(): boolean {
    return this.#failure !== undefined;
  }

  get health(): StoreHealth {
    return { isWorking: !this.isFailing, ...(this.#failure && { failure: failureOf(this.#failure) }) };
  }

  /** Begins to observe the store. */
  start(): void {
    const { clock, onError, onChange } = this.options;
    this.#stop ??= this.store.observe?.({
      onState: (failure) => {
        this.#report?.cancel();
        this.#report = failure && clock.after(REPORT_AFTER, () => onError(failure));
        this.#failure = failure;
        onChange();
      },
      onError: (error) => (this.#damage = clock.after(REPORT_AFTER, () => onError(error))),
    });
  }

  close(): void {
    this.#report?.cancel();
    this.#damage?.cancel();
    this.#stop?.();
  }
}
