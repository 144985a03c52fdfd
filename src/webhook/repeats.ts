import { createHash } from 'node:crypto';
import type { Clock } from '../clock';

/** How long a repeat is expected, in ms. */
const KEEP = 10 * 60_000;
const MAX_EXPECTED = 1_000;

/**
 * Bodies that were accepted although our answer did not arrive: ChatApp may send each once more. Only these are
 * known to be repeats; equal bodies that were answered are two announcements.
 */
export class Repeats {
  /** When each was noted, in ms of the monotonic clock; oldest first. */
  readonly #noted = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** The answer to this body did not arrive. */
  expect(address: string, body: Buffer): void {
    const name = nameOf(address, body);
    this.#noted.delete(name);
    this.#noted.set(name, this.clock.monotonic());
    const [oldest] = this.#noted.keys();
    if (this.#noted.size > MAX_EXPECTED && oldest !== undefined) this.#noted.delete(oldest);
  }

  /** True, once, for a body whose answer did not arrive before. */
  isRepeat(address: string, body: Buffer): boolean {
    if (this.#noted.size === 0) return false;
    const name = nameOf(address, body);
    const notedAt = this.#noted.get(name);
    this.#noted.delete(name);
    return notedAt !== undefined && this.clock.monotonic() - notedAt < KEEP;
  }
}

function nameOf(address: string, body: Buffer): string {
  return createHash('sha256').update(`${address}\n`).update(body).digest('base64');
}
