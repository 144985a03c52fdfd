import { ApiClient, REQUESTS_PER_SECOND } from '../api/client';
import { createNetwork, type NetworkSettings } from '../api/network';
import { RateLimiter } from '../api/rate-limiter';
import type { Clock } from '../clock';
import type { Log } from '../log';
import type { Store } from '../store';
import type { Credentials } from './credentials';
import { TokenStore } from './token-store';
import { Refusal } from './refusal';
import { Session } from './session';
import { nameOf } from '../secret-box';

export interface SessionSettings {
  readonly credentials: Credentials;
  readonly apiUrl: string;
  readonly network: NetworkSettings;
  /** Where the tokens are kept; absent: nowhere. */
  readonly store: Store | undefined;
  /** Tells the stores apart that other processes share; absent for this process's own. */
  readonly storeName?: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** A session, and the API that it asks. */
export interface OpenSession {
  readonly session: Session;
  readonly api: ApiClient;
  /** Lets go of the session; with the last one that does, its requests end. */
  close(): Promise<void>;
}

interface Shared {
  /** The same for all with this account, wherever their tokens are stored. */
  readonly account: string;
  readonly session: Session;
  readonly api: ApiClient;
  readonly end: () => Promise<void>;
  readonly store: Store | undefined;
  readonly storeName: string | undefined;
  users: number;
}

/**
 * The sessions of a process: connections with the same account share one, so that there is one login and one renewal;
 * all that ask the same host share its rate limiter.
 */
export class Sessions {
  /** The newest last. */
  readonly #shared = new Set<Shared>();
  readonly #rateLimiters = new Map<string, RateLimiter>();
  /** They outlive the sessions: one that is opened for a moment must not ask what the one before was refused. */
  readonly #quotas = new Map<string, Refusal>();

  /** Throws TypeError where `apiUrl` is not a URL. */
  open(settings: SessionSettings): OpenSession {
    return this.#use(this.#ofAccount(settings).find((one) => isKeptAlike(settings, one)) ?? this.#create(settings));
  }

  /** For reading an account only: the session that is open there already, wherever its tokens are stored. */
  borrow(settings: SessionSettings): OpenSession {
    const newest = this.#ofAccount(settings).at(-1);
    return newest ? this.#use(newest) : this.open(settings);
  }

  #ofAccount(settings: SessionSettings): Shared[] {
    const account = accountIn(settings);
    return [...this.#shared].filter((one) => one.account === account);
  }

  #use(shared: Shared): OpenSession {
    shared.users += 1;
    let isOpen = true;
    return {
      session: shared.session,
      api: shared.api,
      close: async () => {
        if (!isOpen) return;
        isOpen = false;
        shared.users -= 1;
        if (shared.users > 0) return;
        this.#shared.delete(shared);
        await shared.end();
      },
    };
  }

  #create(settings: SessionSettings): Shared {
    const { credentials, apiUrl, network: networkSettings, store, storeName, clock, log } = settings;
    const network = createNetwork(networkSettings);
    const rateLimiter = this.#rateLimiter(new URL(apiUrl).host, clock);
    const api = new ApiClient({ apiUrl, network, clock, log, rateLimiter });
    const tokens = store && new TokenStore(credentials, apiUrl, store, log);
    const end = async (): Promise<void> => {
      api.close();
      await network.close();
    };
    const quota = this.#quota(credentials, apiUrl, clock);
    const session = new Session(credentials, api, clock, log, tokens, quota);
    const shared = { account: accountIn(settings), store, storeName, session, api, end, users: 0 };
    this.#shared.add(shared);
    return shared;
  }

  #quota(credentials: Credentials, apiUrl: string, clock: Clock): Refusal | undefined {
    if (credentials.kind === 'token') return undefined;
    const account = JSON.stringify([apiUrl, credentials.email, credentials.appId]);
    const quota = this.#quotas.get(account) ?? new Refusal(clock);
    this.#quotas.set(account, quota);
    return quota;
  }

  #rateLimiter(host: string, clock: Clock): RateLimiter {
    const rateLimiter = this.#rateLimiters.get(host) ?? new RateLimiter(REQUESTS_PER_SECOND, clock);
    this.#rateLimiters.set(host, rateLimiter);
    return rateLimiter;
  }
}

/**
 * True where both keep their tokens in one place. A store that other processes share ends with its connection: one that
 * is deployed again brings another of that name, and must not get the session of the one before, which closes yet or is
 * borrowed still.
 */
function isKeptAlike({ storeName, store }: SessionSettings, shared: Shared): boolean {
  return storeName === shared.storeName && (storeName === undefined || store === shared.store);
}

function accountIn({ credentials, apiUrl, network }: SessionSettings): string {
  if (credentials.kind === 'account') return nameOf(JSON.stringify([credentials, apiUrl, network.tls]));
  const { kind, accessToken, refreshToken } = credentials;
  return nameOf(JSON.stringify([{ kind, accessToken, refreshToken }, apiUrl, network.tls]));
}
