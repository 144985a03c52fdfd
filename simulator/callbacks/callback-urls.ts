import type { CallbackUrl } from './contract';

/** Which webhook address each messenger has. */
export class CallbackUrls {
  readonly #kept = new Map<string, CallbackUrl>();

  get list(): CallbackUrl[] {
    return [...this.#kept.values()];
  }

  of(licenseId: string, messengerType: string): CallbackUrl | undefined {
    return this.#kept.get(`${licenseId} ${messengerType}`);
  }

  /** In place of what the messenger had before. */
  set(callbackUrl: CallbackUrl): void {
    this.#kept.set(`${callbackUrl.licenseId} ${callbackUrl.messengerType}`, callbackUrl);
  }

  /** Returns whether there was one. */
  remove(licenseId: string, messengerType: string): boolean {
    return this.#kept.delete(`${licenseId} ${messengerType}`);
  }
}

/** Nothing leaves the machine: no other address is ever called. */
export function isOnThisMachine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  return /^https?:$/.test(protocol) && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
