/** Where one messenger's events are posted to. */
export interface CallbackUrl {
  readonly licenseId: number;
  readonly messengerType: string;
  readonly events: readonly string[];
  readonly url: string;
}

/** One POST to a webhook address. */
export interface Delivery {
  readonly method: 'POST';
  readonly url: string;
  readonly licenseId: number;
  readonly messengerType: string;
  /** The event's name; empty for the probe when an address is set. */
  readonly event: string;
  /** From 1. */
  readonly attempt: number;
  /** When it left, in ms since the epoch. */
  readonly at: number;
  /** Undefined until it is over; then what the receiver answered, or 0 where no answer came in time. */
  readonly status: number | undefined;
}

export interface CallbackOptions {
  /** How many attempts each callback has until one is answered with 2xx. Default 3. */
  readonly tries?: number;
  /** In ms, between two attempts. Default 1,000. */
  readonly waitMs?: number;
  /** In ms: how long the receiver has for its answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** The events that an address may be set for. Default: any. */
  readonly events?: readonly string[];
}

/**
 * The webhooks of the simulator. What is announced on a messenger channel is posted as `{data, meta}` to that messenger's
 * address, where its event is chosen: one after the other for each messenger, repeated until it is answered with 2xx.
 * Only addresses on this machine are ever called.
 */
export interface Callbacks {
  /** What is set now. */
  readonly list: readonly CallbackUrl[];
  /** Sets an address, wherever it is, as another integration might have done; it is not probed. */
  plant(callbackUrl: CallbackUrl): void;
  /** Returns whether there was such an address. */
  remove(licenseId: number, messengerType: string): boolean;
  /** What was posted, probes too, oldest first; only the last 10,000 are kept. */
  readonly deliveries: readonly Delivery[];
  /** How many callbacks are not over yet. */
  readonly waiting: number;
}
