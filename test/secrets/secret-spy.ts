import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { createConnection, type Connection, type ConnectionOptions } from '../../src/connection';
import type { Listener } from '../../src/inbox/listener';
import { openStore, type OpenStore } from '../../src/storage/stored-texts';
import { scaledClock } from '../support/scaled-clock';
import { WAIT_LIMIT } from '../support/wait-limit';

/** Part of every secret of these tests, so that one look finds them all. */
export const MARK = 'S3CR3TMARK';

export const SECRETS = {
  accessToken: `$2y$10$${MARK}access`,
  deadToken: `$2y$10$${MARK}dead`,
  refreshToken: `${MARK}refresh`,
  newRefreshToken: `${MARK}newrefresh`,
  password: `${MARK}password`,
  proxyPassword: `${MARK}proxy`,
  pemKey: `-----BEGIN PRIVATE KEY-----\n${MARK}key\n-----END PRIVATE KEY-----\n`,
} as const;

/** The mark as it may be written: as it is, in base64 (three ways, by where it starts), in hex, in part. */
const TRACES = [MARK, ...['', 'x', 'xx'].map(innerBase64), Buffer.from(MARK).toString('hex')];

/** Time that runs so many times faster. */
const TIMES = 50;

/** Everything that a connection lets out, to be searched for secrets. */
export class SecretSpy {
  readonly #spy: string[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #codes = new Set<string>();
  #items = 0;

  readonly store: OpenStore;

  constructor(readonly folder: string) {
    this.store = openStore(folder);
  }

  /** A connection with a store in this spy's folder, a log at every level, and time that runs fast. */
  connect(options: Omit<ConnectionOptions, 'onError' | 'log' | 'clock' | 'store'>): Connection {
    const write = (line: string): void => this.#receive(line);
    const settings = {
      ...options,
      store: this.store,
      log: { debug: write, info: write, warn: write },
      clock: scaledClock(TIMES),
      onError: (error: Error) => this.#error(error),
    };
    return createConnection(settings);
  }

  listener(channel: Listener['channel'] = { type: 'messenger' }): Listener {
    return {
      channel,
      events: [],
      direction: 'any',
      onItem: () => {
        this.#items += 1;
        this.#wake();
      },
      onStatus: (status) => this.#receive(JSON.stringify(status)),
      onError: (error) => this.#error(error),
    };
  }

  get items(): number {
    return this.#items;
  }

  /** The errors so far, as `CODE.reason`. */
  get codes(): ReadonlySet<string> {
    return this.#codes;
  }

  /** Resolves once `holds`, checked after each output; rejects after `WAIT_LIMIT`. */
  until(holds: (spy: this) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(ask);
        reject(new Error(`It did not come to that; so far:\n${this.#spy.join('\n')}`));
      }, WAIT_LIMIT);
      const ask = (): void => {
        if (!holds(this)) return;
        clearTimeout(timer);
        this.#waiting.delete(ask);
        resolve();
      };
      this.#waiting.add(ask);
      ask();
    });
  }

  /** Fails where any secret can be found in what came out or is in the folder. */
  async assertNoSecret(): Promise<void> {
    assert.ok(this.#spy.length > 0, 'nothing was received at all');
    for (const text of this.#spy) assertClean(text);
    for (const file of await readdir(this.folder, { recursive: true }).catch(() => [])) {
      assertClean(file);
      assertClean(await readFile(join(this.folder, file), 'utf8').catch(() => ''));
    }
  }

  /** What is in the log of the store. */
  async storedTexts(): Promise<string> {
    const folder = join(this.folder, 'log');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
    return (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join('');
  }

  #error(error: Error): void {
    const code: unknown = Reflect.get(error, 'code');
    const reason: unknown = Reflect.get(error, 'reason');
    this.#codes.add(`${String(code)}.${String(reason)}`);
    this.#receive(
      [
        String(error),
        JSON.stringify(error),
        JSON.stringify(error, Object.getOwnPropertyNames(error)),
        inspect(error, { depth: 10, showHidden: true }),
        inspect(error.cause),
        error.stack,
      ].join('\n'),
    );
  }

  #receive(text: string): void {
    this.#spy.push(text);
    this.#wake();
  }

  #wake(): void {
    for (const ask of this.#waiting) ask();
  }
}

/** Fails where the text holds a secret, in whatever way it is written. */
export function assertClean(text: string): void {
  for (const trace of TRACES) {
    assert.ok(!text.toLowerCase().includes(trace.toLowerCase()), `a secret in: ${text.slice(0, 2_000)}`);
  }
}

/** The base64 of the mark after some bytes, less what depends on its neighbours. */
function innerBase64(before: string): string {
  return Buffer.from(before + MARK)
    .toString('base64')
    .slice(before === '' ? 0 : 4, -4);
}
