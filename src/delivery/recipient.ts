import { isWanted, type Delivery } from '../inbox/delivery';
import type { Listener } from '../inbox/listener';
import { kindOf, type Log } from '../log';
import { deliveryTokenOf } from './delivery-token';
import type { Entry } from './pending-chats';

/** A listener that takes events, with its defaults filled in. */
export class Recipient {
  readonly ack: 'sent' | 'done';
  /** How long an attempt may take with `ack: 'done'`, in s. */
  readonly ackSeconds: number;
  /** How many events may be unacknowledged at a time with `ack: 'done'`. */
  readonly inFlight: number;

  /** @param subscriber the id under which the listener acknowledges */
  constructor(
    private readonly subscriber: string,
    private readonly listener: Listener,
    private readonly log: Log,
  ) {
    const { ack = 'sent', ackSeconds = 60, inFlight = 100 } = listener;
    this.ack = ack;
    this.ackSeconds = ackSeconds;
    this.inFlight = inFlight;
  }

  isWanted(delivery: Delivery): boolean {
    return isWanted(delivery, this.listener);
  }

  /**
   * Gives the listener an event. The result says, one turn of the event loop later, whether the next nodes have got it;
   * without a result, they have it already.
   */
  deliver(entry: Entry, delivery: Delivery): (() => boolean) | undefined {
    const { listener } = this;
    try {
      const isDelivered = listener.trackDelivery?.(delivery);
      listener.onItem(this.#asAttempt(entry, delivery));
      return isDelivered;
    } catch (error) {
      // A flow that throws must neither keep the others from their events nor end the process.
      this.log.warn(`A listener of ${delivery.channel} failed on an event: ${kindOf(error)}`);
      return undefined;
    }
  }

  /** Only a delivery that can be acknowledged has a token. */
  #asAttempt({ id, event: { attempt } }: Entry, delivery: Delivery): Delivery {
    if (this.ack === 'done') {
      return { ...delivery, attempt, deliveryToken: deliveryTokenOf(this.subscriber, id, attempt) };
    }
    return attempt === 1 ? delivery : { ...delivery, attempt };
  }
}
