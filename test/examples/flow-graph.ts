import { entriesOf, type FlowNode } from '../../scripts/example-flows';

/** Nodes that no one has to understand in order to change a flow. */
const UNCOUNTED = ['comment', 'group', 'debug'];
/** Here a path may end. What an mqtt out node sends is acknowledged by a Complete node, or by a report that comes back. */
const ENDS = ['chatapp-done', 'mqtt out'];
/** In s: how long an http request node waits for an answer, if nothing else is set. */
export const REQUEST_SECONDS = 120;

/** The nodes on the canvas of a tab or a subflow. An instance of a subflow counts as one. */
export function countedNodes(nodes: readonly FlowNode[], canvas: string): FlowNode[] {
  return nodes.filter((node) => isDrawn(node) && node.z === canvas && !UNCOUNTED.includes(node.type));
}

/** Config nodes, tabs and definitions of subflows have no place on a canvas. */
export function isDrawn({ x, y }: FlowNode): boolean {
  return typeof x === 'number' && typeof y === 'number';
}

/** Listeners that wait for a done node. */
export function acknowledgedListeners(nodes: readonly FlowNode[]): FlowNode[] {
  return nodes.filter(({ type, ack }) => /^chatapp-(messenger|company|user|employee)$/.test(type) && ack === 'done');
}

/** The JSONata expressions of a flow, all of them: each in a property beside one that says `jsonata`. */
export function countJsonata(nodes: readonly FlowNode[]): number {
  return [...JSON.stringify(nodes).matchAll(/":"jsonata"/g)].length;
}

export class FlowGraph {
  readonly #byId: ReadonlyMap<string, FlowNode>;

  constructor(nodes: readonly FlowNode[]) {
    this.#byId = new Map(nodes.map((node) => [node.id, node]));
  }

  /** Where paths from a node end without a done node: an output that leads nowhere, or a switch that may match nothing. */
  looseEnds(from: FlowNode, seen = new Set<string>()): string[] {
    if (ENDS.includes(from.type) || seen.has(from.id)) return [];
    seen.add(from.id);
    const outputs = this.#outputs(from);
    const name = `${from.type} "${String(from.name)}"`;
    const ends = outputs.some((targets) => targets.length === 0) || outputs.length === 0 ? [name] : [];
    return [
      ...ends,
      ...(mayMatchNothing(from) ? [`${name} has no "otherwise"`] : []),
      ...outputs.flat().flatMap((target) => this.looseEnds(target, seen)),
    ];
  }

  /** The largest number of http request nodes on a path from a node. */
  requestsBehind(from: FlowNode, path: readonly string[] = []): number {
    if (path.includes(from.id)) return 0;
    const behind = this.#outputs(from)
      .flat()
      .map((target) => this.requestsBehind(target, [...path, from.id]));
    return Math.max(0, ...behind) + (from.type === 'http request' ? 1 : 0);
  }

  /** Whether a path leads from a node to one of this type. */
  reaches(from: FlowNode, type: string, seen = new Set<string>()): boolean {
    if (seen.has(from.id)) return false;
    seen.add(from.id);
    return this.#outputs(from)
      .flat()
      .some((target) => target.type === type || this.reaches(target, type, seen));
  }

  /** The targets of each output, also by way of link and Complete nodes; debug nodes only look on. */
  #outputs(from: FlowNode): FlowNode[][] {
    const wires = from.type === 'link out' ? [from.links] : [...entriesOf(from.wires), ...this.#onComplete(from)];
    return wires.map((targets) =>
      entriesOf(targets)
        .map((id) => this.#byId.get(String(id)))
        .filter((node) => node !== undefined)
        .filter(({ type }) => type !== 'debug'),
    );
  }

  /** A node without an output goes on in the Complete nodes that watch it. */
  #onComplete({ id, wires }: FlowNode): unknown[] {
    if (entriesOf(wires).length > 0) return [];
    const watching = [...this.#byId.values()].filter(
      ({ type, scope }) => type === 'complete' && entriesOf(scope).includes(id),
    );
    return watching.flatMap((node) => entriesOf(node.wires));
  }
}

function mayMatchNothing({ type, rules }: FlowNode): boolean {
  return type === 'switch' && !JSON.stringify(rules).includes('"t":"else"');
}
