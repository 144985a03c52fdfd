import { setImmediate as turn } from 'node:timers/promises';
import type { Delivery } from '../../src/inbox/delivery';
import type { PendingStore } from '../../src/inbox/pending-event';
import { StorageError } from '../../src/storage/storage-error';

interface StoredEvent {
  readonly subscriber: string;
  readonly order: string;
  readonly delivery: Delivery;
  /** The latest attempt that was noted. */
  attempt?: number;
}

/** A store in memory that can refuse, fail and be slow. */
export class FakePendingStore implements PendingStore {
  readonly records = new Map<number, StoredEvent>();
  readonly deadLetters: Delivery[] = [];
  appends = 0;
  reads = 0;
  isRefusing = false;
  isUnreadable = false;
  /** Appends resolve only after it. */
  gate: Promise<void> = Promise.resolve();
  #sequence = 0;

  async append(subscriber: string, order: string, delivery: Delivery): Promise<number> {
    this.appends += 1;
    if (this.isRefusing) throw new StorageError('full', 'The disk is full.');
    const sequence = ++this.#sequence;
    const record = { subscriber, order, delivery: structuredClone(delivery) };
    await this.gate;
    this.records.set(sequence, record);
    return sequence;
  }

  async read(sequence: number): Promise<Delivery | undefined> {
    this.reads += 1;
    await turn();
    if (this.isUnreadable) throw new StorageError('unavailable', 'The disk has failed.');
    return structuredClone(this.records.get(sequence)?.delivery);
  }

  remove(sequence: number): void {
    this.records.delete(sequence);
  }

  bytesOf(sequence: number): number {
    return JSON.stringify(this.records.get(sequence)?.delivery ?? '').length;
  }

  noteAttempt(sequence: number, attempt: number): void {
    const record = this.records.get(sequence);
    if (record) record.attempt = attempt;
  }

  keepDeadLetter(sequence: number): void {
    const record = this.records.get(sequence);
    if (record) this.deadLetters.push(record.delivery);
    this.records.delete(sequence);
  }
}
