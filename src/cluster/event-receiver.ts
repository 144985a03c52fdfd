import type { JsMsg } from '@nats-io/jetstream';
import type { Clock } from '../clock';
import { DroppedEvents } from '../delivery/dropped-events';
import { detail } from '../error-details';
import { ChatAppError } from '../errors';
import { orderOf, type Delivery } from '../inbox/delivery';
import type { PendingEvent } from '../inbox/pending-event';
import { decodeEvent, EVENT_HEADER, readEventHeader } from './event-message';
import type { HeldEvents } from './held-events';
import type { Members } from './members';

/** An event that only a newer filter may want is given back so often, for so many ms each time. */
const [GIVE_BACK_TIMES, GIVE_BACK_FOR] = [2, 1_000];

/** An event out of the stream, with its sequence there. */
export type ReceivedEvent = PendingEvent & { readonly sequence: number };

export interface EventReceiverOptions {
  readonly listener: string;
  /** The version of its filter: the higher, the newer; the same on all instances with the same filter. */
  readonly filter: number;
  /** Whether the own filter wants an event. */
  readonly isWanted: (delivery: Delivery) => boolean;
  readonly onError: (error: ChatAppError) => void;
  readonly clock: Clock;
}

/** Decides what becomes of an event that NATS has delivered to this instance. */
export class EventReceiver {
  /** The version of the filter. */
  filter: number;
  readonly #dropped: DroppedEvents;

  constructor(
    private readonly held: HeldEvents,
    private readonly members: Pick<Members, 'newestFilter'>,
    private readonly options: EventReceiverOptions,
  ) {
    const { filter, clock, onError } = options;
    this.filter = filter;
    this.#dropped = new DroppedEvents(clock, (_, count) => {
      onError(ChatAppError.of('RECOVERY_FAILED', 'unwanted', { count }));
    });
  }

  /** Returns the event if it is to be delivered; otherwise it was acknowledged, given back or kept as a dead letter. */
  take(message: JsMsg, partition: number): ReceivedEvent | undefined {
    const { seq: sequence } = message;
    const { handled, waiting } = this.held.partition(partition);
    if (handled.has(sequence)) {
      waiting.onHandled(sequence);
      message.ack();
      return undefined;
    }
    const known = this.held.get(sequence);
    if (known) {
      // It is being handled, and NATS did not learn that in time.
      known.message = message;
      return undefined;
    }
    const delivery = decodeEvent(message.data);
    if (delivery && !this.options.isWanted(delivery) && this.#giveBack(message, partition)) return undefined;
    this.held.add(message, partition);
    if (!delivery) {
      this.#refuse(message);
      return undefined;
    }
    // An event that was received and not delivered counts as a repeat as well. That must not use up its attempts.
    const isRepeat = message.info.deliveryCount > 1 || handled.mayBeRepeated(sequence);
    const attempt = Math.max(handled.attemptOf(sequence) + 1, isRepeat ? 2 : 1, delivery.attempt ?? 1);
    return { sequence, order: orderOf(delivery), delivery, attempt };
  }

  end(): void {
    this.#dropped.report();
  }

  /** True if a newer filter may want the event: then another member gets the partition soon. */
  #giveBack(message: JsMsg, partition: number): boolean {
    if (this.members.newestFilter(this.options.listener) <= this.filter) return false;
    if (message.info.deliveryCount <= GIVE_BACK_TIMES) message.nak(GIVE_BACK_FOR);
    else {
      this.#dropped.add('unwanted', 1);
      this.held.acknowledge(message, partition);
    }
    return true;
  }

  /** Keeps an event as a dead letter that another version or another program has written. */
  #refuse(message: JsMsg): void {
    const { event = '?', channel = '?' } = readEventHeader(message.headers?.get(EVENT_HEADER) ?? '') ?? {};
    this.held.deadLetter(message.seq, 'unreadable');
    this.options.onError(
      ChatAppError.of('PAYLOAD_INVALID', 'unreadable', { event, channel, ...detail('problem', 'otherVersion') }),
    );
  }
}
