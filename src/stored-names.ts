import type { Credentials } from './session/credentials';
import { tokensName } from './session/token-store';

/** Under which names a connection has something in its store. */
export function storedNames(id: string, credentials: Credentials, apiUrl: string): string[] {
  return [inboxNameOf(id), positionsNameOf(id), secretNameOf(id), tokensName(credentials, apiUrl)];
}

export function inboxNameOf(id: string): string {
  return `inbox-${encodeURIComponent(id)}`;
}

export function positionsNameOf(id: string): string {
  return `positions-${encodeURIComponent(id)}.json`;
}

export function secretNameOf(id: string): string {
  return `callback-secret-${encodeURIComponent(id)}.json`;
}
