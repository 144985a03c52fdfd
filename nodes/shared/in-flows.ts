import type { NodeAPI } from 'node-red';

/**
 * Tells which nodes are in the flows, disabled or not. A node in a subflow has the id of its instance before its own
 * (`<instance>-<id>`), and is in the flows as long as both are.
 */
export function nodesInFlows({ eachNode }: Pick<NodeAPI['nodes'], 'eachNode'>): (id: string) => boolean {
  const ids = new Set<string>();
  eachNode(({ id }) => void ids.add(id));
  const isInFlows = (id: string): boolean => ids.has(id) || [...ids].some((inner) => isInInstance(id, inner));
  const isInInstance = (id: string, inner: string): boolean =>
    id.endsWith(`-${inner}`) && isInFlows(id.slice(0, -inner.length - 1));
  return isInFlows;
}
