import { orderOf, type Delivery } from '../inbox/delivery';
import type { StoredEvent } from '../inbox/inbox-store';
import type { PendingStore } from '../inbox/pending-event';
import { decodeEvent, eventIdOf } from './event-message';
import { HandledEvents } from './handled-events';
import { partitionOf } from './names';
import type { ReadyNats } from './nats-client';
import { isConsumerMissing } from './partition-consumer';
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
 * Publishes what waits for a listener in the own store of this instance, whoever leads: nobody else has it. Resolves when
 * all of it is in the stream and no longer in the store, or when `signal` is aborted.
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
      id: `${instance}.stored.${sequence}`,
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
 * Moves what waits for a listener in NATS to the own store of this instance, which is the only one. Resolves when nothing
 * is left that can be read, or when `signal` is aborted. Rejects if NATS cannot be reached.
 */
export async function takeWaiting(
  nats: ReadyNats,
  listener: string,
  store: PendingStore,
  signal: AbortSignal,
): Promise<void> {
  const { created } = await nats.manager.streams.info(nats.names.stream);
  await Promise.all([...Array(nats.partitions).keys()].map((partition) => takePartition(partition)));

  async function takePartition(partition: number): Promise<void> {
    const { js, kv, names } = nats;
    if ((await countIn(nats, listener, partition)) === 0) return;
    const handled = new HandledEvents({ kv }, listener, partition, created, '');
    await handled.load();
    const consumer = await js.consumers.get(names.stream, names.consumer(listener, partition));
    for (let moved = 1; moved > 0 && !signal.aborted;) {
      const count = await countIn(nats, listener, partition);
      if (count === 0) return;
      moved = 0;
      for await (const message of await consumer.fetch({ max_messages: Math.min(count, BATCH), expires: FETCH_FOR })) {
        const { seq } = message;
        const delivery = decodeEvent(message.data);
        if (delivery && !handled.has(seq)) {
          const sequence = await store.append(listener, orderOf(delivery), delivery);
          const attempt = Math.max(handled.attemptOf(seq), delivery.attempt ?? 1);
          if (attempt > 1) store.noteAttempt(sequence, attempt);
        }
        if (delivery) moved += Number(await message.ackAck());
      }
    }
  }
}

/** How many events of these listeners wait in NATS. Rejects if it cannot be reached. */
export async function countWaiting(nats: ReadyNats, listeners: readonly string[]): Promise<number> {
  const partitions = [...Array(nats.partitions).keys()];
  const counts = listeners.flatMap((listener) => partitions.map((partition) => countIn(nats, listener, partition)));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

async function countIn({ manager, names }: ReadyNats, listener: string, partition: number): Promise<number> {
  try {
    const info = await manager.consumers.info(names.stream, names.consumer(listener, partition));
    return info.num_pending + info.num_ack_pending;
  } catch (error) {
    if (isConsumerMissing(error)) return 0;
    throw error;
  }
}
