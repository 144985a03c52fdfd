import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

export interface LogRecord {
  readonly sequence: number;
  readonly body: Buffer;
}

/** In bytes, within a segment. */
export interface Location {
  readonly offset: number;
  readonly bytes: number;
}

/** `group`: offset of the first record that was written in the same commit. */
export type StoredRecord = LogRecord & Location & { readonly group: number };

/** Magic 4 bytes, checksum 4, length of the body 4, group 4, sequence 6. */
export const HEADER_BYTES = 22;
/** Never part of UTF-8 text, so that no text passes for the record that follows a damaged one. */
const MAGIC = Buffer.from([0xf5, 0xff, 0x4c, 0x31]);
/** Records are read together with those that follow, since they are mostly wanted in order. */
const WINDOW_BYTES = 256 * 1024;

/** Checksums start from the offset, so that a record is valid only in its own place. */
export function encode(records: readonly LogRecord[], group: number): Buffer {
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
export function decode(bytes: Buffer, at: number, start: number): StoredRecord | 'torn' | 'damaged' {
  if (at + HEADER_BYTES > bytes.length) return 'torn';
  if (bytes.readUInt32BE(at) !== MAGIC.readUInt32BE()) return 'damaged';
  const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 8);
  if (end > bytes.length) return 'torn';
  if (crc32(bytes.subarray(at + 8, end), start + at) !== bytes.readUInt32BE(at + 4)) return 'damaged';
  const [group, sequence] = [bytes.readUInt32BE(at + 12), bytes.readUIntBE(at + 16, 6)];
  return { sequence, body: bytes.subarray(at + HEADER_BYTES, end), offset: start + at, bytes: end - at, group };
}

/** How long the record at `at` is, according to its header; as long as a header if there is none. */
function lengthAt(bytes: Buffer, at: number): number {
  return HEADER_BYTES + (at + HEADER_BYTES <= bytes.length ? bytes.readUInt32BE(at + 8) : 0);
}

/**
 * Reads the records of a file, a part of it at a time, into one buffer: a start must not take memory for all that is stored.
 * A record that it has given is overwritten by the next call, which must come only then.
 */
export class RecordReader {
  #buffer = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  /** What of the buffer is filled, and with which part of the file. */
  #content = this.#buffer.subarray(0, 0);
  #start = 0;

  constructor(
    private readonly file: FileHandle,
    /** Up to where the file may be read. */
    private readonly size: () => number,
  ) {}

  /** The record at `at`, as `decode` says. */
  async record(at: number): Promise<ReturnType<typeof decode>> {
    const record = this.#decode(at);
    if (record !== 'torn') return record;
    await this.#load(at, HEADER_BYTES);
    await this.#load(at, lengthAt(this.#content, at - this.#start));
    return this.#decode(at);
  }

  /** Where a record may begin, from `at` on; -1 if nowhere. Reads the rest of the file, which is damaged there. */
  async next(at: number): Promise<number> {
    await this.#load(at, this.size() - at);
    const index = this.#content.indexOf(MAGIC, at - this.#start);
    return index < 0 ? index : this.#start + index;
  }

  #decode(at: number): ReturnType<typeof decode> {
    return at < this.#start ? 'torn' : decode(this.#content, at - this.#start, this.#start);
  }

  /** Makes sure that these bytes are there, as far as the file has them. */
  async #load(at: number, bytes: number): Promise<void> {
    const rest = Math.max(0, this.size() - at);
    const wanted = Math.min(bytes, rest);
    if (at >= this.#start && at + wanted <= this.#start + this.#content.length) return;
    if (wanted > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(wanted);
    const length = Math.min(this.#buffer.length, rest);
    this.#content = this.#buffer.subarray(0, 0);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.file.read(this.#buffer, done, length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
      this.#content = this.#buffer.subarray(0, done);
      this.#start = at;
    }
  }
}
