import type { Clock, Timer } from '../clock';
import { runInBackground, type Log } from '../log';
import type { ReceivedEvent } from './event-receiver';

/** How soon NATS is asked whether older events are missing, in ms, and how often at most as long as some are. */
const [FIRST_CHECK, MAX_CHECK] = [10, 100];
/**
 * How long newer events wait at most, in ms. NATS delivers the older ones again after the 1.2 s of `ACK_WAIT`, but on an
 * overloaded machine, that was measured to take several seconds.
 */
const MAX_WAIT = 10_000;

/** What NATS says of a consumer. */
export interface ConsumerState {
  readonly delivered: { readonly stream_seq: number; readonly consumer_seq: number };
  readonly num_ack_pending: number;
}

export interface ResequencerOptions {
  /** `undefined` if NATS cannot be asked. */
  readonly state: () => Promise<ConsumerState | undefined>;
  /** How many events up to a sequence this instance has received and not acknowledged. */
  readonly countHeld: (last: number) => number;
  /** Called in the order of the stream, as far as NATS delivers again in time what somebody else has not acknowledged. */
  readonly onEvent: (event: ReceivedEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps the events of a partition in order. What NATS has delivered to an instance that was killed comes again after
 * `ACK_WAIT`, behind newer events. So if this instance has not received all that is unacknowledged, it keeps what it receives
 * until it has, or until `MAX_WAIT` has passed. There are as many as the consumer may have unacknowledged at most.
 */
export class Resequencer {
  #buffered = new Map<number, ReceivedEvent>();
  /** The number of the latest delivery: NATS counts those to all instances. */
  #delivery = 0;
  /** Until when events are kept, in ms (monotonic); `undefined` while none are. */
  #until: number | undefined;
  #timer: Timer | undefined;

  constructor(private readonly options: ResequencerOptions) {}

  /** Events are received from now on; this was the state just before. */
  begin(state: ConsumerState): void {
    this.#delivery = state.delivered.consumer_seq;
    if (this.#isIncomplete(state)) this.#wait();
  }

  /** An event was delivered to this instance. @param delivery the number that the consumer has given to the delivery */
  onDelivery(delivery: number): void {
    // Somebody else has got one in between: a request of a process that is frozen or gone, or one that got lost.
    if (delivery > this.#delivery + 1) this.#wait();
    this.#delivery = delivery;
  }

  add(event: ReceivedEvent): void {
    if (this.#until === undefined) this.options.onEvent(event);
    else this.#buffered.set(event.sequence, event);
  }

  has(sequence: number): boolean {
    return this.#buffered.has(sequence);
  }

  /** Keeps all from now on, until `clear`. */
  stop(): void {
    this.#cancelCheck();
    this.#until = Infinity;
  }

  /** Forgets what is kept, and returns the sequences. */
  clear(): number[] {
    const sequences = [...this.#buffered.keys()];
    this.#buffered.clear();
    this.#cancelCheck();
    this.#until = undefined;
    return sequences;
  }

  #isIncomplete({ delivered, num_ack_pending }: ConsumerState): boolean {
    return num_ack_pending > this.options.countHeld(delivered.stream_seq);
  }

  #wait(): void {
    if (this.#until === Infinity) return;
    this.#until = this.options.clock.monotonic() + MAX_WAIT;
    this.#checkAfter(FIRST_CHECK);
  }

  #cancelCheck(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #checkAfter(wait: number): void {
    this.#timer?.cancel();
    const timer = this.options.clock.after(wait, () => {
      const checked = this.options.state().then((state) => {
        if (this.#timer === timer) this.#check(state, wait);
      });
      runInBackground(checked, this.options.log, 'Asking for older events');
    });
    this.#timer = timer;
  }

  #check(state: ConsumerState | undefined, waited: number): void {
    const { clock, log } = this.options;
    const isIncomplete = !state || this.#isIncomplete(state);
    if (isIncomplete && clock.monotonic() < (this.#until ?? 0)) {
      return this.#checkAfter(Math.min(2 * waited, MAX_CHECK));
    }
    if (isIncomplete) log.info('NATS has not delivered older events again in time: newer ones come first');
    this.#release();
  }

  #release(): void {
    const buffered = [...this.#buffered].sort(([a], [b]) => a - b);
    this.clear();
    for (const [, event] of buffered) this.options.onEvent(event);
  }
}
