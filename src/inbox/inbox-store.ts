import { setImmediate as turn } from 'node:timers/promises';
import { parseJson } from '../events/json';
import { runInBackground, type Log } from '../log';
import { INBOX_RECORD, removeInbox, type Storage } from '../storage/storage';
import { StorageError } from '../storage/storage-error';
import type { Delivery } from './delivery';
import type { PendingStore } from './pending-event';
import { asStoredDelivery } from './stored-delivery';

/** What the store needs of a storage. */
export type RecordLog = Pick<Storage, 'append' | 'read' | 'remove' | 'flush' | 'entries'>;

const NOTHING = new StorageError('unavailable', 'nothing is stored');
/** Stands for a storage if nothing outlives the process. */
const NOTHING_STORED: RecordLog = {
  append: () => Promise.reject(NOTHING),
  read: () => Promise.resolve(undefined),
  remove: () => undefined,
  flush: () => Promise.resolve(),
  async *entries() {
    yield* await Promise.resolve([]);
  },
};

/** An event that an earlier run has left. */
export interface StoredEvent {
  readonly sequence: number;
  readonly order: string;
  /** The number of the attempt that may have been made, from 1. */
  readonly attempt: number;
}

/** A value by name. */
interface Value {
  /** Of the latest record that is on disk. */
  sequence?: number;
  isRemoved?: true;
}

/**
 * What an inbox remembers across restarts: values by name, and pending events. All is written in the order of the calls.
 * Several inboxes share a log; each has a `scope` of its own.
 */
export class InboxStore implements PendingStore {
  readonly #values = new Map<string, Value>();
  readonly #saved = new Map<string, unknown>();
  readonly #pending = new Map<string, StoredEvent[]>();
  readonly #deadLetters: number[] = [];
  /** The attempts that are not written yet, by the sequence of their event. */
  readonly #attempts = new Map<number, number>();
  #noting: Promise<void> | undefined;
  readonly #appending = new Set<Promise<number>>();
  #keys: { readonly sequence: number; readonly keys: unknown }[] = [];

  /** @param records absent if nothing outlives the process: then nothing is stored */
  constructor(
    private readonly records: RecordLog = NOTHING_STORED,
    private readonly scope: string,
    private readonly log: Log,
  ) {}

  /**
   * Reads what an earlier run has left. To be called once, before anything is written.
   * @param breathe gives way to other work if it is time to
   * @throws StorageError if it cannot be read
   */
  async load(breathe: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const events: { readonly sequence: number; readonly subscriber: string; readonly order: string }[] = [];
    for await (const { sequence, record } of this.records.entries(INBOX_RECORD)) {
      if (record.scope !== this.scope) continue;
      const { name, value, subscriber, order, keys } = record;
      if (typeof name === 'string') this.#restore(name, sequence, value);
      else if (keys !== undefined) this.#keys.push({ sequence, keys });
      else if (typeof subscriber === 'string' && typeof order === 'string')
        events.push({ sequence, subscriber, order });
    }
    for (const { sequence, subscriber, order } of events) {
      await breathe();
      if (this.#saved.has(deadName(sequence))) {
        this.#deadLetters.push(sequence);
        continue;
      }
      const noted = this.#saved.get(attemptName(sequence));
      const attempt = typeof noted === 'number' ? noted : 1;
      const list = this.#pending.get(subscriber) ?? [];
      this.#pending.set(subscriber, list);
      list.push({ sequence, order, attempt });
    }
    this.#dropOrphans(new Set(events.map(({ sequence }) => sequence)));
  }

  /** Removes all that was stored, by this run or an earlier one. */
  async clear(): Promise<void> {
    for (const value of this.#values.values()) value.isRemoved = true;
    this.#values.clear();
    this.#saved.clear();
    this.#pending.clear();
    this.#deadLetters.length = 0;
    this.#attempts.clear();
    this.#keys = [];
    await removeInbox(this.records, this.scope);
  }

  /** The values of an earlier run that were not removed, whose names begin with `prefix`, by the rest of the name. */
  saved(prefix: string): Map<string, unknown> {
    const values = [...this.#saved].filter(([name]) => name.startsWith(prefix));
    return new Map(values.map(([name, value]) => [name.slice(prefix.length), value]));
  }

  /** The value of an earlier run that has this name; `undefined` if there is none, or it was removed. */
  savedValue(name: string): unknown {
    return this.#saved.get(name);
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

  /** Takes over a value that an earlier version has stored elsewhere. */
  adopt(name: string, value: unknown): void {
    this.#saved.set(name, value);
  }

  /** Resolves with the sequence once the keys are on disk. */
  appendKeys(keys: object): Promise<number> {
    return this.records.append({ kind: INBOX_RECORD, scope: this.scope, keys });
  }

  removeKeys(sequence: number): void {
    this.records.remove(sequence);
  }

  /** Replaces the value, or removes it if it is `undefined`. Resolves when that is on disk, or has failed. */
  async put(name: string, value: unknown): Promise<void> {
    const known = this.#values.get(name) ?? {};
    if (value === undefined) return this.#drop(name, known);
    this.#values.set(name, known);
    try {
      const sequence = await this.records.append({ kind: INBOX_RECORD, scope: this.scope, name, value });
      // It may have been removed meanwhile.
      if (known.isRemoved) return this.records.remove(sequence);
      if (known.sequence !== undefined) this.records.remove(known.sequence);
      known.sequence = sequence;
    } catch {
      // The log reports why.
    }
  }

  append(subscriber: string, order: string, delivery: Delivery): Promise<number> {
    const appended = this.records.append(
      { kind: INBOX_RECORD, scope: this.scope, subscriber, order },
      Buffer.from(JSON.stringify(delivery)),
    );
    this.#appending.add(appended);
    return appended.finally(() => this.#appending.delete(appended));
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
    this.#putSoon(attemptName(sequence), undefined);
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

  keepDeadLetter(sequence: number): void {
    this.#putSoon(deadName(sequence), true);
    this.#deadLetters.push(sequence);
    if (this.#deadLetters.length <= MAX_DEAD_LETTERS) return;
    const oldest = this.#deadLetters.shift();
    if (oldest === undefined) return;
    this.remove(oldest);
    this.#putSoon(deadName(oldest), undefined);
  }

  /** Resolves when all that was removed is removed on disk: otherwise the next start would deliver it again. */
  flush(): Promise<void> {
    return this.records.flush();
  }

  #putSoon(name: string, value: unknown): void {
    if (value === undefined && !this.#values.has(name)) return;
    runInBackground(this.put(name, value), this.log, 'Storing a value');
  }

  #drop(name: string, known: Value): void {
    this.#values.delete(name);
    this.#saved.delete(name);
    known.isRemoved = true;
    if (known.sequence !== undefined) this.records.remove(known.sequence);
  }

  /** After a crash there may be notes about events that are gone. */
  #dropOrphans(events: ReadonlySet<number>): void {
    for (const [name, value] of this.#values) {
      const [, sequence] = /^(?:attempt|dead)\/(\d+)$/.exec(name) ?? [];
      if (sequence !== undefined && !events.has(Number(sequence))) this.#drop(name, value);
    }
  }

  #restore(name: string, sequence: number, value: unknown): void {
    const earlier = this.#values.get(name)?.sequence;
    if (earlier !== undefined) this.records.remove(earlier);
    this.#values.set(name, { sequence });
    this.#saved.set(name, value);
  }
}

const MAX_DEAD_LETTERS = 1_000;

const attemptName = (sequence: number): string => `attempt/${sequence}`;
const deadName = (sequence: number): string => `dead/${sequence}`;
