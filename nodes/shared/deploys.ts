import type { NodeAPI } from 'node-red';
import { isRecord } from '../../src/events/json';

type Events = NodeAPI['events'];

/** What a node does at a deploy. */
export interface DeployMember {
  /** Flows are being stopped: nobody may be sent anything. */
  readonly onAway: () => void;
  /** All nodes of the flows run. */
  readonly onPresent: () => void;
}

/**
 * Knows when deploys run. From `flows:stopping` to `flows:started` all listeners are away, also those that the deploy does
 * not change, since it may change the nodes behind them.
 */
export class Deploys {
  static readonly #known = new WeakMap<Events, Deploys>();
  readonly #members = new Set<DeployMember>();
  #isRunning = false;
  #isEnding = false;
  /** The flows that run, or are about to. */
  #flows: unknown;

  private constructor(events: Events) {
    events.on('flows:starting', (event: unknown) => {
      this.#flows = flowsIn(event);
      this.#isEnding = false;
    });
    events.on('flows:stopping', (event: unknown) => {
      this.#isRunning = false;
      // For a deploy Node-RED takes the new flows first, and stops the old ones then. If the type of a node is missing, it
      // starts none of the new ones, but what was not changed still runs.
      this.#isEnding = flowsIn(event) === this.#flows;
      this.#flows = flowsIn(event);
      for (const { onAway } of [...this.#members]) onAway();
    });
    events.on('flows:started', () => {
      this.#isRunning = true;
      for (const { onPresent } of [...this.#members]) onPresent();
    });
  }

  /** The one of a Node-RED: however often nodes are loaded, its events are listened to once. */
  static of(events: Events): Deploys {
    const known = Deploys.#known.get(events) ?? new Deploys(events);
    Deploys.#known.set(events, known);
    return known;
  }

  /** False from the start of a deploy, or of Node-RED, until all nodes run. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** True while flows stop without others that take their place, and until they start: Node-RED ends, or somebody stops them. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /**
   * Calls `onPresent` once the deploy that makes a node is over, and both at each later deploy, until the result is called
   * as the node is closed.
   */
  join(member: DeployMember): () => void {
    this.#members.add(member);
    return () => this.#members.delete(member);
  }

  /**
   * Calls `run` once, the next time that all nodes run, unless the result is called before. Until then a message may find
   * nobody, and no Catch or Status node gets what is reported.
   */
  onNextStart(run: () => void): () => void {
    const leave = this.join({
      onAway: () => undefined,
      onPresent: () => {
        leave();
        run();
      },
    });
    return leave;
  }
}

/** What tells flows from those of the next deploy, even if they are the same. */
function flowsIn(event: unknown): unknown {
  return isRecord(event) ? event.config : undefined;
}
