import { createHash, randomUUID } from 'node:crypto';
import { hashText } from '../events/hash';

/** Changes with the layout of stream and bucket: versions of this package with different layouts must not meet. */
const LAYOUT = 2;
/** How all names begin. */
const PREFIX = `chatapp-${LAYOUT}`;

/** What the stream and the bucket of one account are called in NATS. The instances of a cluster meet in these names. */
export class ClusterNames {
  /** The stream with the events. */
  readonly stream: string;
  /** The bucket with what the instances remember together: members, leader, listeners, gaps. */
  readonly bucket: string;
  /** How its subjects begin. A token of their own for what all have in common: a permission for `chatapp-2.>` is enough. */
  readonly #subjects: string;

  /**
   * @param connectionId the id of the connection node, the same on all instances
   * @param account the account's id at ChatApp
   */
  constructor(connectionId: string, account: string) {
    const id = hashOf([connectionId, account]);
    this.stream = `${PREFIX}-${id}`;
    this.bucket = this.stream;
    this.#subjects = `${PREFIX}.${id}`;
  }

  /** All subjects of the stream. */
  get all(): string {
    return `${this.#subjects}.>`;
  }

  /** The subjects of all events. */
  get everyEvent(): string {
    return `${this.#subjects}.events.>`;
  }

  /** The leader writes a message here to see that events can be stored. */
  get health(): string {
    return `${this.#subjects}.health`;
  }

  /** Where a partition of a listener's events is published. */
  events(listener: string, partition: number): string {
    return `${this.#subjects}.events.${token(listener)}.${partition}`;
  }

  /** Where the events of all listeners are kept that were given up. */
  get everyDead(): string {
    return `${this.#subjects}.dead.>`;
  }

  /** Where the events of a listener are kept that were given up. */
  dead(listener: string): string {
    return `${this.#subjects}.dead.${token(listener)}`;
  }

  /** The durable consumer of a partition. */
  consumer(listener: string, partition: number): string {
    return `${token(listener)}-${partition}`;
  }
}

/** The bucket with the tokens and secrets of a connection, whatever its account: they are needed to find that out. */
export function tokenBucketOf(connectionId: string): string {
  return `${PREFIX}-tokens-${hashOf([connectionId])}`;
}

/** A stream for a moment, to try what that of the account needs. */
export function temporaryNames(): Pick<ClusterNames, 'stream' | 'all' | 'health'> {
  const id = `check-${randomUUID()}`;
  return { stream: `${PREFIX}-${id}`, all: `${PREFIX}.${id}.>`, health: `${PREFIX}.${id}.health` };
}

/** The health subject of the account's stream with this name; `undefined` if the stream is another one. */
export function healthSubjectOf(stream: string): string | undefined {
  const [, id] = new RegExp(`^${PREFIX}-([0-9a-f]{24})$`).exec(stream) ?? [];
  return id === undefined ? undefined : `${PREFIX}.${id}.health`;
}

/**
 * The id of the message with an event, which NATS takes once.
 * @param number of the event among those that the instance has received, or has stored itself
 */
export function messageIdOf(instance: string, number: number, origin: 'received' | 'stored'): string {
  return origin === 'stored' ? `${instance}.stored.${number}` : `${instance}.${number}`;
}

/** The number in the id of a message with an event that the instance has received; `undefined` for any other message. */
export function receivedNumberOf(id: string, instance: string): number | undefined {
  const number = Number(id.slice(instance.length + 1));
  return id === messageIdOf(instance, number, 'received') ? number : undefined;
}

/** The partition of an event by its `order`: the events of one chat are in one partition. */
export function partitionOf(order: string, partitions: number): number {
  return hashText(order, 0) % partitions;
}

/** Part of a subject or key in NATS, which splits at dots and knows `*` and `>`. Ids of nodes stay as they are. */
export function token(id: string): string {
  return /^[\w-]+$/.test(id) ? id : `x${Buffer.from(id).toString('hex')}`;
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
