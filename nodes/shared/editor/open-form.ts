import { element, valueOf } from './fields';

/** How the ids of a form's fields begin: of a node's, and of a configuration node's. */
export type Prefix = 'node-input' | 'node-config-input';

/** Marks the open form as that of the node `id`: validators run for all nodes, and look whose form it is. */
export function claimForm(prefix: Prefix, id: string): void {
  element(`${prefix}-name`).dataset.node = id;
}

/** Whether the open form is that of `node`. */
export function ownsForm(prefix: Prefix, node: unknown): boolean {
  const owner = document.getElementById(`${prefix}-name`)?.dataset.node;
  return isObject(node) && 'id' in node && owner !== undefined && owner === node.id;
}

/** A setting of `node`: as it stands in the open form, if that is its own, else as it was saved. */
export function settingOf(prefix: Prefix, node: unknown, name: string): unknown {
  if (ownsForm(prefix, node)) return valueOf(`${prefix}-${name}`);
  return isObject(node) ? new Map<string, unknown>(Object.entries(node)).get(name) : undefined;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
