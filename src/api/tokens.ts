import { isRecord } from '../events/json';
import { isHeaderText } from '../pasted-text';
import { ApiError } from './api-error';
import type { ApiClient } from './client';
import { idOf } from './entry';

/** What lets a connection ask ChatApp: lives about 24 h (access) and 14 days (refresh). */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** When each ends, in ms since the epoch, where ChatApp has said so. */
  readonly accessTokenEnd?: number;
  readonly refreshTokenEnd?: number;
  /** The id of the account that the tokens belong to, if ChatApp has reported it. */
  readonly accountId?: string;
}

export interface Account {
  readonly email: string;
  readonly password: string;
  /** As `app_<cabinet user id>_<number>`. */
  readonly appId: string;
}

const MAKE = '/v1/tokens';
const REFRESH = '/v1/tokens/refresh';
const CHECK = '/v1/tokens/check';
const ME = '/v1/me';

/** Logs in. Each call counts in the quota of 100 tokens a day. Throws ApiError. */
export async function makeTokens(api: ApiClient, account: Account): Promise<TokenPair> {
  const { email, password, appId } = account;
  return readPair(MAKE, await api.request({ method: 'POST', path: MAKE, json: { email, password, appId } }));
}

/** Trades a refresh token for a new pair; ChatApp wants it in a header and no body. Throws ApiError. */
export async function refreshTokens(api: ApiClient, refreshToken: string): Promise<TokenPair> {
  return readPair(REFRESH, await api.request({ method: 'POST', path: REFRESH, headers: { Refresh: refreshToken } }));
}

/** Resolves where ChatApp takes the access token. Throws ApiError. */
export async function checkToken(api: ApiClient, token: string): Promise<void> {
  const body = await api.read({ path: CHECK, token });
  if (!isRecord(body) || (body.success !== true && !isRecord(body.data))) throw ApiError.unreadable(CHECK, 200);
}

/**
 * The id of the account that the token belongs to; `undefined` if the answer has none. Its shape is not documented.
 * Sends one request. Throws ApiError.
 */
export async function readAccountId(api: ApiClient, token: string): Promise<string | undefined> {
  const body = await api.request({ method: 'GET', path: ME, token });
  const data = isRecord(body) && isRecord(body.data) ? body.data : {};
  return idOf(data.cabinetUserId) ?? idOf(data.id);
}

function readPair(path: string, body: unknown): TokenPair {
  const data = isRecord(body) ? body.data : undefined;
  if (!isRecord(data) || typeof data.accessToken !== 'string' || !isHeaderText(data.accessToken)) {
    throw ApiError.unreadable(path, 200);
  }
  const { accessToken, refreshToken, accessTokenEndTime, refreshTokenEndTime } = data;
  const accountId = idOf(data.cabinetUserId);
  return {
    accessToken,
    ...(typeof refreshToken === 'string' && isHeaderText(refreshToken) && { refreshToken }),
    ...(typeof accessTokenEndTime === 'number' && { accessTokenEnd: accessTokenEndTime * 1_000 }),
    ...(typeof refreshTokenEndTime === 'number' && { refreshTokenEnd: refreshTokenEndTime * 1_000 }),
    ...(accountId !== undefined && { accountId }),
  };
}
