import { randomBytes } from 'node:crypto';
import type { Log } from '../log';
import { secretOf, type Credentials } from '../session/credentials';
import { Strongbox } from '../session/strongbox';
import type { Store } from '../store';

const BYTES = 32;
const LOOK = /^[\w-]{43}$/;

/**
 * The secret in the addresses of a connection's callbacks. It is made once and kept across restarts, locked like the
 * tokens; where it cannot be read any more a new one is made, and the callbacks get new addresses.
 */
export class KeptSecret {
  readonly #box: Strongbox;
  #secret: Promise<string> | undefined;

  constructor(
    credentials: Credentials,
    private readonly store: Store,
    /** In the store. */
    private readonly name: string,
    private readonly log: Log,
  ) {
    this.#box = new Strongbox(secretOf(credentials));
  }

  /** 43 characters that may stand in a path. */
  get(): Promise<string> {
    this.#secret ??= this.#load();
    return this.#secret;
  }

  async #load(): Promise<string> {
    const kept = await this.#read();
    if (kept !== undefined && LOOK.test(kept)) return kept;
    const secret = randomBytes(BYTES).toString('base64url');
    try {
      await this.store.write(this.name, await this.#box.lock(secret));
    } catch {
      this.log.warn('The secret of the callbacks could not be kept: the next start will give them new addresses');
    }
    return secret;
  }

  async #read(): Promise<string | undefined> {
    try {
      const locked = await this.store.read(this.name);
      return locked === undefined ? undefined : await this.#box.unlock(locked);
    } catch {
      this.log.warn('The secret of the callbacks could not be read: they get new addresses');
      return undefined;
    }
  }
}
