import type { Node, NodeAPI } from 'node-red';

/**
 * Waits until all nodes of a deploy are there: before, what a node sends may find nobody, and no Catch or Status node
 * hears it. One listener on Node-RED's events serves any number of nodes.
 */
export class FlowStart {
  readonly #waiting = new Map<object, () => void>();

  constructor(private readonly events: NodeAPI['events']) {}

  /** Calls `run` once the flows run, unless `node` is closed before. */
  whenDone(node: Node, run: () => void): void {
    this.#wait(node, run);
    node.on('close', () => this.#forget(node));
  }

  /** Calls `run` once the flows run again, whatever is closed before. */
  whenDoneAgain(run: () => void): void {
    this.#wait({}, run);
  }

  #wait(key: object, run: () => void): void {
    if (this.#waiting.size === 0) this.events.once('flows:started', this.#started);
    this.#waiting.set(key, run);
  }

  readonly #started = (): void => {
    const runs = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const run of runs) run();
  };

  #forget(node: Node): void {
    if (this.#waiting.delete(node) && this.#waiting.size === 0) this.events.off('flows:started', this.#started);
  }
}
