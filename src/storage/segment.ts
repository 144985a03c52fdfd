import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** `open` of node:fs/promises. */
export type OpenFile = (path: string, flags: string | number, mode?: number) => Promise<FileHandle>;

export interface LogRecord {
  readonly sequence: number;
  readonly body: Buffer;
}

/** In bytes, within a segment. */
interface Location {
  readonly offset: number;
  readonly bytes: number;
}

/** `group`: offset of the first record that was written in the same commit. */
type StoredRecord = LogRecord & Location & { readonly group: number };

/** Magic 4 bytes, checksum 4, length of the body 4, group 4, sequence 6. */
const HEADER_BYTES = 22;
/** Never part of UTF-8 text, so that no text passes for the record that follows a damaged one. */
const MAGIC = Buffer.from([0xf5, 0xff, 0x4c, 0x31]);
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Records are read together with those that follow, since they are mostly wanted in order. */
const WINDOW_BYTES = 256 * 1024;

/** Checksums start from the offset, so that a record is valid only in its own place. */
function encode(records: readonly LogRecord[], group: number): Buffer {
  const bytes = Buffer.allocUnsafe(records.reduce((sum, { body }) => sum + HEADER_BYTES + body.length, 0));
  let at = 0;
  for (const { sequence, body } of records) {
    MAGIC.copy(bytes, at);
    bytes.writeUInt32BE(body.length, at + 8);
    bytes.writeUInt32BE(group, at + 12);
    bytes.writeUIntBE(sequence, at + 16, 6);
    const end = at + HEADER_BYTES + body.copy(bytes, at + HEADER_BYTES);
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 8, end), group + at), at + 4);
    at = end;
  }
  return bytes;
}

/** The record at `at` of bytes that begin at `start` in the file. `torn`: they end within it, as a crash leaves it. */
function decode(bytes: Buffer, at: number, start = 0): StoredRecord | 'torn' | 'damaged' {
  if (at + HEADER_BYTES > bytes.length) return 'torn';
  if (bytes.readUInt32BE(at) !== MAGIC.readUInt32BE()) return 'damaged';
  const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 8);
  if (end > bytes.length) return 'torn';
  if (crc32(bytes.subarray(at + 8, end), start + at) !== bytes.readUInt32BE(at + 4)) return 'damaged';
  const [group, sequence] = [bytes.readUInt32BE(at + 12), bytes.readUIntBE(at + 16, 6)];
  return { sequence, body: bytes.subarray(at + HEADER_BYTES, end), offset: start + at, bytes: end - at, group };
}

/** One file of the log. Only the process that created it appends to it. */
export class Segment {
  /** Where its live records are, by sequence. */
  readonly live = new Map<number, Location>();
  liveBytes = 0;
  size = 0;
  #isWritable = false;
  #window: (Location & { readonly content: Promise<Buffer> }) | undefined;

  constructor(
    readonly path: string,
    readonly file: FileHandle,
  ) {}

  static async create(path: string, open: OpenFile): Promise<Segment> {
    const segment = new Segment(path, await open(path, 'wx+', 0o600));
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
      await this.file.datasync();
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
  async read(sequence: number): Promise<Buffer | undefined> {
    const location = this.live.get(sequence);
    if (!location) return undefined;
    const { offset, bytes } = location;
    let window = this.#window;
    if (!window || offset < window.offset || offset + bytes > window.offset + window.bytes) {
      const length = Math.max(bytes, Math.min(WINDOW_BYTES, this.size - offset));
      const content = this.file.read(Buffer.alloc(length), 0, length, offset).then(({ buffer }) => buffer);
      this.#window = window = { offset, bytes: length, content };
      content.catch(() => (this.#window = undefined));
    }
    const record = decode(await window.content, offset - window.offset, window.offset);
    return typeof record === 'string' ? undefined : record.body;
  }

  /**
   * Calls `apply` for the intact records and resolves with the number of damaged ones. The last segment of a log is cut
   * at the first damage in its last commit, which may not have been acknowledged: a power cut can keep only its end.
   * @param breathe gives way to other work if it is time to
   */
  async recover(isLast: boolean, breathe: () => Promise<void>, apply: ApplyRecord): Promise<number> {
    const content = await this.file.readFile();
    const [records, damaged]: [StoredRecord[], number[]] = [[], []];
    for (let at = 0; at >= 0 && at < content.length;) {
      const record = decode(content, at);
      const next = typeof record === 'string' ? content.indexOf(MAGIC, at + 1) : at + record.bytes;
      if (typeof record !== 'string') records.push(record);
      else if (record === 'damaged' || next >= 0) damaged.push(at);
      at = next;
      await breathe();
    }
    const lastGroup = records.at(-1)?.group ?? 0;
    const cut = damaged.find((offset) => isLast && offset >= lastGroup) ?? content.length;
    const intact = records.filter(({ offset }) => offset < cut);
    for (const { sequence, body, offset, bytes } of intact) {
      apply(sequence, body, { offset, bytes });
      this.size = offset + bytes;
      await breathe();
    }
    if (isLast && this.size < content.length) {
      await this.file.truncate(this.size);
      await this.file.datasync();
    }
    return damaged.length + records.length - intact.length;
  }
}

type ApplyRecord = (sequence: number, body: Buffer, location: Location) => void;
