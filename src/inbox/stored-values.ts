import type { JsonRecord } from '../events/json';
import { runInBackground, type Log } from '../log';
import { INBOX_RECORD, type Storage } from '../storage/storage';
import { StorageError } from '../storage/storage-error';

/** What the store needs of a storage. */
export type RecordLog = Pick<Storage, 'append' | 'read' | 'remove' | 'bytesOf' | 'flush' | 'entries'>;

const NOTHING = new StorageError('unavailable', 'nothing is stored');
/** Stands for a storage if nothing outlives the process. */
const NOTHING_STORED: RecordLog = {
  append: () => Promise.reject(NOTHING),
  read: () => Promise.resolve(undefined),
  remove: () => undefined,
  bytesOf: () => 0,
  flush: () => Promise.resolve(),
  async *entries() {
    yield* await Promise.resolve([]);
  },
};

/** A value by name. */
interface Value {
  /** Of the latest record that is on disk. */
  sequence?: number;
  /** Of the latest value, from 1. */
  version?: number;
  isRemoved?: true;
}

/** Values by name that outlive the process, in the records of a scope. */
export class StoredValues {
  readonly #values = new Map<string, Value>();
  /** Those of an earlier run. */
  readonly #saved = new Map<string, unknown>();
  /** Those that could not be written: they are written with what comes next. */
  readonly #unwritten = new Map<string, unknown>();

  /** @param records absent if nothing outlives the process: then nothing is stored */
  constructor(
    protected readonly records: RecordLog = NOTHING_STORED,
    protected readonly scope: string,
    protected readonly log: Log,
  ) {}

  /** The values of an earlier run that were not removed, whose names begin with `prefix`, by the rest of the name. */
  saved(prefix: string): Map<string, unknown> {
    const values = [...this.#saved].filter(([name]) => name.startsWith(prefix));
    return new Map(values.map(([name, value]) => [name.slice(prefix.length), value]));
  }

  /** The value of an earlier run that has this name; `undefined` if there is none, or it was removed. */
  savedValue(name: string): unknown {
    return this.#saved.get(name);
  }

  /** Takes over a value that an earlier version has stored elsewhere. */
  adopt(name: string, value: unknown): void {
    this.#saved.set(name, value);
  }

  /** Replaces the value, or removes it if it is `undefined`. Resolves when that is on disk, or with `false` if it failed. */
  async put(name: string, value: unknown): Promise<boolean> {
    const known = this.#values.get(name) ?? {};
    const version = (known.version = (known.version ?? 0) + 1);
    this.#unwritten.delete(name);
    if (value === undefined) {
      this.#drop(name, known);
      return true;
    }
    this.#values.set(name, known);
    try {
      const sequence = await this.appendRecord({ name, value });
      // It may have been removed meanwhile.
      if (known.isRemoved) this.records.remove(sequence);
      else {
        if (known.sequence !== undefined) this.records.remove(known.sequence);
        known.sequence = sequence;
      }
      return true;
    } catch {
      // The log reports why.
      if (known.version === version && !known.isRemoved) this.#unwritten.set(name, value);
      return false;
    }
  }

  /** Resolves with the sequence once the record is on disk. */
  protected async appendRecord(record: JsonRecord, raw?: string): Promise<number> {
    const sequence = await this.records.append({ kind: INBOX_RECORD, scope: this.scope, ...record }, raw);
    const unwritten = [...this.#unwritten];
    this.#unwritten.clear();
    for (const [name, value] of unwritten) this.putSoon(name, value);
    return sequence;
  }

  protected putSoon(name: string, value: unknown): void {
    if (value === undefined && !this.#values.has(name)) return;
    runInBackground(this.put(name, value), this.log, 'Storing a value');
  }

  #drop(name: string, known: Value): void {
    this.#values.delete(name);
    this.#saved.delete(name);
    known.isRemoved = true;
    if (known.sequence !== undefined) this.records.remove(known.sequence);
  }

  /** Removes the values with these names. */
  protected dropEach(isDropped: (name: string) => boolean): void {
    for (const [name, value] of this.#values) if (isDropped(name)) this.#drop(name, value);
  }

  /** Forgets all; their records stay. */
  protected forgetValues(): void {
    for (const value of this.#values.values()) value.isRemoved = true;
    this.#values.clear();
    this.#saved.clear();
    this.#unwritten.clear();
  }

  /** To be called for each record of a value, oldest first. */
  protected restore(name: string, sequence: number, value: unknown): void {
    const earlier = this.#values.get(name)?.sequence;
    if (earlier !== undefined && earlier !== sequence) this.records.remove(earlier);
    this.#values.set(name, { sequence });
    this.#saved.set(name, value);
  }
}
