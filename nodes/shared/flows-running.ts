import type { Node, NodeAPI } from 'node-red';

/**
 * Calls `run` once all nodes of the flows are there, unless the node is closed before: until then what a node sends
 * may find nobody, and no Catch or Status node hears it.
 */
export function whenFlowsRun(RED: Pick<NodeAPI, 'events'>, node: Node, run: () => void): void {
  RED.events.once('flows:started', run);
  node.on('close', () => void RED.events.off('flows:started', run));
}
