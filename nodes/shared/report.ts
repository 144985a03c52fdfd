import type { Node } from 'node-red';
import type { ChatAppError } from '../../src/errors';

/**
 * Hands an error to the Catch nodes around `node`, or to the log where there are none. Catch nodes get its code and
 * its text; the stack stays behind, since it tells of this machine, not of the trouble.
 */
export function report(node: Node, { code, message }: ChatAppError): void {
  node.error({ code, message, toString: () => message }, {});
}
