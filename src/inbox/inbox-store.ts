import { setImmediate as turn } from 'node:timers/promises';
import { isRecord, parseJson, type JsonRecord } from '../events/json';
import { runInBackground, type Log } from '../log';
import { INBOX_RECORD, removeInbox } from '../storage/storage';
import {
  DEAD_LETTERS,
  DeadLetters,
  type DeadLetter,
  type DeadLetterFacts,
  type DeadLettersOptions,
} from './dead-letters';
import { asStoredDelivery, storedText, type Delivery } from './delivery';
import type { PendingStore } from './pending-event';
import { StoredValues, type RecordLog } from './stored-values';

/** An event that an earlier run has left. */
export interface StoredEvent {
  readonly sequence: number;
  readonly order: string;
  /** The number of the attempt that may have been made, from 1. */
  attempt: number;
  /** When it was stored, in unix seconds by ChatApp's clock; absent if that is not known. */
  readonly storedTime?: number;
}

/**
 * What an inbox remembers across restarts: values by name, and pending events. All is written in the order of the calls.
 * Several inboxes share a log; each has a `scope` of its own.
 */
export class InboxStore extends StoredValues implements PendingStore {
  readonly #pending = new Map<string, StoredEvent[]>();
  readonly #deadLetters: DeadLetters;
  /** The attempts that are not written yet, by the sequence of their event. */
  readonly #attempts = new Map<number, number>();
  #noting: Promise<void> | undefined;
  readonly #appending = new Set<Promise<number>>();
  #keys: { readonly sequence: number; readonly keys: unknown }[] = [];

  /** @param records absent if nothing outlives the process: then nothing is stored */
  constructor(
    records: RecordLog | undefined,
    scope: string,
    log: Log,
    private readonly keeping: Pick<DeadLettersOptions, 'retention' | 'clock'> & {
      /** So many dead letters were removed. */
      readonly onRemoved: (count: number) => void;
    },
  ) {
    super(records, scope, log);
    const remove = (sequence: number): void => this.#removeDeadLetter(sequence);
    this.#deadLetters = new DeadLetters({ ...keeping, limit: DEAD_LETTERS, remove });
  }

  /** Reads again what is stored, since another instance has written. To be called if nothing is pending. */
  async reload(): Promise<void> {
    this.forgetValues();
    await this.load();
  }

  /**
   * Reads what an earlier run has left. To be called once, before anything is written.
   * @param breathe gives way to other work if it is time to
   * @throws StorageError if it cannot be read
   */
  async load(breathe: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    // Each record has a copy of its own.
    const orders = new Map<string, string>();
    for await (const { sequence, record } of this.records.entries(INBOX_RECORD)) {
      if (record.scope !== this.scope) continue;
      const { name, value, subscriber, order, time, keys } = record;
      if (typeof name === 'string') this.restore(name, sequence, value);
      else if (keys !== undefined) this.#keys.push({ sequence, keys });
      else if (typeof subscriber === 'string' && typeof order === 'string') {
        const same = orders.get(order) ?? order;
        orders.set(same, same);
        const event = { sequence, order: same, attempt: 1, ...(typeof time === 'number' && { storedTime: time }) };
        const events = this.#pending.get(subscriber);
        if (events) events.push(event);
        else this.#pending.set(subscriber, [event]);
      }
    }
    // After a crash there may be notes about events that are gone.
    this.dropEach((name) => {
      const [, sequence] = /^(?:attempt|dead)\/(\d+)$/.exec(name) ?? [];
      return sequence !== undefined && this.bytesOf(Number(sequence)) === 0;
    });
    await this.#restoreNotes(breathe);
  }

  /** Events before their notes: what the notes say is known only when all was read. */
  async #restoreNotes(breathe: () => Promise<void>): Promise<void> {
    for (const [subscriber, events] of this.#pending) {
      const waiting: StoredEvent[] = [];
      for (const event of events) {
        const attempt = this.savedValue(attemptName(event.sequence));
        if (typeof attempt === 'number') event.attempt = attempt;
        if (!this.#restoreDeadLetter(event.sequence, subscriber)) waiting.push(event);
        await breathe();
      }
      if (waiting.length > 0) this.#pending.set(subscriber, waiting);
      else this.#pending.delete(subscriber);
    }
  }

