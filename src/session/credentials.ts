import type { Account } from '../api/tokens';
import type { Store } from '../store';

/** Who we are to ChatApp: a pasted token, or an account that can log in by itself. */
export type Credentials =
  | {
      readonly kind: 'token';
      readonly accessToken: string;
      readonly refreshToken?: string;
      /** Tells the account. The tokens are the same with and without it. */
      readonly appId?: string;
    }
  | ({ readonly kind: 'account' } & Account);

/** What only the owner of the credentials knows. It changes with them, but for a refresh token. */
export function secretOf(credentials: Credentials): string {
  if (credentials.kind === 'token') return JSON.stringify([credentials.accessToken]);
  const { password, email, appId } = credentials;
  return JSON.stringify([password, email, appId]);
}

/** The account's id in an app id, which has the form `app_<id>_<number>`; `undefined` if there is none. */
export function accountIdIn(credentials: Credentials): string | undefined {
  return /^app_(\d{1,20})_/.exec(credentials.appId ?? '')?.[1];
}

/** How what these credentials lock in a store gets at the key of the store; `undefined` if it has none. */
export function storeKeyOf(store: Store, credentials: Credentials): (() => Promise<string>) | undefined {
  const { key } = store;
  return key && (() => key(secretOf(credentials)));
}
