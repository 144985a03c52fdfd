import { randomBytes } from 'node:crypto';
import { failure, success, type Answer } from './faults';
import { isRecord } from '../../../src/events/json';

export interface Account {
  readonly email: string;
  readonly password: string;
  readonly appId: string;
  readonly cabinetUserId: number;
}

interface Token {
  readonly account: Account;
  /** Unix seconds. */
  readonly endTime: number;
}

const DAY = 86_400;

/** Logins and tokens. An access token lasts a day, a refresh token two weeks, 100 pairs a day are issued. */
export class Accounts {
  readonly all: Account[] = [
    { email: 'shop@example.com', password: 'flowers', appId: 'app_14545_1', cabinetUserId: 14545 },
  ];
  /** Pairs that were issued for e-mail and password. */
  logins = 0;
  readonly #access = new Map<string, Token>();
  readonly #refresh = new Map<string, Token>();

  constructor(private readonly now: () => number) {}

  of(accessToken: string | undefined): Account | undefined {
    const token = this.#access.get(accessToken ?? '');
    return token && token.endTime > this.now() ? token.account : undefined;
  }

  make(body: unknown): Answer {
    if (!isRecord(body)) return failure(422, 'ApiValidationError');
    const fits = (account: Account): boolean =>
      account.email === body.email && account.password === body.password && account.appId === body.appId;
    const account = this.all.find(fits);
    if (!account) return failure(403, 'ApiInvalidCredentialsError');
    this.logins += 1;
    return this.logins > 100 ? failure(429, 'ApiTokensLimitError') : this.#issue(account);
  }

  refresh(refreshToken: string | undefined): Answer {
    const token = this.#refresh.get(refreshToken ?? '');
    if (!token || token.endTime <= this.now()) return failure(403, 'ApiInvalidTokenError', 'Invalid Token');
    this.#refresh.delete(refreshToken ?? '');
    return this.#issue(token.account);
  }

  check(accessToken: string | undefined): Answer {
    return this.of(accessToken) ? success({ accessToken }) : failure(403, 'ApiInvalidTokenError', 'Invalid Token');
  }

  /** All access tokens are dead from now on; with `all`, the refresh tokens too. */
  revoke(all?: 'all'): void {
    this.#access.clear();
    if (all) this.#refresh.clear();
  }

  #issue(account: Account): Answer {
    const [accessToken, refreshToken] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
    const accessTokenEndTime = this.now() + DAY;
    const refreshTokenEndTime = this.now() + 14 * DAY;
    this.#access.set(accessToken, { account, endTime: accessTokenEndTime });
    this.#refresh.set(refreshToken, { account, endTime: refreshTokenEndTime });
    const { cabinetUserId } = account;
    return success({ cabinetUserId, accessToken, accessTokenEndTime, refreshToken, refreshTokenEndTime });
  }
}
