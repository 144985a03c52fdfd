import type { JsMsg } from '@nats-io/jetstream';
import { orderOf, type Delivery } from '../inbox/delivery';
import type { StoredEvent } from '../inbox/inbox-store';
import type { PendingStore } from '../inbox/pending-event';
import { decodeEvent, eventIdOf } from './event-message';
import { HandledEvents } from './handled-events';
import { messageIdOf, partitionOf } from './names';
import type { ReadyNats } from './nats-client';
import { findConsumer, waitingIn } from './partition-consumer';
import { SubjectPublisher, type SubjectPublisherOptions } from './subject-publisher';

/** How many bodies are in memory at a time. */
const BATCH = 500;
/** How long a request for events waits if fewer come than NATS has counted, in ms: the shortest time that it allows. */
const FETCH_FOR = 1_000;

export interface OwnEventsOptions extends Omit<SubjectPublisherOptions, 'mayPublish'> {
  /** Of this run of this instance. */
  readonly instance: string;
  readonly store: PendingStore;
  /** An event was dropped, since NATS takes none of its size. */
  readonly onTooLarge: () => void;
}

/**
 * Publishes the events that wait for a listener in the store of this instance. Each instance does so, not only the leader,
 * because no other instance has these events. Resolves when all are in the stream and removed from the store, or when
 * `signal` is aborted.
 */
export async function publishStored(
  { names, partitions }: Pick<ReadyNats, 'names' | 'partitions'>,
  listener: string,
  events: readonly StoredEvent[],
  options: OwnEventsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { instance, store, onTooLarge } = options;
  const publishers = new Map<string, SubjectPublisher>();
  const publisherOf = (subject: string): SubjectPublisher => {
    const publisher =
      publishers.get(subject) ?? new SubjectPublisher(subject, { ...options, mayPublish: () => true }, signal);
    publishers.set(subject, publisher);
    return publisher;
  };
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  for (let at = 0; at < events.length && !signal.aborted; at += BATCH) {
    const published: Promise<void>[] = [];
    for (const event of events.slice(at, at + BATCH)) {
      const stored = await store.read(event.sequence).catch(() => undefined);
      if (stored) published.push(new Promise((resolve) => publish(event, stored, resolve)));
    }
    await Promise.race([Promise.all(published), aborted]);
  }

  function publish({ sequence, order, attempt }: StoredEvent, stored: Delivery, onFinished: () => void): void {
    // A flow may have got it before.
    const delivery = { ...stored, attempt: attempt + 1 };
    // Nobody else receives it any more, just as what is fetched.
    const origin = { source: 'history', shares: 1 } as const;
    const finish = (): void => {
      store.remove(sequence);
      onFinished();
    };
    publisherOf(names.events(listener, partitionOf(order, partitions))).add({
      delivery,
      id: messageIdOf(instance, sequence, 'stored'),
      header: () => ({ instance, ...eventIdOf(delivery), ...origin }),
      isWaiting: () => true,
      onPublished: finish,
      onTooLarge: () => {
        onTooLarge();
        finish();
      },
    });
  }
}

/**
 * Moves what waits for a listener in NATS to the own store of this instance, which is the only one. Resolves with how many
 * events are left there: those that cannot be read, and the rest if `signal` is aborted. Rejects if NATS cannot be reached.
 */
export async function takeWaiting(
  nats: ReadyNats,
  listener: string,
  store: PendingStore,
  signal: AbortSignal,
): Promise<number> {
  const { created } = await nats.manager.streams.info(nats.names.stream);
  return sum([...Array(nats.partitions).keys()].map((partition) => takePartition(partition)));

  async function takePartition(partition: number): Promise<number> {
    const { js, manager, kv, names } = nats;
    const info = await findConsumer(nats, listener, partition);
    let left = waitingIn(info);
    if (!info || left === 0) return 0;
    const handled = new HandledEvents({ kv }, listener, partition, created, '');
    await handled.load();
    handled.raiseFloor(info.ack_floor.stream_seq);
    const unreadable: number[] = [];
    const take = async ({ seq, data }: JsMsg): Promise<void> => {
      const delivery = decodeEvent(data);
      if (!delivery) return void unreadable.push(seq);
      const attempt = Math.max(handled.attemptOf(seq), delivery.attempt ?? 1);
      const sequence = await store.append(listener, orderOf(delivery), delivery);
      if (attempt > 1) store.noteAttempt(sequence, attempt);
      handled.add(seq);
      left -= 1;
    };
    // The listener's own consumer would deliver what was given back later than what came after it.
    const start = { filter_subjects: names.events(listener, partition), opt_start_seq: handled.floor + 1 };
    const reader = await js.consumers.get(names.stream, start);
    let pending = left;
    while (pending > 0 && !signal.aborted) {
      const taken: Promise<void>[] = [];
      let last = handled.floor;
      for await (const message of await reader.fetch({ max_messages: BATCH, expires: FETCH_FOR })) {
        last = message.seq;
        pending = message.info.pending;
        if (!handled.has(last)) taken.push(take(message));
        if (pending === 0) break;
      }
      await Promise.all(taken);
      if (unreadable.length === 0) handled.raiseFloor(last);
      await handled.save();
    }
    await reader.delete().catch(() => undefined);
    if (pending > 0 || unreadable.length > 0) return Math.max(0, left);
    // It is made again if this instance uses NATS again, and begins after the last event.
    await manager.consumers.delete(names.stream, info.name);
    return 0;
  }
}

/** How many events of these listeners wait in NATS. Rejects if it cannot be reached. */
export function countWaiting(nats: ReadyNats, listeners: readonly string[]): Promise<number> {
  const partitions = [...Array(nats.partitions).keys()];
  const count = async (listener: string, partition: number): Promise<number> =>
    waitingIn(await findConsumer(nats, listener, partition));
  return sum(listeners.flatMap((listener) => partitions.map((partition) => count(listener, partition))));
}

async function sum(counts: readonly Promise<number>[]): Promise<number> {
  return (await Promise.all(counts)).reduce((total, count) => total + count, 0);
}
