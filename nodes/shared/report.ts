import type { Node, NodeAPI } from 'node-red';
import type { ChatAppError } from '../../src/errors';
import { errorText } from './error-text';

/**
 * Hands an error to the Catch nodes around `node`, or to the log where there are none. Catch nodes get its code and
 * its text, in the language that Node-RED runs in; the stack stays behind, since it tells of this machine, not of the
 * trouble.
 */
export function report(RED: Pick<NodeAPI, '_'>, node: Pick<Node, 'error'>, error: ChatAppError): void {
  const message = errorText((key, options) => RED._(key, options), error) ?? error.message;
  node.error({ code: error.code, message, toString: () => message }, {});
}
