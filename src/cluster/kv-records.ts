import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { pause, type Clock } from '../clock';
import { isRecord, parseJson } from '../events/json';
import type { RecordLog } from '../inbox/stored-values';
import { runInBackground, type Log } from '../log';
import { retryDelay } from '../retry-delay';
import { StorageError } from '../storage/storage-error';
import { UnreadableValueError } from './failure';
import type { ReadyNats } from './nats-client';
import { INBOX_RECORD, type StorageEntry, type StorageRecord } from '../storage/storage';

const compress = promisify<Buffer, Buffer>(gzip);
const decompress = promisify<Uint8Array, Buffer>(gunzip);

/** All keys begin with this. */
const PREFIX = 'value.';
/** No value may be larger, in bytes and compressed: that of a gap with some 20,000 chats is smaller. */
const MAX_BYTES = 256 * 1024;
/** The waits between attempts, in ms. */
const FIRST_RETRY = 100;
const MAX_RETRY = 2_000;

export interface KvRecordsOptions {
  /** Resolves when NATS can be used. */
  readonly ready: () => Promise<Pick<ReadyNats, 'kv' | 'names'>>;
  /** The scope of the inbox that writes here. */
  readonly scope: string;
  /** True while this instance leads: only the leader writes. */
  readonly mayWrite: () => boolean;
  /** Another instance has written: this one does not lead any more. */
  readonly onOvertaken: () => void;
  /** A write has failed and is tried again. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * The values of an inbox by name, in a bucket. One write at a time, each until it works or this instance does not lead any
 * more: a value is never written before an earlier one. A write only succeeds if nobody else has written since this
 * instance has read the values.
 */
export class KvRecords implements RecordLog {
  /** The latest revision of each key, as far as it is known. */
  readonly #revisions = new Map<string, number>();
  /** The keys of the revisions that were not replaced or removed. */
  readonly #keys = new Map<number, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: KvRecordsOptions) {}

  /** @throws StorageError if the record has no name, or this instance does not lead any more */
  append({ name, value }: StorageRecord): Promise<number> {
    if (typeof name !== 'string') return Promise.reject(new StorageError('unavailable', 'only values are stored here'));
    const key = keyOf(name);
    return this.#next(async () => {
      const revision = await this.#write(key, await compress(Buffer.from(JSON.stringify({ name, value }))));
      this.#keys.set(revision, key);
      return revision;
    });
  }

  read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  remove(revision: number): void {
    const key = this.#keys.get(revision);
    this.#keys.delete(revision);
    if (key === undefined) return;
    const removed = this.#next(async () => {
      // A later value has taken its place.
      if (this.#revisions.get(key) === revision) await this.#write(key, Buffer.alloc(0));
    });
    runInBackground(
      removed.catch(() => undefined),
      this.options.log,
      'Removing a value',
    );
  }

  bytesOf(): number {
    return 0;
  }

  async flush(): Promise<void> {
    await this.#last;
  }

  /** Reads all values. Rejects if one of them cannot be read: what it says is not to be replaced. */
  async *entries(): AsyncGenerator<StorageEntry> {
    await this.#last;
    this.#revisions.clear();
    this.#keys.clear();
    for await (const { key, revision, record } of this.#read()) {
      this.#revisions.set(key, revision);
      if (!record) continue;
      this.#keys.set(revision, key);
      yield { sequence: revision, record: { kind: INBOX_RECORD, scope: this.options.scope, ...record } };
    }
  }

  /** All current values by name. The leader may write more meanwhile. Throws as `entries` does. */
  async values(): Promise<Map<string, unknown>> {
    const values = new Map<string, unknown>();
    for await (const { record } of this.#read()) if (record) values.set(record.name, record.value);
    return values;
  }

  /** The record is absent if it was removed. */
  async *#read(): AsyncGenerator<{ readonly key: string; readonly revision: number; readonly record?: NamedValue }> {
    const { kv, names } = await this.options.ready();
    for await (const { key, value, revision } of await kv.history({ key: `${PREFIX}>` })) {
      const record = value.length > 0 ? await readRecord(value) : undefined;
      if (value.length > 0 && !isNamed(record)) {
        const error = new UnreadableValueError(names.bucket, key);
        this.options.onFailure(error);
        throw error;
      }
      yield { key, revision, ...(isNamed(record) && { record }) };
    }
  }

  #next<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#last.then(job);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** An empty value stands for one that was removed. */
  async #write(key: string, bytes: Buffer): Promise<number> {
    const { ready, mayWrite, onFailure, clock, random } = this.options;
    if (bytes.length > MAX_BYTES) throw new StorageError('full', `a value has more than ${MAX_BYTES} bytes`);
    for (let attempt = 0; ; attempt += 1) {
      const { kv } = await ready();
      if (!mayWrite()) throw new StorageError('unavailable', 'another instance leads');
      const previousSeq = this.#revisions.get(key) ?? 0;
      try {
        const revision = await kv.put(key, bytes, { previousSeq });
        this.#revisions.set(key, revision);
        return revision;
      } catch (error) {
        const stored = await kv.get(key).catch(() => undefined);
        // An earlier attempt has succeeded without an answer.
        if (stored && stored.revision > previousSeq && bytes.equals(stored.value)) {
          this.#revisions.set(key, stored.revision);
          return stored.revision;
        }
        if (stored && stored.revision !== previousSeq) {
          this.options.onOvertaken();
          throw new StorageError('unavailable', 'another instance has written');
        }
        // The bucket was made again.
        if (stored === null) this.#revisions.delete(key);
        onFailure(error);
        await pause(clock, retryDelay(attempt, FIRST_RETRY, MAX_RETRY, random));
      }
    }
  }
}

function keyOf(name: string): string {
  return PREFIX + Buffer.from(name).toString('base64url');
}

async function readRecord(bytes: Uint8Array): Promise<unknown> {
  return parseJson((await decompress(bytes).catch(() => Buffer.alloc(0))).toString());
}

interface NamedValue {
  readonly name: string;
  readonly value: unknown;
}

function isNamed(record: unknown): record is NamedValue {
  return isRecord(record) && typeof record.name === 'string';
}
