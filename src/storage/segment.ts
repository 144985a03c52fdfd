import { constants, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encode, HEADER_BYTES, RecordReader, type Location, type LogRecord, type StoredRecord } from './log-record';

/** `open` of node:fs/promises. */
export type OpenFile = (path: string, flags: string | number, mode?: number) => Promise<FileHandle>;

const SEGMENT_BYTES = 8 * 1024 * 1024;

/**
 * Linux can flush what it writes in the same call. Each call is work of another thread, and to wake that costs a commit
 * more than all else. On macOS, only `datasync` reaches beyond the cache of the disk.
 */
const WRITES_SYNCED = process.platform === 'linux' ? constants.O_DSYNC : 0;
const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | WRITES_SYNCED;

/** One file of the log. Only the process that created it appends to it. */
export class Segment {
  /** Where its live records are, by sequence. */
  readonly live = new Map<number, Location>();
  liveBytes = 0;
  size = 0;
  #isWritable = false;
  #reader: RecordReader | undefined;
  #lastRead: Promise<unknown> = Promise.resolve();

  constructor(
    readonly path: string,
    readonly file: FileHandle,
  ) {}

  static async create(path: string, open: OpenFile): Promise<Segment> {
    const segment = new Segment(path, await open(path, NEW_FILE, 0o600));
    segment.#isWritable = true;
    // Without this, a power cut could remove the file from its folder. Windows cannot open folders.
    const folder = open(dirname(path), 'r');
    await folder.then((file) => file.sync().finally(() => file.close())).catch(() => undefined);
    return segment;
  }

  get isWritable(): boolean {
    return this.#isWritable && this.size < SEGMENT_BYTES;
  }

  keep(sequence: number, location: Location): void {
    this.forget(sequence);
    this.live.set(sequence, location);
    this.liveBytes += location.bytes;
  }

  /** Returns false if the record is not live here. */
  forget(sequence: number): boolean {
    this.liveBytes -= this.live.get(sequence)?.bytes ?? 0;
    return this.live.delete(sequence);
  }

  /** Resolves when the records are on disk, and adds where; or rejects, and cuts the file back to what it was. */
  async write<T extends LogRecord>(records: readonly T[]): Promise<(T & Location)[]> {
    const [start, bytes] = [this.size, encode(records, this.size)];
    try {
      for (let done = 0; done < bytes.length;) {
        done += (await this.file.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
      }
      if (WRITES_SYNCED === 0) await this.file.datasync();
    } catch (error) {
      // If it cannot be cut, nothing may follow in this file.
      await this.file.truncate(start).catch(() => (this.#isWritable = false));
      throw error;
    }
    return records.map((record) => {
      const located = { ...record, offset: this.size, bytes: HEADER_BYTES + record.body.length };
      this.size += located.bytes;
      return located;
    });
  }

  /** Resolves with `undefined` if the record is damaged or not live here. */
  read(sequence: number): Promise<Buffer | undefined> {
    // One after the other, since they share a buffer.
    const body = this.#lastRead.then(() => this.#read(this.live.get(sequence)));
    this.#lastRead = body.catch(() => undefined);
    return body;
  }

  async #read(location: Location | undefined): Promise<Buffer | undefined> {
    if (!location) return undefined;
    this.#reader ??= new RecordReader(this.file, () => this.size);
    const record = await this.#reader.record(location.offset);
    return typeof record === 'string' ? undefined : Buffer.from(record.body);
  }

  /**
   * Calls `apply` for the intact records and resolves with the number of damaged ones. The last segment of a log is cut
   * at the first damage in its last commit, which may not have been acknowledged: a power cut can keep only its end.
   * @param breathe gives way to other work if it is time to
   */
  async recover(isLast: boolean, breathe: () => Promise<void>, apply: ApplyRecord): Promise<number> {
    const { size } = await this.file.stat();
    const cut = isLast ? await this.#findCut(size, breathe) : size;
    let lost = 0;
    const damaged = await this.#scan(size, breathe, ({ sequence, body, offset, bytes }) => {
      if (offset >= cut) return void (lost += 1);
      apply(sequence, body, { offset, bytes });
      this.size = offset + bytes;
    });
    if (isLast && this.size < size) {
      await this.file.truncate(this.size);
      await this.file.datasync();
    }
    return damaged.length + lost;
  }

  /** Where the last segment of a log ends, of `size` bytes. */
  async #findCut(size: number, breathe: () => Promise<void>): Promise<number> {
    let lastGroup = 0;
    const damaged = await this.#scan(size, breathe, ({ group }) => (lastGroup = group));
    return damaged.find((offset) => offset >= lastGroup) ?? size;
  }

  /** Calls `take` for each intact record; its body is valid only during the call. Resolves with where damage is. */
  async #scan(size: number, breathe: () => Promise<void>, take: (record: StoredRecord) => void): Promise<number[]> {
    const damaged: number[] = [];
    const reader = new RecordReader(this.file, () => size);
    for (let at = 0; at >= 0 && at < size;) {
      const record = await reader.record(at);
      if (typeof record !== 'string') {
        take(record);
        at += record.bytes;
      } else {
        const next = await reader.next(at + 1);
        if (record === 'damaged' || next >= 0) damaged.push(at);
        at = next;
      }
      await breathe();
    }
    return damaged;
  }
}

type ApplyRecord = (sequence: number, body: Buffer, location: Location) => void;
