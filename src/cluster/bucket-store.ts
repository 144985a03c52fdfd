import type { KV } from '@nats-io/kv';
import { pause, type Clock } from '../clock';
import { within } from '../deadline';
import { runInBackground, type Log } from '../log';
import { COSTLY, SecretBox } from '../secret-box';
import { isStoreKey, makeStoreKey, type Store } from '../store';
import { isConflict } from './failure';
import { KeyLock } from './key-lock';

/** How long an operation waits for NATS, in ms: in an outage, the first one waits, and the next ones do not. */
const MAX_WAIT = 10_000;
/** How long a text that could not be written waits for the next attempt, in ms. */
const REWRITE_AFTER = 1_000;
const MAX_ATTEMPTS = 20;
/** The name of the store's own key. */
const STORE_KEY = 'store-key.json';

export interface BucketStoreOptions {
  /** The bucket; resolves when NATS is connected. */
  readonly tokens: () => Promise<KV>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What all instances of a connection know together: tokens and secrets. The last one to write counts. */
export function bucketStore({ tokens, clock, log }: BucketStoreOptions): Store {
  const writing = new Map<string, Promise<void>>();
  let isAway = false;

  async function bucket(): Promise<KV> {
    try {
      const kv = await within(clock, isAway ? 0 : MAX_WAIT, tokens());
      isAway = false;
      return kv;
    } catch (error) {
      isAway = true;
      throw error;
    }
  }

  /** Everybody who can read NATS can read it: it is encrypted with the account's login, and each guess at that is costly. */
  async function keyFor(login: string): Promise<string> {
    const box = new SecretBox(login, { cost: COSTLY });
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const kv = await bucket();
      const entry = await kv.get(keyOf(STORE_KEY));
      const known = entry && (await box.unlock(entry.string()));
      if (known && isStoreKey(known)) return known;
      const made = makeStoreKey();
      try {
        // A key that was encrypted with another login is useless, and so is what was encrypted with it.
        await kv.put(keyOf(STORE_KEY), await box.lock(made), { previousSeq: entry?.revision ?? 0 });
        return made;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
    throw new Error('The key of the store could not be made: others write all the time');
  }

  /** Retries until the text is written. Ends with the client. */
  async function put(name: string, text: string): Promise<void> {
    for (;;) {
      const kv = await tokens();
      const isWritten = await kv.put(keyOf(name), text).then(
        () => true,
        () => false,
      );
      if (isWritten) return;
      await pause(clock, REWRITE_AFTER);
    }
  }

  return {
    key: keyFor,
    async read(name) {
      const entry = await (await bucket()).get(keyOf(name));
      return entry?.operation === 'PUT' ? entry.string() : undefined;
    },
    write(name, text) {
      // One after the other, or an older text could replace a newer one.
      const written = (writing.get(name) ?? Promise.resolve()).then(() => put(name, text));
      writing.set(
        name,
        written.catch(() => undefined),
      );
      return within(clock, isAway ? 0 : MAX_WAIT, written);
    },
    async exclusively(name, run) {
      const lock = new KeyLock(bucket, `lock.${encoded(name)}`, clock);
      await lock.take();
      try {
        return await run();
      } finally {
        runInBackground(lock.release(), log, 'Releasing the lock of the tokens');
      }
    },
  };
}

function keyOf(name: string): string {
  return `text.${encoded(name)}`;
}

/** Keys hold no `%`, and a dot divides them. */
function encoded(name: string): string {
  return name.replace(/[^-\w]/g, (sign) => `=${sign.charCodeAt(0).toString(16)}`);
}
