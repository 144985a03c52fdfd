import type { Storage } from '../../src/storage/storage';
import { StorageError } from '../../src/storage/storage-error';

interface MemoryRecord {
  readonly record: Readonly<Record<string, unknown>>;
  readonly raw: Buffer;
}

/**
 * A storage in memory: what was appended is on disk at once, what was removed with the next append or flush, and a further
 * run reads it.
 */
export class MemoryRecords implements Pick<Storage, 'append' | 'read' | 'remove' | 'bytesOf' | 'flush' | 'entries'> {
  /** What was written, oldest first: the names of values, `keys` or `event`. */
  readonly written: unknown[] = [];
  /** What appending an event waits for. */
  gate: Promise<void> | undefined;
  /** Nothing can be stored. */
  isFull = false;
  readonly #records = new Map<number, MemoryRecord>();
  /** What was removed, but not on disk yet. */
  readonly #removed = new Map<number, MemoryRecord>();

  /** What a crash leaves now: nothing that this run writes later changes it. */
  copy(): MemoryRecords {
    const copy = new MemoryRecords();
    copy.written.push(...this.written);
    const left = [...this.#records, ...this.#removed].sort(([one], [other]) => one - other);
    for (const [sequence, record] of left) copy.#records.set(sequence, record);
    return copy;
  }

  async append(record: object, raw: Buffer | string = ''): Promise<number> {
    if (this.isFull) throw new StorageError('full', 'no room');
    // What the caller changes later must not change what was stored.
    const stored: Readonly<Record<string, unknown>> = { ...structuredClone(record) };
    const sequence = this.written.push(stored.name ?? ('keys' in stored ? 'keys' : 'event'));
    if (this.gate && this.written.at(-1) === 'event') await this.gate;
    this.#records.set(sequence, { record: stored, raw: typeof raw === 'string' ? Buffer.from(raw) : raw });
    this.#removed.clear();
    return sequence;
  }

  read(sequence: number): ReturnType<Storage['read']> {
    const found = this.#records.get(sequence);
    return Promise.resolve(found && { sequence, ...found });
  }

  remove(sequence: number): void {
    const record = this.#records.get(sequence);
    if (record) this.#removed.set(sequence, record);
    this.#records.delete(sequence);
  }

  bytesOf(sequence: number): number {
    return this.#records.get(sequence)?.raw.length ?? 0;
  }

  flush(): Promise<void> {
    this.#removed.clear();
    return Promise.resolve();
  }

  async *entries(kind?: string): ReturnType<Storage['entries']> {
    for (const [sequence, found] of [...this.#records]) {
      if (kind === undefined || found.record.kind === kind) yield await Promise.resolve({ sequence, ...found });
    }
  }
}
