import type { NodeAPI } from 'node-red';
import { isRecord } from '../../src/events/json';

type Events = NodeAPI['events'];

/** Knows whether flows stop for good: Node-RED ends, or someone stops them. For a deploy, others take their place. */
export class Ending {
  static readonly #known = new WeakMap<Events, Ending>();
  #current: unknown;
  #isNow = false;

  private constructor(events: Events) {
    events.on('flows:starting', (told: unknown) => {
      this.#current = flowsIn(told);
      this.#isNow = false;
    });
    // For a deploy Node-RED takes the new flows first, and stops the old ones then. Where a node's type is missing, it
    // starts none of the new ones, but what was not changed still runs.
    events.on('flows:stopping', (told: unknown) => {
      this.#isNow = flowsIn(told) === this.#current;
      this.#current = flowsIn(told);
    });
  }

  /** The one of a Node-RED: however often nodes are loaded, its events are listened to once. */
  static of(events: Events): Ending {
    const known = Ending.#known.get(events) ?? new Ending(events);
    Ending.#known.set(events, known);
    return known;
  }

  get isNow(): boolean {
    return this.#isNow;
  }
}

/** What tells flows from those of the next deploy, though they say the same. */
function flowsIn(told: unknown): unknown {
  return isRecord(told) ? told.config : undefined;
}
