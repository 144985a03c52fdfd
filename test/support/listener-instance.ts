import { headers } from '@nats-io/transport-node';
import { encodeEvent, EVENT_HEADER } from '../../src/cluster/event-message';
import { ListenerConsumers } from '../../src/cluster/listener-consumers';
import { Members } from '../../src/cluster/members';
import { partitionOf } from '../../src/cluster/names';
import type { ReadyNats } from '../../src/cluster/nats-client';
import { Deliveries } from '../../src/delivery/deliveries';
import type { DeliveryQueue } from '../../src/delivery/delivery-queue';
import { PendingLimits } from '../../src/delivery/pending-limits';
import type { ChatAppError } from '../../src/errors';
import { isWanted, orderOf, type Delivery } from '../../src/inbox/delivery';
import type { Listener } from '../../src/inbox/listener';
import { Retention } from '../../src/inbox/retention';
import { silentLog } from '../../src/log';
import { EventCounters } from '../../src/event-counters';
import { JumpingClock } from './cluster-nats';
import { messageIn } from './deliveries';

export const LISTENER = 'node-1';

const NO_LIMIT = { events: Infinity, bytes: Infinity };

interface Given {
  readonly instance: string;
  readonly attempt: number;
}

/** What the flows of all instances got, by the number of the event. */
export class Flows {
  readonly given = new Map<number, Given[]>();
  /** In the order in which their first attempts began. */
  readonly order: { readonly chat: string; readonly number: number }[] = [];
  readonly done = new Set<number>();
  inFlight = 0;
  maxInFlight = 0;

  give(
    instance: string,
    { messageId, chatId = '', attempt = 1 }: Pick<Delivery, 'messageId' | 'chatId' | 'attempt'>,
  ): void {
    const number = Number(messageId);
    const given = this.given.get(number) ?? [];
    this.given.set(number, given);
    if (given.length === 0) this.order.push({ chat: chatId, number });
    given.push({ instance, attempt });
  }

  /** The events that were delivered more than once without being marked as repeated. */
  get unmarked(): number[] {
    const isUnmarked = (given: readonly Given[]): boolean => given.slice(1).some(({ attempt }) => attempt === 1);
    return [...this.given].flatMap(([number, given]) => (isUnmarked(given) ? [number] : []));
  }

  get repeated(): number {
    return [...this.given.values()].filter(({ length }) => length > 1).length;
  }

  /** How many events came after a later one of the same chat. */
  get outOfOrder(): number {
    const last = new Map<string, number>();
    let count = 0;
    for (const { chat, number } of this.order) {
      if (number < (last.get(chat) ?? -1)) count += 1;
      else last.set(chat, number);
    }
    return count;
  }

  missingOf(published: number): number[] {
    return Array.from({ length: published }, (_, number) => number).filter((number) => !this.done.has(number));
  }
}

/** An instance with one listener, whose flow takes some ms for each event. */
export class ListenerInstance {
  readonly clock = new JumpingClock();
  readonly errors: ChatAppError[] = [];
  readonly members: Members;
  readonly consumers: ListenerConsumers;
  readonly queue: DeliveryQueue;
  waiting = 0;
  /** Called with the number of an event that the flow has done. */
  onDone = (number: number): void => void this.flows.done.add(number);
  isDead = false;
  /** How long the flow takes, in ms; `undefined`: it does not end. */
  takes: number | undefined = 5;
  readonly #deliveries: Deliveries;
  #listener: Listener;

