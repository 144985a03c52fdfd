import type { Node } from 'node-red';

/**
 * Which node stands for an id. A deploy closes a node and makes it again; what the old one sends or reports afterwards
 * would reach nobody, so it goes through the new one.
 */
export class Successors {
  readonly #standing = new Map<string, Node>();
  readonly #waiting = new Map<string, ((successor: Node) => void)[]>();

  /** From now on `node` stands for its id: its flow runs. */
  enter(node: Node): void {
    this.#standing.set(node.id, node);
    const waiting = this.#waiting.get(node.id) ?? [];
    this.#waiting.delete(node.id);
    for (const act of waiting) act(node);
  }

  /** `node` is closed, permanently or for a successor. */
  leave(node: Node, isRemoved: boolean): void {
    const { id } = node;
    if (this.#standing.get(id) === node) this.#standing.delete(id);
    if (isRemoved) this.#waiting.delete(id);
    const error = node.error.bind(node);
    Object.assign(node, {
      send: (...args: Parameters<Node['send']>) => {
        if (!isRemoved) this.#through(id, (successor) => successor.send(...args));
      },
      error: (thing: unknown, msg: Parameters<Node['error']>[1]) => {
        // Without the message it goes into the log: no Catch node is left to receive it.
        if (isRemoved) error(thing);
        else this.#through(id, (successor) => successor.error(thing, msg));
      },
    });
  }

  #through(id: string, act: (successor: Node) => void): void {
    const successor = this.#standing.get(id);
    if (successor) {
      act(successor);
      return;
    }
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.set(id, waiting);
    waiting.push(act);
  }
}
