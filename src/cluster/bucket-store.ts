import { randomUUID } from 'node:crypto';
import { systemClock, type Clock } from '../clock';
import { within } from '../deadline';
import { isStoreKey, makeStoreKey, type Store } from '../store';
import { COSTLY, SecretBox } from '../secret-box';
import type { EngineState, ReadyEngine } from './engine';
import { readText, replaceText, type KeptText } from './kept-text';
import { alone } from './lock';

/** How long what any copy may write waits for NATS in an outage, in ms; what only one may write waits for ever. */
const PATIENCE = 10_000;
const MOST_TRIES = 20;
/** The name of the store's own key. */
const STORE_KEY = 'store-key.json';

export interface BucketStoreOptions {
  /** True on the copy that leads: only it writes positions. */
  readonly leads: () => boolean;
  /** Resolves once all that was heard so far is published; rejects where that will not come about here. */
  readonly settled: () => Promise<void>;
  /** Another copy has written positions: this one does not lead any more. */
  readonly onOvertaken: () => void;
  readonly clock?: Clock;
}

export interface BucketStore extends Store {
  /** When this was last written, by the clock of NATS; `undefined` where it never was. */
  changed(name: string): Promise<Date | undefined>;
}

/** Where the engine's bucket is. */
export interface EngineDoor {
  readonly state: EngineState;
  ready(): Promise<Pick<ReadyEngine, 'bucket' | 'manager' | 'names'>>;
}

/**
 * What all copies remember, in their bucket. Positions are written by the copy that leads, after what they stand for,
 * and never over another copy's; all else by any copy, and the last one counts.
 */
export function bucketStore(engine: EngineDoor, options: BucketStoreOptions): BucketStore {
  const { leads, settled, onOvertaken, clock = systemClock } = options;
  const writer = randomUUID();
  const known = new Map<string, Pick<KeptText, 'revision' | 'head'>>();
  const writing = new Map<string, Promise<void>>();

  /** As `job` ends, but an outage is waited for once, not once for each question. */
  function inTime<T>(job: Promise<T>): Promise<T> {
    const { state } = engine;
    const waited = state.kind === 'ready' ? 0 : clock.now() - state.since;
    return within(clock, PATIENCE - Math.min(PATIENCE, Math.max(0, waited)), job);
  }

  async function read(name: string): Promise<KeptText> {
    const kept = await readText(await engine.ready(), keyOf(name));
    known.set(name, kept);
    return kept;
  }

  async function replace(name: string, text: string): Promise<void> {
    const isShared = !isPosition(name);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const ready = await engine.ready();
      const before = known.get(name) ?? (await read(name));
      if (!isShared && !leads()) return;
      const written = await replaceText(ready, keyOf(name), text, writer, before);
      if (written) return void known.set(name, written);
      // An earlier write of ours may have come through without an answer.
      const { head } = await read(name);
      if (!isShared && head?.writer !== writer) {
        known.delete(name);
        return onOvertaken();
      }
    }
    throw new Error('others write too fast');
  }

  async function replacePosition(name: string, text: string): Promise<void> {
    if (!leads()) return;
    const isSettled = await settled().then(
      () => true,
      () => false,
    );
    if (isSettled) await replace(name, text);
  }

  /** It lies where all who may read NATS can read it: the login of the account locks it, and guessing that is costly. */
  async function makeKey(login: string): Promise<string> {
    const box = new SecretBox(login, { cost: COSTLY });
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const ready = await engine.ready();
      const kept = await readText(ready, keyOf(STORE_KEY));
      const known = kept.text === undefined ? undefined : await box.unlock(kept.text);
      if (known !== undefined && isStoreKey(known)) return known;
      const made = makeStoreKey();
      // One that another login has locked is of no use any more, nor is what it was mixed into.
      if (await replaceText(ready, keyOf(STORE_KEY), await box.lock(made), writer, kept)) return made;
    }
    throw new Error('others write too fast');
  }

  return {
    key: (login) => inTime(makeKey(login)),
    async read(name) {
      const { text } = await (isPosition(name) ? read(name) : inTime(read(name)));
      return text;
    },
    write(name, text) {
      // One after the other, or an older text could take the place of a newer one.
      const before = writing.get(name) ?? Promise.resolve();
      const written = before.then(() => (isPosition(name) ? replacePosition(name, text) : replace(name, text)));
      const ended = written.catch(() => undefined);
      writing.set(name, ended);
      // Without NATS it is written later all the same, and whoever waits goes on.
      return isPosition(name) ? written : inTime(written);
    },
    async changed(name) {
      const { bucket } = await engine.ready();
      return (await bucket.get(keyOf(name)))?.created;
    },
    exclusively: (name, run) => alone(() => inTime(engine.ready()), `lock.${encoded(name)}`, clock, run),
  };
}

function isPosition(name: string): boolean {
  return name.startsWith('positions-');
}

function keyOf(name: string): string {
  return `text.${encoded(name)}`;
}

/** Keys may hold no `%`, and dots part them. */
function encoded(name: string): string {
  return name.replace(/[^-\w]/g, (sign) => `=${sign.charCodeAt(0).toString(16)}`);
}
