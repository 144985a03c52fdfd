import type { ConsumerInfo, ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { runInBackground, type Log } from '../log';
import { isRecord } from '../events/json';
import { jetStreamCode } from './failure';
import { handledKey, type HandledEvents } from './handled-events';
import { ACK_WAIT } from './members';
import type { ReadyNats } from './nats-client';

/**
 * How many events of a partition an instance has at most. With 64, one slow chat stops the others of its partition: three
 * instances with flows of 100 ms did 1,900 events/s, with 256 2,450.
 */
const MAX_HELD = 256;
/**
 * How long NATS sends events to an instance that does not ask again, in ms: one that is frozen must get none any more when
 * another one has its partitions.
 */
const REQUEST_EXPIRES = 1_800;
const CONSUMER_NOT_FOUND = 10014;
const NANOSECONDS = 1_000_000;

/** The durable consumer of a partition; `undefined` if it is missing. */
export async function findConsumer(
  { manager, names }: ReadyNats,
  listener: string,
  partition: number,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(names.stream, names.consumer(listener, partition));
  } catch (error) {
    if (jetStreamCode(error) !== CONSUMER_NOT_FOUND) throw error;
    return undefined;
  }
}

/** How many events wait for a consumer, or are in flight. */
export function waitingIn(info: ConsumerInfo | undefined): number {
  return info ? info.num_pending + info.num_ack_pending : 0;
}

/** Makes the durable consumer of a partition if it is missing: it begins with what was not handled. */
export async function ensureConsumer(
  nats: ReadyNats,
  listener: string,
  partition: number,
  handled: HandledEvents,
): Promise<ConsumerInfo> {
  const found = await findConsumer(nats, listener, partition);
  if (found) return found;
  const { manager, names } = nats;
  const { stream } = names;
  const known = await handled.load();
  if (known === 'none') await handled.begin((await manager.streams.info(stream)).state.last_seq);
  const config = {
    durable_name: names.consumer(listener, partition),
    filter_subject: names.events(listener, partition),
    ack_policy: 'explicit',
    ack_wait: ACK_WAIT * NANOSECONDS,
    max_ack_pending: MAX_HELD,
    deliver_policy: 'by_start_sequence',
    opt_start_seq: handled.floor + 1,
  } as const;
  try {
    return await manager.consumers.add(stream, config);
  } catch (error) {
    // Another instance may have made it at the same time.
    const other = await findConsumer(nats, listener, partition);
    if (!other) throw error;
    return other;
  }
}

/**
 * Removes what NATS keeps for a listener that no instance has any more, except its dead letters. Returns how many of its
 * events waited.
 */
export async function removeConsumers(nats: ReadyNats, listener: string): Promise<number> {
  const { manager, kv, names, partitions } = nats;
  const removed = [...Array(partitions).keys()].map(async (partition) => {
    const info = await findConsumer(nats, listener, partition);
    if (info) await manager.consumers.delete(names.stream, info.name);
    await manager.streams.purge(names.stream, { filter: names.events(listener, partition) });
    await kv.purge(handledKey(listener, partition));
    return waitingIn(info);
  });
  return (await Promise.all(removed)).reduce((sum, count) => sum + count, 0);
}

/** Receives the events of a partition. */
export class PartitionConsumer {
  #messages: ConsumerMessages | undefined;
  #isClosed = false;

  /**
   * @param onMessage must not throw
   * @param onLost the consumer does not exist any more
   */
  constructor(
    private readonly nats: ReadyNats,
    private readonly onMessage: (message: JsMsg) => void,
    private readonly onLost: () => void,
    private readonly log: Log,
  ) {}

  /** Resolves when events are received. */
  async open(info: ConsumerInfo): Promise<void> {
    const messages = await this.nats.js.consumers.getConsumerFromInfo(info).consume({
      callback: this.onMessage,
      max_messages: MAX_HELD,
      expires: REQUEST_EXPIRES,
      abort_on_missing_resource: true,
    });
    this.#messages = messages;
    const ended = messages.closed().then(() => {
      if (!this.#isClosed) this.onLost();
    });
    runInBackground(ended, this.log, 'Receiving events');
    if (this.#isClosed) await this.close();
  }

  /**
   * Resolves when no more events come. Until then some may: `close` of the client alone would drop what is on its way, and
   * NATS would deliver that after `ACK_WAIT` only, behind later events.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    const messages: object | undefined = this.#messages;
    const subscription = messages && 'sub' in messages ? messages.sub : undefined;
    // While NATS is away, it cannot be asked.
    if (isDrainable(subscription)) await subscription.drain().catch(() => undefined);
    await this.#messages?.close();
  }
}

function isDrainable(value: unknown): value is { drain(): Promise<void> } {
  return isRecord(value) && typeof value.drain === 'function';
}
