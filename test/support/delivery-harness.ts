import { setImmediate as turn } from 'node:timers/promises';
import { DeliveryQueue } from '../../src/delivery/delivery-queue';
import { parseDeliveryToken } from '../../src/delivery/delivery-token';
import type { PendingLimits, PendingLimitsOptions } from '../../src/delivery/pending-limits';
import type { ChatAppError } from '../../src/errors';
import type { Failure, Outcome } from '../../src/delivery/outcome';
import type { Delivery } from '../../src/inbox/delivery';
import type { Listener } from '../../src/inbox/listener';
import type { PendingEvent } from '../../src/inbox/pending-event';
import { nameOf as codeOf } from './errors';
import { FakeClock } from './fake-clock';
import { FakePendingStore } from './fake-pending-store';
import { limitsOf } from './retention';

/** One delivery to the node. */
interface Given {
  readonly name: string;
  readonly id: number;
  readonly attempt: number;
  readonly delivery: Delivery;
  /** Whether the next node was closed before it got it; `undefined` in the turn in which it was sent. */
  readonly isLost: boolean | undefined;
}

/** A delivery queue between a fake store and a node that notes what it gets. Events are known by their names. */
export class DeliveryHarness {
  readonly clock = new FakeClock();
  readonly given: Given[] = [];
  readonly secured: string[] = [];
  readonly givenUp: string[] = [];
  readonly dropped: string[] = [];
  readonly warnings: string[] = [];
  /** What was reported of limits. */
  readonly errors: string[] = [];
  /** What spreads the waits: 0.5 is in the middle. */
  random = 0.5;
  /** The generation of the nodes behind the listener: what was sent to an older one is lost. */
  generation = 0;
  mayDeliver = true;
  queue: DeliveryQueue;
  readonly limits: PendingLimits;
  #taken = 0;

  constructor(
    private readonly ack: 'sent' | 'done' = 'done',
    readonly store = new FakePendingStore(),
    limits: Partial<PendingLimitsOptions> = {},
  ) {
    const onError = (error: ChatAppError): void => void this.errors.push(codeOf(error));
    this.limits = limitsOf(this.clock, { onError, ...limits });
    this.queue = this.#makeQueue();
  }

  #makeQueue(): DeliveryQueue {
    const log = { debug: () => undefined, info: () => undefined, warn: (line: string) => this.warnings.push(line) };
    return new DeliveryQueue({
      subscriber: 'node-1',
      ack: this.ack,
      clock: this.clock,
      random: () => this.random,
      log,
      store: this.store,
      limits: this.limits,
      onGivenUp: (delivery, attempts, cause) => {
        this.givenUp.push([`${nameOf(delivery)} after ${attempts}`, cause].filter(Boolean).join(': '));
      },
      onDelivered: () => undefined,
      onDropped: (reason, count) => this.dropped.push(`${count} ${reason}`),
      onState: () => undefined,
      onClosed: () => undefined,
      mayDeliver: () => this.mayDeliver,
    });
  }

  attach(settings: Partial<Listener> = {}): void {
    this.queue.attach({
      channel: { type: 'user', userId: '1' },
      events: [],
      direction: 'any',
      ack: 'done',
      onStatus: () => undefined,
      onError: () => undefined,
      trackDelivery: () => {
        const index = this.given.length;
        const { generation } = this;
        return () => {
          const isLost = generation !== this.generation;
          Object.assign(this.given[index] ?? {}, { isLost });
          return !isLost;
        };
      },
      onItem: (delivery) => this.give(delivery),
      ...settings,
    });
  }

  /** The node gets an event. */
  give(delivery: Delivery): void {
    const { attempt = 1, deliveryToken = '' } = delivery;
    const id = parseDeliveryToken(deliveryToken)?.number ?? 0;
    this.given.push({ name: nameOf(delivery), id, attempt, delivery, isLost: undefined });
  }

  /** A deploy begins: the node and those behind it are closed. */
  beginDeploy(): void {
    this.queue.detach();
    this.generation += 1;
  }

  /** Adds events that are in memory only; the first letter of a name is its chat. */
  add(...names: string[]): void {
    for (const name of names) this.queue.add(this.event(name));
  }

  /** Adds events that the store has already. */
  async addStored(...names: string[]): Promise<void> {
    for (const name of names) {
      const { delivery, ...event } = this.event(name);
      const sequence = await this.store.append('node-1', event.order, delivery);
      this.queue.add({ ...event, delivery, sequence });
    }
  }

  event(name: string): PendingEvent & { readonly delivery: Delivery } {
    const onSecured = (): void => void this.secured.push(name);
    return { attempt: 1, order: name.charAt(0), delivery: deliveryOf(name), onSecured };
  }

  /** Node-RED is started again: what is in the store waits for its next attempt. */
  restart(): void {
    this.queue.close();
    this.queue = this.#makeQueue();
    for (const [sequence, { order, attempt = 1 }] of [...this.store.records].toSorted(([a], [b]) => a - b)) {
      this.queue.add({ attempt: attempt + 1, order, sequence });
    }
  }

  /** Settles the latest attempt of an event. */
  acknowledge(name: string, outcome: Outcome, failure?: Failure): boolean {
    const latest = this.given.findLast((given) => given.name === name);
    return latest !== undefined && this.queue.acknowledge(latest.id, latest.attempt, outcome, failure);
  }

  /** What the node got since the last call, as `a1` or, from the second attempt on, `a1 #2`. */
  takeGiven(): string[] {
    const latest = this.given.slice(this.#taken);
    this.#taken = this.given.length;
    return latest.map(({ name, attempt }) => (attempt > 1 ? `${name} #${attempt}` : name));
  }

  /** Lets sent events be confirmed and bodies be read. */
  async turns(count = 3): Promise<void> {
    for (let passed = 0; passed < count; passed++) await turn();
  }
}

export function deliveryOf(name: string): Delivery {
  return {
    event: name,
    channel: 'private-v1.users.1',
    item: { name },
    meta: {},
    receivedAt: 0,
    recovered: false,
  };
}

export function nameOf({ item }: Delivery): string {
  return String(item.name);
}
