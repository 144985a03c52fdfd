import type { Failure, Outcome } from '../../src';

/** A listener, as far as its attempts can be settled. */
export interface Acknowledger {
  /** With `sent` nothing waits for an outcome, unless it was `done` before the last deploy. */
  readonly ack: 'sent' | 'done';
  /**
   * Settles an attempt by its delivery token; false if nobody waits for it any more.
   * @param failure of `failed` and `giveUp`
   */
  acknowledge(deliveryToken: string, outcome: Outcome, failure?: Failure): boolean;
}

export function isAcknowledger(node: unknown): node is Acknowledger {
  return typeof node === 'object' && node !== null && 'acknowledge' in node && typeof node.acknowledge === 'function';
}
