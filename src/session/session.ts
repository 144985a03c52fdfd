import { ApiError } from '../api/api-error';
import type { ApiClient } from '../api/client';
import { makeTokens, readAccountId, refreshTokens, type TokenPair } from '../api/tokens';
import { shownTime, type Clock } from '../clock';
import { failureOf } from '../error-log';
import { ChatAppError } from '../errors';
import type { LoginHealth } from '../health';
import type { Log } from '../log';
import { accountIdIn, type Credentials } from './credentials';
import type { TokenStore } from './token-store';

import { Refusal } from './refusal';
import { TokenCheck } from './token-check';

/** How long a refusal holds before ChatApp is asked again, in ms. */
const REFUSAL_DURATION = 5 * 60_000;
const QUOTA_WAIT = 15 * 60_000;
/** The shortest wait between logins, in ms: without it, each request that needs a token would log in. */
const MIN_QUOTA_WAIT = 60_000;

/** Holds the token pair of one connection and renews it when ChatApp says that it is dead, never by timer. */
export class Session {
  #pair: TokenPair | undefined;
  /** The access tokens before it. */
  readonly #past = new Set<string>();
  /** The access token that came from another who shares the stored tokens. */
  #adopted: string | undefined;
  #loading: Promise<void> | undefined;
  #renewal: Promise<TokenPair> | undefined;
  readonly #refusal: Refusal;
  readonly #tokenCheck: TokenCheck;
  #accountId: string | undefined;
  /** The access token with which ChatApp has answered or is asked for the account's id. */
  #identifiedBy: string | undefined;
  #identifying: Promise<void> | undefined;
  /** When ChatApp issued the present token in this run, in ms (monotonic). */
  #issuedAt: number | undefined;
  readonly #observers = new Set<() => void>();

  constructor(
    private readonly credentials: Credentials,
    private readonly api: ApiClient,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly store?: TokenStore,
    /** The account's refusal of logins, which all its sessions share. */
    private readonly quota = new Refusal(clock),
  ) {
    this.#refusal = new Refusal(clock);
    this.#tokenCheck = new TokenCheck(api, clock);
    this.#pair = credentials.kind === 'token' ? credentials : undefined;
    this.#accountId = accountIdIn(credentials);
  }

  /** The id of the account at ChatApp, as far as it is known without a request. */
  get accountId(): string | undefined {
    return this.#accountId;
  }

  /** Calls `onRenewed` whenever ChatApp has issued a token, until the result is called. */
  observe(onRenewed: () => void): () => void {
    this.#observers.add(onRenewed);
    return () => this.#observers.delete(onRenewed);
  }

