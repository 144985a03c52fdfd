import type { ConsumerInfo, JetStreamManager } from 'nats';
import type { ReadyEngine } from './engine';
import { jetStreamCode } from './failure';
import { PARTITIONS } from './names';
import { loadNats } from './nats';

/** How many copies may ask a consumer at once. */
const MOST_ASKING = 512;
/** What NATS answers where there is no such consumer. */
const CONSUMER_NOT_FOUND = 10014;

/** Where a listener's consumers stand in the stream that was made at `created`: the next item of each partition. */
export interface Places {
  readonly created: string;
  readonly next: readonly number[];
}

/**
 * Makes those of a listener's consumers that are missing; rejects where NATS cannot do it now. The others go on where
 * they stand. A new one begins with what is published from now on; or, where `before` tells how far it was, there.
 */
export async function ensureConsumers(
  { manager, names }: ReadyEngine,
  listener: string,
  ackWait: number,
  before?: Places,
): Promise<Places> {
  const { created, state } = await manager.streams.info(names.stream);
  // The numbers of a lost stream say nothing about the one that took its place: all that is in it is news.
  const known = before?.created === created ? before.next : before && [];
  const next = await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) => {
      // Not "new": a server that restarts would count from then on.
      const start = known ? (known[partition] ?? 1) : state.last_seq + 1;
      const { ack_floor, config } = await ensure({ manager, names }, listener, partition, start, ackWait);
      return Math.max(ack_floor.stream_seq + 1, config.opt_start_seq ?? 1);
    }),
  );
  return { created, next };
}

/** Nobody has the listener any more: its consumers go. */
export async function removeConsumers({ manager, names }: ReadyEngine, listener: string): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    await manager.consumers.delete(names.stream, names.consumer(listener, partition)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
}

async function ensure(
  { manager, names }: Pick<ReadyEngine, 'manager' | 'names'>,
  listener: string,
  partition: number,
  start: number,
  ackWait: number,
): Promise<ConsumerInfo> {
  const name = names.consumer(listener, partition);
  const known = await find(manager, names.stream, name);
  if (known) return known;
  const { AckPolicy, DeliverPolicy, nanos } = loadNats();
  try {
    return await manager.consumers.add(names.stream, {
      durable_name: name,
      description: listener,
      filter_subject: names.events(listener, partition),
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(ackWait),
      max_ack_pending: 1,
      max_waiting: MOST_ASKING,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: start,
    });
  } catch (error) {
    // Another copy may have made it in between, with a start of its own.
    const made = await find(manager, names.stream, name);
    if (made) return made;
    throw error;
  }
}

async function find(manager: JetStreamManager, stream: string, name: string): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, name);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return jetStreamCode(error) === CONSUMER_NOT_FOUND;
}
