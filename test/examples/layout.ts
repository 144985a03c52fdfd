import type { FlowNode } from '../../scripts/example-flows';

/** Where a node is on the canvas, in pixels. */
export interface Box {
  readonly id: string;
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const GRID = 20;
/** A letter of a label is about as wide; the editor's own measure depends on its font. */
const LETTER = 6.5;
/** What the editor adds to a label: icon and edges. */
const EDGES = 50;

/** About the place that the editor gives to a node: it stores the middle and finds the size again each time. */
export function boxOf(node: FlowNode): Box {
  const label = [node.dname, node.name].filter((text) => typeof text === 'string').find(Boolean) ?? node.type;
  // Link nodes hide their label by default; other nodes show it.
  const labelled = typeof node.l === 'boolean' ? node.l : !node.type.startsWith('link ');
  const width = !labelled ? 30 : Math.max(100, GRID * Math.ceil((label.length * LETTER + EDGES) / GRID));
  const outputs = Array.isArray(node.wires) ? node.wires.length : 0;
  const height = Math.max(30, outputs * 15);
  const [x, y] = [Number(node.x), Number(node.y)];
  return {
    id: node.id,
    name: `${node.type} "${label}"`,
    left: x - width / 2,
    right: x + width / 2,
    top: y - height / 2,
    bottom: y + height / 2,
  };
}

export function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
