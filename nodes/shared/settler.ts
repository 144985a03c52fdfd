/** A listener, as far as its attempts can be settled. */
export interface Settler {
  /** With `sent` nothing waits for an outcome, unless it was `done` before the last deploy. */
  readonly ack: 'sent' | 'done';
  /**
   * Settles an attempt by its delivery token; false if nobody waits for it any more.
   * @param retryAfter how long the next attempt has to wait at least, in ms
   */
  settle(deliveryToken: string, outcome: 'done' | 'failed', retryAfter?: number): boolean;
}

export function isSettler(node: unknown): node is Settler {
  return typeof node === 'object' && node !== null && 'settle' in node && typeof node.settle === 'function';
}
