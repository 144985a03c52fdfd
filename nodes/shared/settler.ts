import type { Connection } from '../../src/connection';

/** A listener, as far as its tries can be settled. */
export interface Settler {
  /** Settles a try by its ticket, as the connection does; false where nobody waits for it any more. */
  settle: Connection['settle'];
}

export function isSettler(node: unknown): node is Settler {
  return typeof node === 'object' && node !== null && 'settle' in node && typeof node.settle === 'function';
}
