import { randomBytes } from 'node:crypto';

interface TokenRules {
  /** In ms since the epoch. */
  readonly now: () => number;
  /** In ms. */
  readonly accessTokenLifetime: number;
  /** In ms. */
  readonly refreshTokenLifetime: number;
  /** Per 24 h. */
  readonly tokenQuota: number;
}

/** A pair as `POST /v1/tokens` prints it; times in s since the epoch. */
export interface TokenPair {
  readonly cabinetUserId: number;
  readonly accessToken: string;
  readonly accessTokenEndTime: number;
  readonly refreshToken: string;
  readonly refreshTokenEndTime: number;
}

const DAY = 24 * 60 * 60 * 1000;

/**
 * The tokens that were issued, and until when they are good.
 * A refresh token is good for one refresh. The access token beside it lives on to its own end.
 */
export class Tokens {
  readonly #rules: TokenRules;
  readonly #cabinetUserId: number;
  readonly #access = new Map<string, number>();
  readonly #refresh = new Map<string, number>();
  #made: number[] = [];

  constructor(cabinetUserId: number, rules: TokenRules) {
    this.#cabinetUserId = cabinetUserId;
    this.#rules = rules;
  }

  /** A new pair for a login, or undefined where the quota is used up. */
  make(): TokenPair | undefined {
    const now = this.#rules.now();
    this.#made = this.#made.filter((at) => now - at < DAY);
    if (this.#made.length >= this.#rules.tokenQuota) return undefined;
    this.#made.push(now);
    return this.issue();
  }

  /** A new pair for a refresh token, or undefined where that is dead. */
  refresh(refreshToken: string): TokenPair | undefined {
    if (!this.#isGood(this.#refresh, refreshToken)) return undefined;
    this.#refresh.delete(refreshToken);
    return this.issue();
  }

  /** A pair beyond the quota; the tokens may be given. */
  issue(accessToken = newToken(), refreshToken = newToken()): TokenPair {
    const accessEnd = this.#rules.now() + this.#rules.accessTokenLifetime;
    const refreshEnd = this.#rules.now() + this.#rules.refreshTokenLifetime;
    this.#access.set(accessToken, accessEnd);
    this.#refresh.set(refreshToken, refreshEnd);
    return {
      cabinetUserId: this.#cabinetUserId,
      accessToken,
      accessTokenEndTime: Math.floor(accessEnd / 1000),
      refreshToken,
      refreshTokenEndTime: Math.floor(refreshEnd / 1000),
    };
  }

  isAlive(accessToken: string | undefined): boolean {
    return this.#isGood(this.#access, accessToken);
  }

  /** When an access token ends, in s since the epoch. */
  endOf(accessToken: string): number {
    return Math.floor((this.#access.get(accessToken) ?? 0) / 1000);
  }

  expireAccess(): void {
    this.#access.clear();
  }

  expireRefresh(): void {
    this.#refresh.clear();
  }

  #isGood(tokens: ReadonlyMap<string, number>, token: string | undefined): boolean {
    return token !== undefined && this.#rules.now() < (tokens.get(token) ?? 0);
  }
}

function newToken(): string {
  return randomBytes(32).toString('hex');
}
