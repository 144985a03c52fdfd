import type { Node, NodeAPI } from 'node-red';
import type { Stop } from '../../src/inbox/listener';
import { Deploys } from './deploys';
import { nodesInFlows } from './in-flows';

type Runtime = Pick<NodeAPI, 'nodes' | 'events'>;

interface Subscriber {
  readonly connectionId: string;
  readonly stop: Stop;
  /** `disabled`: its node is in the flows, but does not run. */
  state: 'present' | 'away' | 'disabled';
}

/**
 * The listeners of a Node-RED by the id of their node. A deploy closes nodes and creates them again: what comes in between is
 * kept for the node that has the id then.
 */
export class ListenerRegistry {
  static readonly #known = new WeakMap<NodeAPI['events'], ListenerRegistry>();
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #deploys: Deploys;

  private constructor(private readonly RED: Runtime) {
    this.#deploys = Deploys.of(RED.events);
  }

  /** The one of a Node-RED. */
  static of(RED: Runtime): ListenerRegistry {
    const known = ListenerRegistry.#known.get(RED.events) ?? new ListenerRegistry(RED);
    ListenerRegistry.#known.set(RED.events, known);
    return known;
  }

  /**
   * Lets `node` listen between deploys until it is closed.
   * @param listen called whenever a deploy is over; undefined if the node cannot listen as it is
   */
  add(node: Node, connectionId: string, listen: () => Stop | undefined): void {
    const { id } = node;
    const leave = this.#deploys.join({
      onAway: () => this.#goAway(id),
      onPresent: () => {
        const stop = listen();
        if (stop) this.#replace(id, { connectionId, stop, state: 'present' });
      },
    });
    node.on('close', (isRemoved: boolean, done: () => void) => {
      leave();
      this.#goAway(id);
      // Node-RED calls a disabled node removed too, and of a removed subflow it does not say so to the nodes in it.
      if (isRemoved && !this.#isInFlows(id)) this.#forget(id);
      else this.#deploys.onNextStart(() => this.#endIfGone(id));
      done();
    });
  }

  #replace(id: string, subscriber: Subscriber): void {
    const before = this.#subscribers.get(id);
    this.#subscribers.set(id, subscriber);
    // Nobody comes back to the other connection.
    if (before && before.connectionId !== subscriber.connectionId) before.stop('removed');
  }

  #goAway(id: string): void {
    const subscriber = this.#subscribers.get(id);
    if (subscriber?.state !== 'present') return;
    subscriber.state = 'away';
    subscriber.stop('restarting');
  }

  #endIfGone(id: string): void {
    const node: unknown = this.RED.nodes.getNode(id);
    const subscriber = this.#subscribers.get(id);
    if (node || !subscriber) return;
    if (!this.#isInFlows(id)) return this.#forget(id);
    // A disabled node may be enabled again, or deleted: until then, what waits for it is kept.
    if (subscriber.state !== 'disabled') subscriber.stop('disabled');
    subscriber.state = 'disabled';
    this.#deploys.onNextStart(() => this.#endIfGone(id));
  }

  #forget(id: string): void {
    this.#subscribers.get(id)?.stop('removed');
    this.#subscribers.delete(id);
  }

  #isInFlows(id: string): boolean {
    return nodesInFlows(this.RED.nodes)(id);
  }
}
