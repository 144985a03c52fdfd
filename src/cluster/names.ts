import { createHash } from 'node:crypto';
import { hashText } from '../events/hash';
import type { Delivery } from '../inbox/delivery';

/** Into how many parts a listener's events are split. Those of one chat are in one part, and in order. */
export const PARTITIONS = 16;

/** What one connection's things are called in NATS. Copies of a flow meet in these names. */
export class ClusterNames {
  /** The stream with the events. */
  readonly stream: string;
  /** The bucket with token pair, positions, lease and wishes. */
  readonly bucket: string;

  /** `account` tells the accounts of a connection apart: no two of them may meet. */
  constructor(connectionId: string, account: string) {
    const hash = createHash('sha256')
      .update(JSON.stringify([connectionId, account]))
      .digest('hex')
      .slice(0, 24);
    this.stream = `chatapp-${hash}`;
    this.bucket = this.stream;
  }

  /** All subjects of the stream. */
  get all(): string {
    return `${this.stream}.>`;
  }

  /** The subjects of all events. */
  get everyEvent(): string {
    return `${this.stream}.events.>`;
  }

  /** Where a partition of a listener's events is published. */
  events(listener: string, partition: number): string {
    return `${this.stream}.events.${token(listener)}.${partition}`;
  }

  /** Where what a listener's flow could not finish is kept. */
  dead(listener: string): string {
    return `${this.stream}.dead.${token(listener)}`;
  }

  /** The durable consumer of a partition. */
  consumer(listener: string, partition: number): string {
    return `${token(listener)}-${partition}`;
  }
}

/** The partition of an item: by its chat, or else by its channel. */
export function partitionOf({ channel, licenseId, messengerType, chatId }: Delivery): number {
  const whose = chatId === undefined ? channel : JSON.stringify([licenseId, messengerType, chatId]);
  return hashText(whose, 0) % PARTITIONS;
}

/** NATS splits subjects at dots and knows `*` and `>`; ids of nodes have none of them, those of other programs may. */
function token(id: string): string {
  return /^[\w-]+$/.test(id) ? id : `x${Buffer.from(id).toString('hex')}`;
}
