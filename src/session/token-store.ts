import type { TokenPair } from '../api/tokens';
import { isRecord, parseJson } from '../events/json';
import type { Log } from '../log';
import type { Store } from '../store';
import { secretOf, storeKeyOf, type Credentials } from './credentials';
import { nameOf, SecretBox } from '../secret-box';

/**
 * Keeps a token pair across restarts: each login counts in a daily quota. It is locked with a key derived from the
 * connection's own credentials and the key of the store, so that the file is of no use without them, and of none after
 * they have changed.
 */
export class TokenStore {
  readonly #name: string;
  readonly #box: SecretBox;

  constructor(
    credentials: Credentials,
    apiUrl: string,
    private readonly store: Store,
    private readonly log: Log,
  ) {
    this.#name = tokensName(credentials, apiUrl);
    this.#box = new SecretBox(secretOf(credentials), { storeKey: storeKeyOf(store, credentials) });
  }

  /** The pair of an earlier run, or `undefined` where there is none that can be read. */
  async load(): Promise<TokenPair | undefined> {
    try {
      const locked = await this.store.read(this.#name);
      const text = locked === undefined ? undefined : await this.#box.unlock(locked);
      const pair = text === undefined ? undefined : asPair(parseJson(text));
      if (locked !== undefined && pair && !this.#box.isCurrent(locked)) await this.save(pair);
      return pair;
    } catch {
      this.log.warn('The stored tokens could not be read: new ones will be made');
      return undefined;
    }
  }

  /** True where others keep the same tokens there and may have renewed them. */
  get areShared(): boolean {
    return this.store.exclusively !== undefined;
  }

  /** Runs `run` while none of those who share the tokens runs anything. */
  exclusively<T>(run: () => Promise<T>): Promise<T> {
    return this.store.exclusively?.(this.#name, run) ?? run();
  }

  /** Resolves when the pair is safe. A failure is reported in the log: the pair is good all the same. */
  async save(pair: TokenPair): Promise<void> {
    try {
      await this.store.write(this.#name, await this.#box.lock(JSON.stringify(pair)));
    } catch {
      this.log.warn('The new tokens could not be stored: the next start will need others');
    }
  }
}

/** Under which name the tokens of an account are in its store. */
export function tokensName(credentials: Credentials, apiUrl: string): string {
  const isAccount = credentials.kind === 'account';
  const owner = isAccount ? [credentials.email, credentials.appId] : [credentials.accessToken];
  return `tokens-${nameOf(JSON.stringify([apiUrl, ...owner]))}.json`;
}

function asPair(saved: unknown): TokenPair | undefined {
  if (!isRecord(saved) || typeof saved.accessToken !== 'string') return undefined;
  const { accessToken, refreshToken, accessTokenEnd, refreshTokenEnd, accountId } = saved;
  return {
    accessToken,
    ...(typeof refreshToken === 'string' && { refreshToken }),
    ...(typeof accessTokenEnd === 'number' && { accessTokenEnd }),
    ...(typeof refreshTokenEnd === 'number' && { refreshTokenEnd }),
    ...(typeof accountId === 'string' && { accountId }),
  };
}
