import type { Clock } from '../clock';
import { ChatAppError } from '../errors';
import type { SubscriberQueue } from '../inbox/members';
import { isWanted, type Delivery } from '../inbox/delivery';
import type { Listener } from '../inbox/listener';
import type { PendingEvent, PendingStore } from '../inbox/pending-event';
import type { Subscriber } from '../inbox/subscriber';
import type { Log } from '../log';
import { DeliveryQueue } from './delivery-queue';
import { deliveryTokenOf, parseDeliveryToken } from './delivery-token';
import type { DropReason } from './dropped-events';
import type { Recipient } from './recipient';
import { MAX_UNSTORED } from './store-writer';

export interface DeliveriesOptions {
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
}

/** The queues of all subscribers of a connection. */
export class Deliveries {
  readonly #queues = new Map<string, DeliveryQueue>();

  constructor(private readonly options: DeliveriesOptions) {}

  /** Makes the queue of a subscriber; what it had before under the same id is not reached by tokens any more. */
  open(subscriber: Subscriber, store: PendingStore): SubscriberQueue {
    const { id } = subscriber;
    const queue = new DeliveryQueue({
      ...this.options,
      subscriber: id,
      ack: subscriber.listener.ack ?? 'sent',
      store,
      onGivenUp: (delivery, attempts) => {
        const { event, channel } = delivery;
        subscriber.reportError(ChatAppError.of('DELIVERY_FAILED', 'attempts', { event, channel, attempts }), delivery);
      },
      onDropped: (reason, count) => subscriber.reportError(droppedError(reason, count)),
      onState: () => undefined,
    });
    this.#queues.set(id, queue);
    return {
      add: (event: PendingEvent) => queue.add(event),
      attach: (listener: Listener) => queue.attach(recipientOf(id, listener)),
      detach: () => queue.detach(),
      clear: () => queue.clear(),
      store: () => queue.store(),
      close: () => {
        queue.close();
        if (this.#queues.get(id) === queue) this.#queues.delete(id);
      },
    };
  }

  /**
   * Ends the attempt with this token. False if nothing waits for that.
   * @param retryAfter how long the next attempt has to wait at least, in ms
   */
  settle(token: string, outcome: 'done' | 'failed', retryAfter: number): boolean {
    const attempt = parseDeliveryToken(token);
    if (!attempt) return false;
    return this.#queues.get(attempt.subscriber)?.settle(attempt.number, attempt.attempt, outcome, retryAfter) ?? false;
  }
}

function recipientOf(subscriber: string, listener: Listener): Recipient {
  const { ack = 'sent', ackSeconds = 60, inFlight = 100 } = listener;
  return {
    ack,
    ackSeconds,
    inFlight,
    isWanted: (delivery) => isWanted(delivery, listener),
    deliver(delivery, id, attempt) {
      const isDelivered = listener.trackDelivery?.(delivery);
      listener.onItem(asAttempt(subscriber, delivery, id, attempt, ack));
      return isDelivered;
    },
  };
}

/** Only a delivery that can be acknowledged has a token. */
function asAttempt(
  subscriber: string,
  delivery: Delivery,
  id: number,
  attempt: number,
  ack: Recipient['ack'],
): Delivery {
  if (ack === 'done') return { ...delivery, attempt, deliveryToken: deliveryTokenOf(subscriber, id, attempt) };
  return attempt === 1 ? delivery : { ...delivery, attempt };
}

function droppedError(reason: DropReason, count: number): ChatAppError {
  return reason === 'unwanted'
    ? ChatAppError.of('RECOVERY_FAILED', 'unwanted', { count })
    : ChatAppError.of('RECOVERY_FAILED', 'overflow', { limit: MAX_UNSTORED, count });
}
