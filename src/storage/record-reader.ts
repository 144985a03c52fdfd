import type { FileHandle } from 'node:fs/promises';
import { decode, HEADER_BYTES, lengthAt, MAGIC } from './log-record';

/** Records are read together with those that follow, since they are mostly wanted in order. */
const WINDOW_BYTES = 256 * 1024;

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
