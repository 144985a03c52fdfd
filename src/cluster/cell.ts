import type { KV } from 'nats';
import { jetStreamCode } from './failure';

/** A place in the bucket, as it was read. */
export interface Cell {
  /** Empty where nothing is there. */
  readonly bytes: Uint8Array;
  /** Another one with each change; 0 where nothing has ever been there. */
  readonly revision: number;
}

/** Somebody else has changed the cell meanwhile; the second code is that of newer servers. */
const OVERTAKEN: ReadonlySet<number> = new Set([10071, 10164]);

/** What may be in a cell, or in a text of several once it is unpacked, in bytes. */
export const MAX_BYTES = 16 * 1024 * 1024;

/** Throws RangeError if there is more than ours ever hold. */
export async function readCell(bucket: Pick<KV, 'get'>, key: string): Promise<Cell> {
  const entry = await bucket.get(key);
  if (entry && entry.value.length > MAX_BYTES) throw new RangeError('The value is larger than any of ours');
  return entry ? { bytes: entry.value, revision: entry.revision } : { bytes: new Uint8Array(), revision: 0 };
}

/** Changes the cell if it still has `revision`. The new revision, or `undefined` where somebody was faster. */
export async function changeCell(
  bucket: Pick<KV, 'put'>,
  key: string,
  bytes: Uint8Array | string,
  revision: number,
): Promise<number | undefined> {
  try {
    return await bucket.put(key, bytes, { previousSeq: revision });
  } catch (error) {
    if (OVERTAKEN.has(jetStreamCode(error) ?? NaN)) return undefined;
    throw error;
  }
}
