import { RequestBudget } from '../api/budget';
import { ApiClient, REQUESTS_PER_SECOND } from '../api/client';
import { createNetwork, type NetworkSettings } from '../api/network';
import type { Clock } from '../clock';
import type { Log } from '../log';
import type { Store } from '../store';
import type { Credentials } from './credentials';
import { KeptTokens } from './kept-tokens';
import { Refusal } from './refusal';
import { Session } from './session';
import { nameOf } from './strongbox';

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
  readonly session: Session;
  readonly api: ApiClient;
  readonly end: () => Promise<void>;
  users: number;
}

/**
 * The sessions of a process: connections with the same account share one, so that there is one login and one renewal;
 * all that ask the same host share its request budget.
 */
export class Sessions {
  readonly #shared = new Map<string, Shared>();
  readonly #budgets = new Map<string, RequestBudget>();
  /** They outlive the sessions: one that is opened for a moment must not ask what the one before was refused. */
  readonly #quotas = new Map<string, Refusal>();

  /** Throws TypeError where `apiUrl` is not a URL. */
  open(settings: SessionSettings): OpenSession {
    const { credentials, apiUrl, network, storeName } = settings;
    const name = nameOf(JSON.stringify([credentials, apiUrl, network.tls, storeName]));
    const shared = this.#shared.get(name) ?? this.#create(settings);
    this.#shared.set(name, shared);
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
        this.#shared.delete(name);
        await shared.end();
      },
    };
  }

  #create({ credentials, apiUrl, network: networkSettings, store, clock, log }: SessionSettings): Shared {
    const network = createNetwork(networkSettings);
    const api = new ApiClient({ apiUrl, network, clock, log, budget: this.#budget(new URL(apiUrl).host, clock) });
    const kept = store && new KeptTokens(credentials, apiUrl, store, log);
    const end = async (): Promise<void> => {
      api.close();
      await network.close();
    };
    const quota = this.#quota(credentials, apiUrl, clock);
    return { session: new Session(credentials, api, clock, log, kept, quota), api, end, users: 0 };
  }

  #quota(credentials: Credentials, apiUrl: string, clock: Clock): Refusal | undefined {
    if (credentials.kind === 'token') return undefined;
    const account = JSON.stringify([apiUrl, credentials.email, credentials.appId]);
    const quota = this.#quotas.get(account) ?? new Refusal(clock);
    this.#quotas.set(account, quota);
    return quota;
  }

  #budget(host: string, clock: Clock): RequestBudget {
    const budget = this.#budgets.get(host) ?? new RequestBudget(REQUESTS_PER_SECOND, clock);
    this.#budgets.set(host, budget);
    return budget;
  }
}
