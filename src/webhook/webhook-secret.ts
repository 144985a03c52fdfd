import { randomBytes } from 'node:crypto';
import type { Log } from '../log';
import { secretOf, storeKeyOf, type Credentials } from '../session/credentials';
import type { Store } from '../store';
import { SecretBox } from '../secret-box';

const BYTES = 32;
const LOOK = /^[\w-]{43}$/;

/**
 * The secret in the addresses of a connection's callbacks. It is made once and kept across restarts, locked like the
 * tokens; where it cannot be read any more a new one is made, and the callbacks get new addresses.
 */
export class WebhookSecret {
  readonly #box: SecretBox;
  #secret: Promise<string> | undefined;
  /** The secret before `renew`, while ChatApp may still call by it. */
  #former: string | undefined;

  constructor(
    credentials: Credentials,
    private readonly store: Store,
    /** In the store. */
    private readonly name: string,
    private readonly log: Log,
  ) {
    this.#box = new SecretBox(secretOf(credentials), { storeKey: storeKeyOf(store, credentials) });
  }

  /** 43 characters that may stand in a path. */
  get(): Promise<string> {
    this.#secret ??= this.#load();
    return this.#secret;
  }

  get former(): string | undefined {
    return this.#former;
  }

  /** Makes another secret. The one before stays valid as well while `change` tells ChatApp the new addresses. */
  async renew(change: () => Promise<void>): Promise<void> {
    this.#former = await this.get();
    this.#secret = this.#store(randomBytes(BYTES).toString('base64url'));
    await this.#secret;
    await change().finally(() => (this.#former = undefined));
  }

  async #load(): Promise<string> {
    const kept = await this.#read();
    return kept !== undefined && LOOK.test(kept) ? kept : this.#store(randomBytes(BYTES).toString('base64url'));
  }

  async #store(secret: string): Promise<string> {
    try {
      await this.store.write(this.name, await this.#box.lock(secret));
    } catch {
      this.log.warn('The secret of the callbacks could not be stored: the next start will give them new addresses');
    }
    return secret;
  }

  async #read(): Promise<string | undefined> {
    try {
      const locked = await this.store.read(this.name);
      const secret = locked === undefined ? undefined : await this.#box.unlock(locked);
      if (locked !== undefined && secret !== undefined && !this.#box.isCurrent(locked)) await this.#store(secret);
      return secret;
    } catch {
      this.log.warn('The secret of the callbacks could not be read: they get new addresses');
      return undefined;
    }
  }
}
