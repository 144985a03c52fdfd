import { ApiError } from '../../src/api/api-error';
import { ApiClient } from '../../src/api/client';
import type { Credentials } from '../../src/session/credentials';
import type { TokenStore } from '../../src/session/token-store';
import { Session } from '../../src/session/session';
import { FakeClock } from './fake-clock';
import { FakeNetwork, ok, refusal, type Outcome, type SentRequest } from './fake-network';

export const ACCOUNT = {
  kind: 'account',
  email: 'olga@example.com',
  password: 'correct horse',
  appId: 'app_7001_1',
} as const satisfies Credentials;

/** A stub of ChatApp's token API, and a session that uses it. Tokens are called `access-1`, `refresh-1`, `access-2` … */
export class TokenStub {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork((request) => this.#serve(request));
  readonly api = new ApiClient({ apiUrl: 'https://api.example.test', network: this.network, clock: this.clock });
  readonly log: string[] = [];
  readonly session: Session;
  /** The tokens with which `ask` was called, in order. */
  readonly asked: string[] = [];
  readonly dead = new Set<string>();
  /** What a login, or a refresh, brings in place of a pair. */
  login: Outcome | undefined;
  refresh: Outcome | undefined;
  /** The account's id in each new pair; absent: none. */
  cabinetUserId: number | string | undefined;
  /** What a question for the account brings. */
  me: Outcome = refusal(404, 'ApiNotFoundError');
  /** What a check brings instead of a yes or no. */
  check: Outcome | undefined;
  /** ChatApp's own time, in ms since the epoch, where it tells it and until when a token lives: a day. */
  time: number | undefined;
  #issued = 0;

  constructor(credentials: Credentials, kept?: TokenStore) {
    const write = (line: string): void => void this.log.push(line);
    const log = { debug: write, info: write, warn: write };
    this.session = new Session(credentials, this.api, this.clock, log, kept);
  }

  /** How often ChatApp was asked for tokens. */
  get visits(): number {
    return this.network.requests.length;
  }

  /** A request as the session runs it: refused where the token is dead. */
  readonly ask = async (token: string): Promise<string> => {
    this.asked.push(token);
    await Promise.resolve();
    if (this.dead.has(token)) throw invalidToken();
    return `answer to ${token}`;
  };

  #serve({ url, headers }: SentRequest): Outcome {
    if (url.pathname === '/v1/tokens') return this.login ?? this.#pair();
    if (url.pathname === '/v1/me') return this.#toLiving(headers.Authorization ?? '', this.me);
    if (url.pathname === '/v1/tokens/check') return this.check ?? this.#toLiving(headers.Authorization ?? '', ok({}));
    const token = headers.Refresh ?? '';
    if (this.dead.has(token)) return refusal(403, 'ApiInvalidTokenError');
    return this.refresh ?? this.#pair();
  }

  #toLiving(accessToken: string, outcome: Outcome): Outcome {
    return this.dead.has(accessToken) ? refusal(403, 'ApiInvalidTokenError') : outcome;
  }

  #pair(): Outcome {
    this.#issued += 1;
    const { cabinetUserId } = this;
    const tokens = { cabinetUserId, accessToken: `access-${this.#issued}`, refreshToken: `refresh-${this.#issued}` };
    if (this.time === undefined) return ok(tokens);
    const answer = ok({ ...tokens, accessTokenEndTime: this.time / 1_000 + 86_400 });
    return { ...answer, headers: { Date: new Date(this.time).toUTCString() } };
  }
}

/** How ChatApp calls a token dead. */
export function invalidToken(): ApiError {
  return ApiError.refused('/v1/licenses', { status: 403, body: { error: { code: 'ApiInvalidTokenError' } } });
}