  #restoreDeadLetter(sequence: number, subscriber: string): boolean {
    const note = this.savedValue(deadName(sequence));
    if (note === undefined) return false;
    // Before there were facts, the note was the time alone.
    const { time = note, ...facts } = isRecord(note) ? note : {};
    const known = { subscriber, ...factsIn(facts) };
    this.#deadLetters.add(sequence, this.bytesOf(sequence), known, typeof time === 'number' ? time : undefined);
    return true;
  }

  /** Removes all that was stored, by this run or an earlier one. */
  async clear(): Promise<void> {
    this.forgetValues();
    this.#pending.clear();
    this.#deadLetters.clear();
    this.#attempts.clear();
    this.#keys = [];
    await removeInbox(this.records, this.scope);
  }

  /** The subscribers of which an earlier run has left something. */
  get subscribers(): string[] {
    return [...new Set([...this.saved('subscriber/').keys(), ...this.#pending.keys()])];
  }

  /** Takes what an earlier run has left for a subscriber, in the order of arrival. */
  takePending(subscriber: string): StoredEvent[] {
    const events = this.#pending.get(subscriber) ?? [];
    this.#pending.delete(subscriber);
    return events;
  }

  /** Takes the records of keys that an earlier run has left. */
  takeKeys(): { readonly sequence: number; readonly keys: unknown }[] {
    return this.#keys.splice(0);
  }

  /** Resolves with the sequence once the keys are on disk. */
  appendKeys(keys: object): Promise<number> {
    return this.appendRecord({ keys });
  }

  removeKeys(sequence: number): void {
    this.records.remove(sequence);
  }

  append(subscriber: string, order: string, delivery: Delivery, text?: string): Promise<number> {
    const { time } = this.keeping.retention;
    const record = { subscriber, order, ...(time !== undefined && { time }) };
    const appended = this.appendRecord(record, storedText(delivery, text));
    this.#appending.add(appended);
    return appended.finally(() => this.#appending.delete(appended));
  }

  /** Lets events that are being stored be written without a pause. */
  hurry(): void {
    if (this.#appending.size > 0) runInBackground(this.flush(), this.log, 'Storing events');
  }

  /** Resolves when each event that is being stored is on disk, or cannot be stored. */
  async settled(): Promise<void> {
    await this.#noting;
    if (this.#appending.size === 0) return;
    await Promise.allSettled(this.#appending);
    // Those who have stored them take note first.
    await turn();
  }

  async read(sequence: number): Promise<Delivery | undefined> {
    const entry = await this.records.read(sequence);
    return entry && asStoredDelivery(parseJson(entry.raw.toString()));
  }

  remove(sequence: number): void {
    this.records.remove(sequence);
    this.#attempts.delete(sequence);
    this.putSoon(attemptName(sequence), undefined);
  }

  bytesOf(sequence: number): number {
    return this.records.bytesOf(sequence);
  }

  noteAttempt(sequence: number, attempt: number): void {
    this.#attempts.set(sequence, attempt);
    this.#noting ??= this.#noteAttempts();
  }

  /** One batch at a time: of a backlog, most events are acknowledged before it is the turn of their note. */
  async #noteAttempts(): Promise<void> {
    while (this.#attempts.size > 0) {
      const batch = [...this.#attempts];
      this.#attempts.clear();
      await Promise.all(batch.map(([sequence, attempt]) => this.put(attemptName(sequence), attempt)));
    }
    this.#noting = undefined;
  }

  keepDeadLetter(sequence: number, facts: DeadLetterFacts): void {
    const { subscriber: _, ...noted } = facts;
    this.putSoon(deadName(sequence), { time: this.keeping.retention.time, ...noted });
    this.#deadLetters.add(sequence, this.bytesOf(sequence), facts);
  }

  get deadLetters(): DeadLetter[] {
    return this.#deadLetters.all;
  }

  /** False if there is no such dead letter. */
  discardDeadLetter(sequence: number): boolean {
    const isThere = this.#deadLetters.take(sequence);
    if (isThere) this.#removeDeadLetter(sequence);
    return isThere;
  }

  #removeDeadLetter(sequence: number): void {
    this.remove(sequence);
    this.putSoon(deadName(sequence), undefined);
  }

  /** Resolves when all that was removed is removed on disk: otherwise the next start would deliver it again. */
  flush(): Promise<void> {
    return this.records.flush();
  }

  /** Removes no dead letters any more. */
  stop(): void {
    this.#deadLetters.stop();
  }
}

const attemptName = (sequence: number): string => `attempt/${sequence}`;
const deadName = (sequence: number): string => `dead/${sequence}`;

function factsIn({ attempts, reason, status }: JsonRecord): Omit<DeadLetterFacts, 'subscriber'> {
  return {
    ...(typeof attempts === 'number' && { attempts }),
    ...((reason === 'attempts' || reason === 'gaveUp') && { reason }),
    ...(typeof status === 'string' && { status }),
  };
}