  get health(): LoginHealth {
    const { kind: method } = this.credentials;
    const { current } = this.#refusal;
    const now = this.clock.monotonic();
    const validUntil = this.#pair?.accessTokenEnd;
    const issuedAt = this.#issuedAt;
    return {
      method,
      state: current ? 'failed' : this.#loading ? 'ok' : 'unused',
      ...(this.#accountId !== undefined && { accountId: this.#accountId }),
      ...(issuedAt !== undefined && { renewedAt: shownTime(this.clock, issuedAt - now) }),
      ...(validUntil !== undefined && { validUntil }),
      ...(current && {
        failure: failureOf(current.error),
        nextTry: shownTime(this.clock, current.until - now),
      }),
    };
  }

  /**
   * The id of the account; if it is not known, ChatApp is asked, until it answers, once per token. A failure only means
   * `undefined`.
   */
  async findAccountId(): Promise<string | undefined> {
    if (this.#accountId !== undefined) return this.#accountId;
    this.#identifying ??= this.authorised((token) => this.#identify(token))
      .catch(() => undefined)
      .finally(() => (this.#identifying = undefined));
    await this.#identifying;
    return this.#accountId;
  }

  /** Lets ChatApp be asked again at once, since someone may have acted: but nobody can act where the quota is spent. */
  forgetRefusal(): void {
    if (this.#refusal.current?.error.code !== 'TOKEN_QUOTA') this.#refusal.forget();
  }

  /**
   * Runs `ask` with the access token. If that token is dead, it is renewed once and `ask` repeated. If ChatApp refuses
   * the request without saying whether the token is dead, it is asked that.
   * @throws ChatAppError `TOKEN_INVALID`, `LOGIN_REFUSED` or `TOKEN_QUOTA`: someone has to act;
   *   ApiError from `ask` or from the renewal otherwise
   */
  async authorised<T>(ask: (accessToken: string) => Promise<T>): Promise<T> {
    this.#applyRefusal();
    let { accessToken } = await this.#current();
    for (let renewals = 0; ; renewals += 1) {
      try {
        return await ask(accessToken);
      } catch (error) {
        if (!(await this.#isTokenDead(accessToken, error))) throw error;
        // One that another has got may have died since. Nothing helps against one that was issued just now.
        if (renewals > 0 && accessToken !== this.#adopted) {
          const reason = this.credentials.kind === 'account' ? 'account' : 'refresh';
          throw this.#refuse(ChatAppError.of('TOKEN_INVALID', reason), REFUSAL_DURATION);
        }
      }
      ({ accessToken } = await this.#renew(accessToken));
    }
  }

  /** True if `error` came because the access token of its request is dead. */
  async #isTokenDead(accessToken: string, error: unknown): Promise<boolean> {
    if (!(error instanceof ApiError)) return false;
    if (error.invalidToken || !error.mayMeanDeadToken) return error.invalidToken;
    // If it was renewed meanwhile, the request is repeated with the new token.
    return this.#pair?.accessToken !== accessToken || this.#tokenCheck.isDead(accessToken);
  }

  async #identify(token: string): Promise<void> {
    // A login or a renewal may have reported it.
    if (this.#accountId !== undefined || this.#identifiedBy === token) return;
    this.#identifiedBy = token;
    try {
      const id = await readAccountId(this.api, token);
      this.#accountId ??= id;
    } catch (error) {
      // Only an answer is final.
      if (!(error instanceof ApiError) || error.passing) this.#identifiedBy = undefined;
      throw error;
    }
  }

  /** The pair in force: the one of an earlier run, the pasted one, or a new one where it is known to have ended. */
  async #current(): Promise<TokenPair> {
    this.#loading ??= this.#load();
    await this.#loading;
    const pair = this.#pair;
    return pair && !this.#hasEnded(pair) ? pair : this.#renew(pair?.accessToken);
  }

  async #load(): Promise<void> {
    const stored = await this.store?.load();
    this.#pair = stored ?? this.#pair;
    this.#accountId = stored?.accountId ?? this.#accountId;
  }

  /** A pair other than the one with the `dead` token. However many ask at once, ChatApp is asked once. */
  #renew(dead: string | undefined): Promise<TokenPair> {
    if (this.#pair && this.#pair.accessToken !== dead) return Promise.resolve(this.#pair);
    // The token may have been found dead long before this answer: what came of it then stands.
    this.#applyRefusal();
    this.#renewal ??= this.#fetchPair().finally(() => (this.#renewal = undefined));
    return this.#renewal;
  }

  /** Those who share the stored tokens renew them one at a time, and only what no other has renewed meanwhile. */
  #fetchPair(): Promise<TokenPair> {
    const { store } = this;
    if (!store?.areShared) return this.#issuedPair();
    return store.exclusively(async () => {
      const other = await store.load();
      if (!other || other.accessToken === this.#pair?.accessToken || this.#past.has(other.accessToken)) {
        return this.#issuedPair();
      }
      this.#adopted = other.accessToken;
      this.#use(other);
      return this.#hasEnded(other) ? this.#issuedPair() : other;
    });
  }

  async #issuedPair(): Promise<TokenPair> {
    const { accessTokenEnd, ...issued } = (await this.#refreshed()) ?? (await this.#loggedIn());
    // One that was issued just now has not ended, whatever the answer says: or each request would cost a login.
    const isUsable = accessTokenEnd !== undefined && !this.#hasEnded({ ...issued, accessTokenEnd });
    const pair = isUsable ? { ...issued, accessTokenEnd } : issued;
    this.log.info('ChatApp issued a new access token');
    this.#issuedAt = this.clock.monotonic();
    for (const onRenewed of this.#observers) onRenewed();
    // Stored before it is used: a crash must not cost a login.
    await this.store?.save(pair);
    this.#use(pair);
    return pair;
  }

  #use(pair: TokenPair): void {
    if (this.#pair) this.#past.add(this.#pair.accessToken);
    this.#pair = pair;
    this.#accountId = pair.accountId ?? this.#accountId;
  }

  /** By ChatApp's clock: where ours is days ahead, every new token would seem to have ended. */
  #hasEnded({ accessTokenEnd }: TokenPair): boolean {
    return accessTokenEnd !== undefined && accessTokenEnd <= this.api.time * 1_000;
  }

  /** The pair for the refresh token; `undefined` where there is none, or it is dead. */
  async #refreshed(): Promise<TokenPair | undefined> {
    const refreshToken = this.#pair?.refreshToken;
    if (refreshToken === undefined) return undefined;
    try {
      // An answer without a refresh token leaves the old one in force.
      return { refreshToken, ...(await refreshTokens(this.api, refreshToken)) };
    } catch (error) {
      if (error instanceof ApiError && !error.passing && error.status !== undefined) return undefined;
      throw error;
    }
  }

  async #loggedIn(): Promise<TokenPair> {
    if (this.credentials.kind === 'token') {
      const reason = this.credentials.refreshToken === undefined ? 'pasted' : 'refresh';
      throw this.#refuse(ChatAppError.of('TOKEN_INVALID', reason), REFUSAL_DURATION);
    }
    // Another session of the account may have used up the quota; only a login counts in it.
    const spent = this.quota.current;
    if (spent) throw this.#refuse(spent.error, spent.until - this.clock.monotonic());
    try {
      return await makeTokens(this.api, this.credentials);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === undefined) throw error;
      if (error.status === 429) {
        throw this.#overQuota(Math.max(error.retryAfter ?? QUOTA_WAIT, MIN_QUOTA_WAIT));
      }
      throw error.passing ? error : this.#refuse(ChatAppError.of('LOGIN_REFUSED', 'credentials'), REFUSAL_DURATION);
    }
  }

  #overQuota(wait: number): ChatAppError {
    const nextTry = new Date(shownTime(this.clock, wait)).toISOString();
    return this.#refuse(this.quota.remember(ChatAppError.of('TOKEN_QUOTA', 'tokens', { nextTry }), wait), wait);
  }

  #refuse(error: ChatAppError, duration: number): ChatAppError {
    return this.#refusal.remember(error, duration);
  }

  #applyRefusal(): void {
    if (this.#refusal.current) throw this.#refusal.current.error;
  }
}
