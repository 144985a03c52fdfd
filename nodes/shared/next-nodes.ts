/** Finds the node that has an id now, as `RED.nodes.getNode` does. */
type GetNode = (id: string) => unknown;

/**
 * Notes which nodes the wires of a listener lead to as it sends. Node-RED passes a message on in the next turn of the event
 * loop, and a deploy that closes the next node before drops it silently. The result says, one turn later, whether all of
 * them have got it: those that are still there, and those that a deploy is still closing. A wire to a node that did not
 * exist, as one that is disabled, leads nowhere.
 */
export function captureNextNodes(getNode: GetNode, wires: readonly string[]): () => boolean {
  const captured = wires.flatMap((id) => {
    const node = getNode(id);
    return typeof node === 'object' && node !== null ? [{ id, node }] : [];
  });
  return () => captured.every(({ id, node }) => getNode(id) === node || hasInputHandler(node));
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
  const chosen = output === undefined ? outputs : outputs.slice(output, output + 1);
  return chosen.flat().filter((id) => typeof id === 'string');
}
