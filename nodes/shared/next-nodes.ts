/** Finds the node that has an id now, as `RED.nodes.getNode` does. */
type GetNode = (id: string) => unknown;

/**
 * Notes which nodes the wires of a listener lead to as it sends. Node-RED passes a message on in the next turn of the event
 * loop, and a deploy that closes the next node before drops it silently. The result says, one turn later, whether all of
 * them have got it: those that are still there, and those that a deploy is still closing. A wire to a node that did not
 * exist, as one that is disabled, leads nowhere.
 */
export function captureNextNodes(getNode: GetNode, wires: readonly string[]): () => boolean {
  const [id] = wires;
  if (id !== undefined && wires.length === 1) {
    // This runs for each event, and mostly there is one wire.
    const node = getNode(id);
    return () => isThere(getNode, id, node);
  }
  const captured = wires.map((wire) => ({ id: wire, node: getNode(wire) }));
  return () => captured.every((one) => isThere(getNode, one.id, one.node));
}

/** True for a node that is still there, or has not closed yet, and for none. */
function isThere(getNode: GetNode, id: string, node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return true;
  return getNode(id) === node || hasInputHandler(node);
}

/** Node-RED keeps the handlers of `input` in these properties. A node that closes asynchronously has them until it is closed. */
function hasInputHandler(node: object): boolean {
  return ['_inputCallback', '_inputCallbacks'].some((name) => Boolean(Reflect.get(node, name)));
}

/**
 * The ids that the wires of a running node lead to: a deploy may rewire it without recreating it, and in a subflow they
 * are not those that were saved.
 * @param output only those of this output @default all
 */
export function wiresOf(node: object, output?: number): string[] {
  const wires: unknown = 'wires' in node ? node.wires : [];
  const outputs: unknown[] = Array.isArray(wires) ? wires : [];
  const ids: string[] = [];
  for (const [index, chosen] of outputs.entries()) {
    if ((output !== undefined && output !== index) || !Array.isArray(chosen)) continue;
    for (const id of chosen) if (typeof id === 'string') ids.push(id);
  }
  return ids;
}
