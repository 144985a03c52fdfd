import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip, type ZlibOptions } from 'node:zlib';
import { isRecord, parseJson } from '../events/json';
import { changeCell, MAX_BYTES, readCell } from './cell';
import type { ReadyEngine } from './engine';

const pack = promisify<Buffer, Buffer>(gzip);
const unpack = promisify<Buffer, ZlibOptions, Buffer>(gunzip);

/** What goes into one cell, in bytes: NATS takes no message of more than 1 MB, if nobody has set it otherwise. */
const LARGEST = 512 * 1024;
/** How often a text is read anew when another one takes its place meanwhile. */
const READS = 5;

/** What stands in a text's cell, before the text itself. */
interface Head {
  /** Who wrote it, and which of all texts it is. */
  readonly writer: string;
  readonly id: string;
  readonly packed: boolean;
  /** In how many cells more the text is; 0 where it follows. */
  readonly parts: number;
}

/** A text in the bucket. */
export interface KeptText {
  /** `undefined` where nothing is there. */
  readonly text: string | undefined;
  /** To be given back with the text that takes its place. */
  readonly revision: number;
  readonly head: Head | undefined;
}

type Bucket = Pick<ReadyEngine, 'bucket' | 'manager' | 'names'>;

/** Throws Error where what is there cannot be read. */
export async function readText(engine: Bucket, key: string): Promise<KeptText> {
  for (let reads = 0; reads < READS; reads += 1) {
    const { bytes, revision } = await readCell(engine.bucket, key);
    if (bytes.length === 0) return { text: undefined, revision, head: undefined };
    const end = bytes.indexOf(0);
    const head = asHead(parseJson(Buffer.from(bytes.subarray(0, end)).toString()));
    const data = head.parts === 0 ? Buffer.from(bytes.subarray(end + 1)) : await readParts(engine, key, head);
    if (data)
      return {
        text: (head.packed ? await unpack(data, { maxOutputLength: MAX_BYTES }) : data).toString(),
        revision,
        head,
      };
  }
  throw new Error('the text changes too fast');
}

/**
 * Puts a text in the place of the one `before`. What is read is one of them, never a mix: a long text lies in cells of
 * its own, and they are named in the one that changes at a stroke.
 * @returns what is there now; `undefined` where somebody was faster
 */
export async function replaceText(
  engine: Bucket,
  key: string,
  text: string,
  writer: string,
  before: Pick<KeptText, 'revision' | 'head'>,
): Promise<KeptText | undefined> {
  const plain = Buffer.from(text);
  if (plain.length > MAX_BYTES) throw new RangeError('The text could not be read again');
  const packed = plain.length > LARGEST;
  const data = packed ? await pack(plain) : plain;
  const parts = data.length > LARGEST ? Math.ceil(data.length / LARGEST) : 0;
  const head: Head = { writer, id: randomUUID(), packed, parts };
  for (let part = 0; part < parts; part += 1) {
    await engine.bucket.put(partKey(key, head, part), data.subarray(part * LARGEST, (part + 1) * LARGEST));
  }
  const start = Buffer.from(`${JSON.stringify(head)}\0`);
  const bytes = parts === 0 ? Buffer.concat([start, data]) : start;
  const revision = await changeCell(engine.bucket, key, bytes, before.revision);
  await removeParts(engine, key, revision === undefined ? head : before.head);
  return revision === undefined ? undefined : { text, revision, head };
}

/** `undefined` where the parts are gone, since another text has taken the place. */
async function readParts({ bucket }: Bucket, key: string, head: Head): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = [];
  for (let part = 0; part < head.parts; part += 1) parts.push((await readCell(bucket, partKey(key, head, part))).bytes);
  return parts.every(({ length }) => length > 0) ? Buffer.concat(parts) : undefined;
}

/** Leaves nothing of them, not even the marks that the bucket makes for what was deleted. What fails does no harm. */
async function removeParts({ manager, names }: Bucket, key: string, head: Head | undefined): Promise<void> {
  if (!head || head.parts === 0) return;
  const filter = `$KV.${names.bucket}.${key}.${head.id}.>`;
  await manager.streams.purge(`KV_${names.bucket}`, { filter }).catch(() => undefined);
}

function partKey(key: string, { id }: Head, part: number): string {
  return `${key}.${id}.${part}`;
}

function asHead(head: unknown): Head {
  if (!isRecord(head)) throw new Error('not a text of ours');
  const { writer, id, packed, parts } = head;
  const isCount = typeof parts === 'number' && parts >= 0 && parts <= MAX_BYTES / LARGEST;
  if (typeof writer !== 'string' || typeof id !== 'string' || !isCount) {
    throw new Error('not a text of ours');
  }
  return { writer, id, packed: packed === true, parts };
}
