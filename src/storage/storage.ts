import { pause, type Clock } from '../clock';
import { isRecord } from '../events/json';
import { AppendLog, type LogOptions } from './append-log';
import { StorageError } from './storage-error';

/** How long after a failure the storage is tried again, in ms. */
const RETRY_AFTER = 30_000;
/** How long closing may take, in ms. */
const CLOSE_WITHIN = 3_000;

/** Records of several kinds share the log. */
export interface StorageRecord {
  readonly kind: string;
  readonly [field: string]: unknown;
}

export interface StorageEntry {
  readonly sequence: number;
  readonly record: Readonly<Record<string, unknown>>;
}

/** `failed`: nothing can be stored at the moment; callers keep it in memory until it is `open`. */
export type StorageState =
  { readonly kind: 'opening' } | { readonly kind: 'open' } | { readonly kind: 'failed'; readonly error: StorageError };

export interface StorageObserver {
  /** Called at once, and then at each change. */
  readonly onState?: (state: StorageState) => void;
  /** Called for damaged records, which are left out. */
  readonly onDamage?: (error: StorageError) => void;
}

export interface Storage {
  readonly state: StorageState;
  /** Settles when it is known for the first time whether the log can be opened. Opens it if nobody has. */
  ready(): Promise<void>;
  /**
   * Resolves with a sequence when the record is on disk.
   * @throws StorageError if it is not; what has failed before may work now, since nothing is tried again in between
   */
  append(record: StorageRecord, raw?: Buffer | string): Promise<number>;
  /** On disk within a second. A crash before that brings the record back. */
  remove(sequence: number): void;
  /** How much a record takes on disk; 0 if there is none. */
  bytesOf(sequence: number): number;
  /** Resolves when what was removed before is removed on disk too, or cannot be. */
  flush(): Promise<void>;
  /** @throws StorageError if the log is not open or cannot be read */
  read(sequence: number): Promise<(StorageEntry & { readonly raw: Buffer }) | undefined>;
  /** The live records of a kind, by sequence, without what is raw in them. Throws as `read` does. */
  entries(kind: string): AsyncGenerator<StorageEntry>;
  /** While somebody observes it, a failed storage is tried again every 30 s. */
  observe(observer: StorageObserver): () => void;
  close(): Promise<void>;
}

/** The kind of the records of inboxes, which belong to a `scope` each. */
export const INBOX_RECORD = 'inbox';

/** Removes all records of the inbox with this scope. Throws as `read` does. */
export async function removeInbox(storage: Pick<Storage, 'entries' | 'remove'>, scope: string): Promise<void> {
  for await (const { sequence, record } of storage.entries(INBOX_RECORD))
    if (record.scope === scope) storage.remove(sequence);
}

/**
 * The append log in a folder, and whether it works. The folder belongs to the process that has opened it last. The one
 * before has failed with the reason `taken` and does not try again: two processes would take it from each other forever.
 */
export function openStorage(folder: string, options: Omit<LogOptions, 'onError'>): Storage {
  return new LogStorage(folder, options);
}

class LogStorage implements Storage {
  readonly #observers = new Set<StorageObserver>();
  readonly #clock: Clock;
  #state: StorageState = { kind: 'opening' };
  /** No listener was there when it was sent. */
  #damage: StorageError | undefined;
  #log: AppendLog | undefined;
  #ready: Promise<void> | undefined;
  /** Ends the wait for the next try. */
  #retry: AbortController | undefined;
  #isClosed = false;

  constructor(
    private readonly folder: string,
    private readonly options: Omit<LogOptions, 'onError'>,
  ) {
    this.#clock = options.clock;
  }

  get state(): StorageState {
    return this.#state;
  }

  ready(): Promise<void> {
    this.#ready ??= this.#open();
    return this.#ready;
  }

  async append(record: StorageRecord, raw?: Buffer | string): Promise<number> {
    return this.#use(async (log) => {
      const sequence = await log.append(record, raw);
      this.#set({ kind: 'open' });
      return sequence;
    });
  }

  remove(sequence: number): void {
    this.#log?.remove(sequence);
  }

  bytesOf(sequence: number): number {
    return this.#log?.bytesOf(sequence) ?? 0;
  }

  async flush(): Promise<void> {
    await this.#log?.flush();
  }

  read(sequence: number): ReturnType<Storage['read']> {
    return this.#use(async (log) => {
      const entry = await log.read(sequence);
      return entry && isRecord(entry.record) ? { sequence, record: entry.record, raw: entry.raw } : undefined;
    });
  }

  async *entries(kind: string): AsyncGenerator<StorageEntry> {
    const entries = await this.#use((log) => Promise.resolve(log.entries()));
    for (;;) {
      const next = await this.#use(() => entries.next());
      if (next.done) return;
      const { sequence, record } = next.value;
      if (isRecord(record) && record.kind === kind) yield { sequence, record };
    }
  }

  observe(observer: StorageObserver): () => void {
    this.#observers.add(observer);
    observer.onState?.(this.#state);
    if (this.#damage) observer.onDamage?.(this.#damage);
    this.#damage = undefined;
    this.#retryLater();
    return () => {
      this.#observers.delete(observer);
      if (this.#observers.size === 0) this.#retry?.abort();
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.abort();
    await this.#ready;
    await this.#log?.close(CLOSE_WITHIN);
  }

  async #open(): Promise<void> {
    try {
      this.#log = await AppendLog.open(this.folder, { ...this.options, onError: (error) => this.#onLogError(error) });
      this.#set({ kind: 'open' });
    } catch (error) {
      this.#fail(StorageError.from(error));
    }
  }

  async #use<T>(job: (log: AppendLog) => Promise<T>): Promise<T> {
    await this.ready();
    if (!this.#log) throw this.#state.kind === 'failed' ? this.#state.error : new StorageError('unavailable', 'closed');
    try {
      return await job(this.#log);
    } catch (error) {
      const failure = StorageError.from(error);
      this.#fail(failure);
      throw failure;
    }
  }

  #onLogError(error: StorageError): void {
    if (error.reason !== 'corrupt') return this.#fail(error);
    if (this.#observers.size === 0) this.#damage = error;
    for (const { onDamage } of this.#observers) onDamage?.(error);
  }

  #fail(error: StorageError): void {
    if (this.#isClosed) return;
    // A failure that lasts is one, but the log that another process takes is lost.
    if (this.#state.kind !== 'failed' || error.reason === 'taken') this.#set({ kind: 'failed', error });
    this.#retryLater();
  }

  #set(state: StorageState): void {
    const { kind } = this.#state;
    if (kind === state.kind && (state.kind !== 'failed' || this.#isTaken)) return;
    this.#state = state;
    for (const { onState } of this.#observers) onState?.(state);
  }

  get #isTaken(): boolean {
    return this.#state.kind === 'failed' && this.#state.error.reason === 'taken';
  }

  #retryLater(): void {
    const isPointless = this.#isClosed || this.#isTaken || this.#observers.size === 0;
    if (this.#retry || this.#state.kind !== 'failed' || isPointless) return;
    this.#retry = new AbortController();
    pause(this.#clock, RETRY_AFTER, this.#retry.signal)
      .then(() => this.#tryAgain())
      .catch(() => undefined)
      .finally(() => {
        this.#retry = undefined;
        this.#retryLater();
      });
  }

  /** A log that is open is tried by a record: it may have room again, though nobody has anything to store. */
  async #tryAgain(): Promise<void> {
    if (this.#log) this.remove(await this.append({ kind: 'probe' }));
    else await this.#open();
  }
}
