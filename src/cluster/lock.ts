import { randomUUID } from 'node:crypto';
import type { KV } from 'nats';
import { pause, type Clock } from '../clock';
import { within } from '../deadline';
import { changeCell, readCell } from './cell';
import type { ReadyEngine } from './engine';

/** How often it is looked whether the lock is free, in ms. */
const LOOK_EVERY = 250;
/** A lock that did not change for so long is nobody's any more, in ms. */
const STALE_AFTER = 20_000;
/** How often the one who has it says so, in ms. */
const EXTEND_EVERY = 5_000;
const ANSWER_WITHIN = 2_000;
/** How long a copy waits to see whether it was the only one that took the lock, in ms. */
const CONFIRM_AFTER = 400;
/** After so many questions without an answer an errand goes on without the lock. */
const MOST_TROUBLES = 5;

/** Rejects where NATS is away for too long. */
type Door = () => Promise<Pick<ReadyEngine, 'bucket'>>;

/**
 * Runs `run` while no other copy runs anything under `key`. Without NATS it is run all the same: it is better
 * done twice than not at all.
 */
export async function alone<T>(ready: Door, key: string, clock: Clock, run: () => Promise<T>): Promise<T> {
  const lock = new Lock(ready, key, clock);
  await lock.take();
  try {
    return await run();
  } finally {
    await lock.free();
  }
}

/** The name of whoever has the lock stands in the bucket, and nothing where nobody has it. */
class Lock {
  readonly #name = randomUUID();
  /** Known while we have it. */
  #revision: number | undefined;
  #extension: Promise<void> | undefined;
  readonly #freed = new AbortController();

  constructor(
    private readonly ready: Door,
    private readonly key: string,
    private readonly clock: Clock,
  ) {}

  async take(): Promise<void> {
    let seen = -1;
    let looks = 0;
    for (let troubles = 0; troubles < MOST_TROUBLES && this.#revision === undefined;) {
      const { bucket } = await this.ready().catch(() => ({ bucket: undefined }));
      if (!bucket) return;
      try {
        const { bytes, revision } = await this.#answered(readCell(bucket, this.key));
        const holder = Buffer.from(bytes).toString();
        // Counted in looks, not by the clock, which somebody could set.
        looks = revision === seen ? looks + 1 : 0;
        seen = revision;
        const isFree = holder === '' || holder === this.#name || looks * LOOK_EVERY >= STALE_AFTER;
        if (isFree) this.#revision = await this.#claim(bucket, revision);
        troubles = 0;
      } catch {
        troubles += 1;
      }
      if (this.#revision === undefined) await pause(this.clock, LOOK_EVERY);
    }
    this.#extension = this.#extend();
  }

  /** Writes twice: several servers together may accept what several copies write in the same moment. */
  async #claim(bucket: KV, revision: number): Promise<number | undefined> {
    const claimed = await this.#answered(changeCell(bucket, this.key, this.#name, revision));
    if (claimed === undefined) return undefined;
    await pause(this.clock, CONFIRM_AFTER);
    return this.#answered(changeCell(bucket, this.key, this.#name, claimed));
  }

  async free(): Promise<void> {
    this.#freed.abort(new Error('freed'));
    await this.#extension;
    await this.#write('').catch(() => undefined);
  }

  async #extend(): Promise<void> {
    try {
      for (;;) {
        await pause(this.clock, EXTEND_EVERY, this.#freed.signal);
        await this.#write(this.#name);
      }
    } catch {
      // Freed; or NATS is away, and the others wait until it is there and the lock is stale.
    }
  }

  async #write(holder: string): Promise<void> {
    if (this.#revision === undefined) return;
    const { bucket } = await this.#answered(this.ready());
    this.#revision = await this.#answered(changeCell(bucket, this.key, holder, this.#revision));
  }

  #answered<T>(question: Promise<T>): Promise<T> {
    return within(this.clock, ANSWER_WITHIN, question);
  }
}
