import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { ChatAppError } from '../../src/errors';
import { errorText } from './error-text';

/**
 * Hands an error to the Catch nodes around `node`, or to the log where there are none. Catch nodes get its code and
 * its text, in the language that Node-RED runs in; the stack stays behind, since it tells of this machine, not of the
 * failure.
 * @param msg what the error is about: Catch nodes get it, with the error in it @default an empty message
 */
export function report(
  RED: Pick<NodeAPI, '_'>,
  node: Pick<Node, 'error'>,
  error: ChatAppError,
  msg: NodeMessage = {},
): void {
  const message = textOf(RED, error);
  node.error({ code: error.code, message, toString: () => message }, msg);
}

interface Failure extends Error {
  readonly code?: string;
  toString(): string;
}

/** What a node gives to `done` for a message that failed: a Catch node gets it as `msg.error`, the reason as its cause. */
export function failure(RED: Pick<NodeAPI, '_'>, error: unknown): Failure {
  if (error instanceof ChatAppError) {
    const { code, reason, params } = error;
    const message = textOf(RED, error);
    return { name: code, code, message, cause: { reason, ...answerIn(params) }, toString: () => message };
  }
  // Its message might hold anything, so its kind must do.
  const message = `That should not have happened: ${error instanceof Error ? error.name : 'unknown'}`;
  return { name: 'Error', message, toString: () => message };
}

/**
 * Runs `act`, in which Node-RED may throw, as its hooks and other nodes do. That must not change what a message is reported
 * as. Never throws.
 */
export function attempt(RED: Pick<NodeAPI, '_'>, node: Pick<Node, 'error'>, act: () => void): void {
  try {
    act();
  } catch (error) {
    // Without the message, so that no Catch node gets it: a flow might send it again.
    node.error(failure(RED, error));
  }
}

/** Ends the work on a message with an error. Never throws. */
export function endWithError(
  RED: Pick<NodeAPI, '_'>,
  node: Pick<Node, 'error'>,
  done: (error: Error) => void,
  error: unknown,
): void {
  try {
    done(failure(RED, error));
  } catch {
    // Node-RED cannot copy a message whose getter throws: Catch nodes get the error without it.
    node.error(failure(RED, error), {});
  }
}

/** How ChatApp answered: the HTTP status, and its own code and words. */
function answerIn({ status, apiCode, words }: ChatAppError['params']): object {
  const code = typeof apiCode === 'string' ? apiCode.replace(/^ \(|\)$/g, '') : '';
  return {
    ...(typeof status === 'number' && { status }),
    ...(code !== '' && { apiCode: code }),
    ...(typeof words === 'string' && words !== '' && { words }),
  };
}

function textOf(RED: Pick<NodeAPI, '_'>, error: ChatAppError): string {
  return errorText((key, options) => RED._(key, options), error) ?? error.message;
}
