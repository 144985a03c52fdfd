import type { Account } from '../api/tokens';

/** Who we are to ChatApp: a pasted token, or an account that can log in by itself. */
export type Credentials =
  | { readonly kind: 'token'; readonly accessToken: string; readonly refreshToken?: string }
  | ({ readonly kind: 'account' } & Account);
