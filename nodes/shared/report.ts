import type { Node, NodeAPI } from 'node-red';
import type { ChatAppError } from '../../src/errors';

/** The errors of all nodes have their texts in one catalogue. */
const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-connection:';

/**
 * Hands an error to the Catch nodes around `node`, or to the log where there are none. Catch nodes get its code and
 * its text, in the language that Node-RED runs in; the stack stays behind, since it tells of this machine, not of the
 * trouble.
 */
export function report(RED: Pick<NodeAPI, '_'>, node: Node, error: ChatAppError): void {
  const message = textOf(RED, error);
  node.error({ code: error.code, message, toString: () => message }, {});
}

/** The catalogue's text for the error, or the error's own where the catalogue has none. */
function textOf(RED: Pick<NodeAPI, '_'>, { code, reason, params, message }: ChatAppError): string {
  const key = `error.${code}.${reason}`;
  // As texts: a number named `count` would make Node-RED look for a plural form.
  const places = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]));
  const text = RED._(`${TEXTS}${key}`, places);
  return text.endsWith(key) ? message : text;
}
