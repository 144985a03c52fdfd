import type { Clock, Timer } from './clock';
import type { ChatAppError } from './errors';
import type { Delivery } from './inbox/delivery';
import type { Listener, Stop } from './inbox/listener';
import type { Status } from './status';
import type { Store } from './store';

/** A failure is reported if it lasts this long, in ms: by then all listeners of a deploy are there to report it. */
const REPORT_AFTER = 1_000;

/** Reports a store that fails, once for each time, and shows it in the statuses of listeners while it lasts. */
export class StoreStatus {
  readonly #updates = new Set<() => void>();
  #isFailing = false;
  #report: Timer | undefined;
  #damage: Timer | undefined;
  #stop: (() => void) | undefined;

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly onError: (error: ChatAppError) => void,
  ) {}

  /** Begins to observe the store. */
  start(): void {
    this.#stop ??= this.store.observe?.({
      onState: (failure) => {
        this.#report?.cancel();
        this.#report = failure && this.clock.after(REPORT_AFTER, () => this.onError(failure));
        this.#isFailing = failure !== undefined;
        for (const update of this.#updates) update();
      },
      onError: (error) => (this.#damage = this.clock.after(REPORT_AFTER, () => this.onError(error))),
    });
  }

  /** Listens with `listen` to what the listener listens to. */
  show(listener: Listener, listen: (listener: Listener) => Stop): Stop {
    if (!this.store.observe) return listen(listener);
    this.start();
    let latest: Status | undefined;
    const update = (): void => {
      if (latest) listener.onStatus(this.#isFailing ? { ...latest, isUnstored: true } : latest);
    };
    this.#updates.add(update);
    const onStatus = (status: Status): void => {
      latest = status;
      update();
    };
    const stop = listen({
      ...listener,
      onItem: (delivery) => listener.onItem(delivery),
      ...(listener.trackDelivery && { trackDelivery: (delivery: Delivery) => track(listener, delivery) }),
      onError: (error, delivery) => listener.onError(error, delivery),
      onStatus,
    });
    return (how) => {
      this.#updates.delete(update);
      stop(how);
    };
  }

  close(): void {
    this.#report?.cancel();
    this.#damage?.cancel();
    this.#stop?.();
  }
}

function track(listener: Listener, delivery: Delivery): () => boolean {
  return listener.trackDelivery?.(delivery) ?? (() => true);
}
