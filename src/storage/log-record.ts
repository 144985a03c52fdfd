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
export const MAGIC = Buffer.from([0xf5, 0xff, 0x4c, 0x31]);

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
export function lengthAt(bytes: Buffer, at: number): number {
  return HEADER_BYTES + (at + HEADER_BYTES <= bytes.length ? bytes.readUInt32BE(at + 8) : 0);
}
