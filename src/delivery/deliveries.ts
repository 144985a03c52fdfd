import { shownTime, type Clock, type Timer } from '../clock';
import { ChatAppError } from '../errors';
import type { EventCounters } from '../event-counters';
import type { ListenerHealth } from '../health';
import type { PendingStore } from '../inbox/pending-event';
import type { Backlog, Subscriber } from '../inbox/subscriber';
import type { Log } from '../log';
import type { Notice } from '../notice';
import { DeliveryQueue } from './delivery-queue';
import { parseDeliveryToken } from './delivery-token';
import type { Failure, Outcome } from './outcome';
import type { PendingLimits } from './pending-limits';
import { MAX_ATTEMPTS } from './redelivery-delay';

/** How soon a change is reported, and how often changes are, in ms. */
const REPORT_EVERY = 1_000;

export interface DeliveriesOptions {
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly limits: PendingLimits;
  readonly counts: EventCounters;
  /** An event was given up. */
  readonly onNotice: (notice: Notice) => void;
}

export type QueueHealth = Pick<ListenerHealth, 'waiting' | 'inFlight' | 'oldest' | 'nextAttempt' | 'lastFailure'>;

/** Whose events a queue delivers. */
export interface QueueOwner extends Pick<Subscriber, 'id' | 'reportError' | 'noteBacklog'> {
  readonly listener: Pick<Subscriber['listener'], 'ack'>;
}

/** The queues of all subscribers of a connection. */
export class Deliveries {
  readonly #queues = new Map<string, DeliveryQueue>();
  readonly #deadLetters = new Map<string, number>();

  constructor(private readonly options: DeliveriesOptions) {}

  /**
   * Makes the queue of a subscriber; what it had before under the same id is not reached by tokens any more.
   * @param mayDeliver see `DeliveryQueueOptions`
   */
  open(subscriber: QueueOwner, store: PendingStore, mayDeliver?: () => boolean): DeliveryQueue {
    const { id } = subscriber;
    const { clock } = this.options;
    const reporter = new BacklogReporter(clock, () => subscriber.noteBacklog(backlogOf(queue, clock)));
    const queue: DeliveryQueue = new DeliveryQueue({
      ...this.options,
      subscriber: id,
      ack: subscriber.listener.ack ?? 'sent',
      store,
      ...(mayDeliver && { mayDeliver }),
      onGivenUp: (delivery, attempts, cause, source) => {
        const { event, channel } = delivery;
        this.options.counts.of(event, source ?? 'store').deadLettered += 1;
        this.#deadLetters.set(id, this.deadLettersOf(id) + 1);
        this.options.onNotice({ kind: 'deadLetter', listener: id, eventName: event });
        const reason = attempts < MAX_ATTEMPTS ? 'gaveUp' : 'attempts';
        const params = { event, channel, attempts, ...(cause !== undefined && { cause }) };
        subscriber.reportError(ChatAppError.of('DELIVERY_FAILED', reason, params), delivery);
      },
      onDelivered: ({ arrival, event: { source } }) => {
        if (arrival) this.options.counts.noteDelivered(arrival.event, source ?? 'store', arrival.receivedAt);
      },
      onDropped: (reason, count) => subscriber.reportError(this.options.limits.errorOf(reason, count)),
      onState: () => reporter.onChange(),
      onClosed: () => {
        reporter.close();
        if (this.#queues.get(id) === queue) this.#queues.delete(id);
      },
    });
    this.#queues.set(id, queue);
    return queue;
  }

  /** How many events of a subscriber were given up in this run. */
  deadLettersOf(subscriber: string): number {
    return this.#deadLetters.get(subscriber) ?? 0;
  }

  /** The state of a subscriber's queue; absent if it has none. */
  healthOf(subscriber: string): QueueHealth | undefined {
    const queue = this.#queues.get(subscriber);
    if (!queue) return undefined;
    const { clock, limits } = this.options;
    const { pending, inFlight, oldest, nextAttempt, lastFailure } = queue;
    const ago = (time: number): number => shownTime(clock, time - clock.monotonic());
    return {
      waiting: pending - inFlight,
      inFlight,
      ...(oldest && { oldest: shownTime(clock, -limits.ageOf(oldest)) }),
      ...(nextAttempt !== undefined && { nextAttempt: ago(nextAttempt) }),
      ...(lastFailure !== undefined && { lastFailure }),
    };
  }

  /** Ends the attempt with this token. False if nothing waits for that. */
  acknowledge(token: string, outcome: Outcome, failure?: Failure): boolean {
    const attempt = parseDeliveryToken(token);
    if (!attempt) return false;
    return (
      this.#queues.get(attempt.subscriber)?.acknowledge(attempt.number, attempt.attempt, outcome, failure) ?? false
    );
  }
}

/**
 * Reports that a queue has changed, at most once a second. What passes through faster is never reported: a status for each
 * event would cost more than the event.
 */
class BacklogReporter {
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

function backlogOf({ pending, nextAttempt }: DeliveryQueue, clock: Clock): Backlog {
  return {
    ...(pending > 0 && { backlog: pending }),
    ...(nextAttempt !== undefined && { nextAttempt: shownTime(clock, nextAttempt - clock.monotonic()) }),
  };
}
