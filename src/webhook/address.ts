import type { Line } from '../api/lines';

/** Where the callbacks of a line come in: `<base>/<secret>/<licenseId>/<messengerType>`. */
export function addressOf(base: string, secret: string, { licenseId, messengerType }: Line): string {
  return `${withoutSlash(base)}/${secret}/${licenseId}/${messengerType}`;
}

/**
 * True for an address of this connection: one below its base, whatever the secret, since an earlier one may have been
 * lost; and one with its secret, whatever the base, since that may have changed.
 */
export function isOurs(url: string, base: string, secret: string): boolean {
  return url.startsWith(`${withoutSlash(base)}/`) || url.includes(`/${secret}/`);
}

/** Whose address it is, as far as it may be shown: the host, without path, name and password. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host || UNKNOWN : UNKNOWN;
}

const UNKNOWN = '?';

function withoutSlash(base: string): string {
  return base.replace(/\/+$/, '');
}
