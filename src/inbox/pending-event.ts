import type { EventSource } from '../events';
import type { DeadLetterFacts } from './dead-letters';
import type { Delivery } from './delivery';

/** One event on its way to one subscriber: accepted, and not yet delivered or acknowledged. */
export interface PendingEvent {
  /** The number of the current or next attempt, from 1. */
  attempt: number;
  /** With `ack: 'done'`, events of the same `order` are delivered one after the other: mostly those of one chat. */
  readonly order: string;
  /** Absent while it is only in the store. */
  delivery?: Delivery | undefined;
  /** The sequence of its record in the store. Absent while it is only in memory. */
  sequence?: number;
  /** When an earlier run has stored it, in unix seconds by ChatApp's clock; absent if that is not known. */
  readonly storedTime?: number;
  /** Called once, as soon as a crash cannot lose the event any more: it was delivered, or is in the store. */
  readonly onSecured?: () => void;
  /** What has brought it, if that was in this run and to this instance. */
  readonly source?: EventSource;
}

/** Where events wait that cannot be delivered at once. What fails rejects with a StorageError. */
export interface PendingStore {
  /**
   * Resolves with the sequence once the event is on disk.
   * @param text the JSON in which the item came alone: it need not be written as JSON once more
   */
  append(subscriber: string, order: string, delivery: Delivery, text?: string): Promise<number>;
  /** Resolves with `undefined` if it cannot be read: that was reported. */
  read(sequence: number): Promise<Delivery | undefined>;
  remove(sequence: number): void;
  /** How much it takes on disk. */
  bytesOf(sequence: number): number;
  /** Notes that this attempt, from 2 on, begins: a restart must not count from 1 again. */
  noteAttempt(sequence: number, attempt: number): void;
  /** Keeps an event that was given up; it is not pending any more. */
  keepDeadLetter(sequence: number, facts: DeadLetterFacts): void;
}
