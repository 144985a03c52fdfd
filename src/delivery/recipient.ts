import type { Delivery } from '../inbox/delivery';
import { kindOf, type Log } from '../log';
import type { Entry } from './pending-chats';

/** A node that takes events. */
export interface Recipient {
  readonly ack: 'sent' | 'done';
  /** How long an attempt may take with `ack: 'done'`, in s. */
  readonly ackSeconds: number;
  /** How many events may be unacknowledged at a time with `ack: 'done'`. */
  readonly inFlight: number;
  isWanted(delivery: Delivery): boolean;
  /**
   * Sends the event; `id` and `attempt` are what `settle` asks for. The result says, one turn of the event loop later,
   * whether the next nodes have got it; without a result, they have it already.
   */
  deliver(delivery: Delivery, id: number, attempt: number): (() => boolean) | undefined;
}

/**
 * Sends an event to a node. The result says, one turn of the event loop later, whether the next nodes have got it; without
 * a result, they have it already.
 */
export function deliverTo(
  recipient: Recipient,
  delivery: Delivery,
  { id, event }: Entry,
  log: Log,
): (() => boolean) | undefined {
  try {
    return recipient.deliver(delivery, id, event.attempt);
  } catch (error) {
    // A flow that throws must neither keep the others from their events nor end the process.
    log.warn(`A listener of ${delivery.channel} failed on an event: ${kindOf(error)}`);
    return undefined;
  }
}
