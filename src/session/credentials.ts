import type { Account } from '../api/tokens';

/** Who we are to ChatApp: a pasted token, or an account that can log in by itself. */
export type Credentials =
  | { readonly kind: 'token'; readonly accessToken: string; readonly refreshToken?: string }
  | ({ readonly kind: 'account' } & Account);

/** What only the owner of the credentials knows. It changes with them, but for a refresh token. */
export function secretOf(credentials: Credentials): string {
  if (credentials.kind === 'token') return JSON.stringify([credentials.accessToken]);
  const { password, email, appId } = credentials;
  return JSON.stringify([password, email, appId]);
}

/** What stays the same of an account while its secrets change. A pasted token has nothing of that kind. */
export function accountOf(credentials: Credentials): readonly string[] {
  return credentials.kind === 'token' ? [] : [credentials.email, credentials.appId];
}
