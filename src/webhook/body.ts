import type { Readable } from 'node:stream';
import type { Clock } from '../clock';

/** Why a body was not read to its end. */
export type Unread = 'tooLarge' | 'tooSlow' | 'gone';

/**
 * Reads a body of at most `most` bytes within `limit` ms. Whatever more there is stays unread, and the stream open, so
 * that its sender can still be answered. `onBytes` gets how much is kept in memory; never rejects.
 */
export function readBody(
  body: Readable,
  most: number,
  limit: number,
  clock: Clock,
  onBytes: (count: number) => void,
): Promise<Buffer | Unread> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const endWith = (outcome: Buffer | Unread): void => {
      timer.cancel();
      body.off('data', take).off('end', finish).off('close', lose).pause();
      resolve(outcome);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > most) return endWith('tooLarge');
      onBytes(chunk.length);
      chunks.push(chunk);
    };
    const finish = (): void => endWith(Buffer.concat(chunks));
    const lose = (): void => endWith('gone');
    const timer = clock.after(limit, () => endWith('tooSlow'));
    // It stays: what a sender breaks off later must not become an exception.
    body.on('error', lose);
    body.on('data', take).on('end', finish).on('close', lose);
    if (body.destroyed) lose();
  });
}
