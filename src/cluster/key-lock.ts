import { randomUUID } from 'node:crypto';
import type { KV } from '@nats-io/kv';
import { pause, type Clock } from '../clock';
import { isConflict } from './failure';

/** How often it is checked whether the lock is free, in ms. */
const CHECK_EVERY = 250;
/** How often the owner renews the lock, in ms. */
const RENEW_EVERY = 5_000;
/** A lock is stale if it was not renewed for this long by the own monotonic clock, in ms. */
const STALE_AFTER = 20_000;
/** After this many failures in a row, the lock is not waited for any more. */
const MAX_FAILURES = 5;

/**
 * A lock that all instances share: a key that holds the owner's name, and nothing while it is free. Without NATS it is
 * not waited for: doing twice what it protects is better than not doing it.
 */
export class KeyLock {
  readonly #owner = randomUUID();
  /** Of the key, while we have the lock. */
  #revision: number | undefined;
  #renewing: Promise<void> = Promise.resolve();
  readonly #released = new AbortController();

  /** @param bucket rejects if NATS is away for too long */
  constructor(
    private readonly bucket: () => Promise<KV>,
    private readonly key: string,
    private readonly clock: Clock,
  ) {}

  /** Resolves when the lock is ours, or when NATS is away. */
  async take(): Promise<void> {
    let seen = { revision: -1, since: 0 };
    for (let failures = 0; failures < MAX_FAILURES;) {
      const kv = await this.bucket().catch(() => undefined);
      if (!kv) return;
      try {
        const entry = await kv.get(this.key);
        const revision = entry?.revision ?? 0;
        if (revision !== seen.revision) seen = { revision, since: this.clock.monotonic() };
        const owner = entry?.string() ?? '';
        const isStale = this.clock.monotonic() - seen.since >= STALE_AFTER;
        // It is ours if the answer to our own write was lost.
        if (owner === '' || owner === this.#owner || isStale) {
          this.#revision = await kv.put(this.key, this.#owner, { previousSeq: revision });
          this.#renewing = this.#renew();
          return;
        }
        failures = 0;
      } catch (error) {
        if (!isConflict(error)) failures += 1;
      }
      await pause(this.clock, CHECK_EVERY);
    }
  }

  async release(): Promise<void> {
    this.#released.abort(new Error('released'));
    await this.#renewing;
    // If it fails, the others wait until the lock is stale.
    await this.#write('').catch(() => undefined);
  }

  async #renew(): Promise<void> {
    while (!this.#released.signal.aborted) {
      try {
        await pause(this.clock, RENEW_EVERY, this.#released.signal);
        await this.#write(this.#owner);
      } catch (error) {
        // The lock was stale, and another instance has taken it.
        if (isConflict(error)) return;
      }
    }
  }

  async #write(owner: string): Promise<void> {
    if (this.#revision === undefined) return;
    const kv = await this.bucket();
    this.#revision = await kv.put(this.key, owner, { previousSeq: this.#revision });
  }
}