  constructor(
    readonly id: string,
    readonly nats: ReadyNats,
    readonly flows: Flows,
    settings: Partial<Listener> & { readonly filter?: number } = {},
  ) {
    const { clock } = this;
    const log = silentLog;
    const { filter = 1, ...more } = settings;
    this.#listener = this.#listenerWith(more);
    this.members = new Members(nats, { instance: id, keepHours: 24, clock, log, onChange: () => undefined });
    this.consumers = new ListenerConsumers(nats, this.members, {
      listener: LISTENER,
      filter,
      isWanted: (delivery) => isWanted(delivery, this.#listener),
      keepHours: () => 24,
      clock,
      log,
      onWaiting: (count) => (this.waiting = count),
      onError: (error) => this.errors.push(error),
      onFailure: () => undefined,
    });
    const retention = new Retention({ hours: Infinity, serverTime: () => undefined, clock });
    const limits = new PendingLimits({
      stored: NO_LIMIT,
      unstored: NO_LIMIT,
      retention,
      clock,
      onError: () => undefined,
    });
    this.#deliveries = new Deliveries({
      clock,
      random: Math.random,
      log,
      limits,
      counts: new EventCounters(clock),
      onNotice: () => undefined,
    });
    const subscriber = {
      id: LISTENER,
      listener: this.#listener,
      reportError: (error: ChatAppError) => this.errors.push(error),
      noteBacklog: () => undefined,
    };
    this.queue = this.#deliveries.open(subscriber, this.consumers.store, () => this.members.isIn());
  }

  /** How many partitions it consumes. */
  get consumed(): number {
    const partitions = [...Array(this.nats.partitions).keys()];
    return partitions.filter((partition) => this.members.mayConsume(LISTENER, partition)).length;
  }

  async start(): Promise<void> {
    this.members.start();
    await this.consumers.prepare();
    this.queue.attach(this.#listener);
    this.consumers.start(this.queue);
  }

  async stop(): Promise<void> {
    this.queue.detach();
    await this.consumers.stop();
    this.queue.close();
    await this.members.stop();
  }

  /** As `kill -9`: it sends nothing any more. */
  async kill(): Promise<void> {
    this.isDead = true;
    await this.nats.connection.close();
    await this.stop();
  }

  #listenerWith(settings: Partial<Listener>): Listener {
    return {
      channel: { type: 'messenger' },
      events: [],
      direction: 'any',
      ack: 'done',
      inFlight: 100,
      onStatus: () => undefined,
      onError: () => undefined,
      onItem: (delivery) => this.#onItem(delivery),
      ...settings,
    };
  }

  #onItem(delivery: Delivery): void {
    const { flows, takes } = this;
    if (this.isDead) return;
    flows.give(this.id, delivery);
    if (takes === undefined) return;
    flows.inFlight += 1;
    flows.maxInFlight = Math.max(flows.maxInFlight, flows.inFlight);
    setTimeout(() => {
      flows.inFlight -= 1;
      if (!this.isDead) this.finish(delivery);
    }, takes);
  }

  finish(delivery: Delivery, outcome: 'done' | 'failed' = 'done'): boolean {
    if (outcome === 'done') this.onDone(Number(delivery.messageId));
    return this.#deliveries.acknowledge(delivery.deliveryToken ?? '', outcome);
  }
}

/** Publishes events as the leader does: numbered, to so many chats in turn, those of each chat in order. */
export class Publisher {
  published = 0;
  readonly #last = new Map<string, Promise<void>>();

  constructor(
    private readonly nats: ReadyNats,
    private readonly chats = 40,
  ) {}

  async publish(count: number, more: Partial<Delivery> = {}): Promise<void> {
    const published = Array.from({ length: count }, () => {
      const number = this.published++;
      const chat = `chat-${number % this.chats}`;
      const last = (this.#last.get(chat) ?? Promise.resolve()).then(() => this.#store(messageIn(chat, number, more)));
      this.#last.set(chat, last);
      return last;
    });
    await Promise.all(published);
  }

  /** Publishes `perSecond` events each second until `signal` is aborted, and waits until all are stored. */
  async publishUntil(signal: AbortSignal, perSecond: number): Promise<void> {
    const started = performance.now();
    const before = this.published;
    const stored: Promise<void>[] = [];
    while (!signal.aborted) {
      const due = before + Math.floor(((performance.now() - started) / 1_000) * perSecond) - this.published;
      if (due > 0) stored.push(this.publish(due));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await Promise.all(stored);
  }

  /** While NATS is away, a message gets lost: it is published until it is stored, and stored once. */
  async #store(delivery: Delivery): Promise<void> {
    const { js, names, partitions } = this.nats;
    const subject = names.events(LISTENER, partitionOf(orderOf(delivery), partitions));
    for (;;) {
      try {
        const { channel, event, messageId } = delivery;
        const header = headers();
        header.set(EVENT_HEADER, JSON.stringify({ instance: 'publisher', channel, event }));
        const options = { headers: header, msgID: `event-${messageId ?? ''}`, timeout: 1_000 };
        await js.publish(subject, encodeEvent(delivery), options);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}
