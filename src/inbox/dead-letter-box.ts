import { shownTime, type Clock } from '../clock';
import type { DeadLetter } from './dead-letters';
import { orderOf, type Delivery } from './delivery';
import type { InboxStore } from './inbox-store';
import type { Subscriber } from './subscriber';

/** A dead letter without its content. */
export interface ListedLetter extends Omit<DeadLetter, 'subscriber' | 'age'> {
  readonly listener: string;
  readonly event: string;
  readonly channel: string;
  /** When it arrived, and when it was given up, in ms since the epoch; to be shown. */
  readonly receivedAt: number;
  readonly at: number;
}

export interface ListOptions {
  /** Only those of this listener. */
  readonly listener?: string;
  /** Only older ones than this. */
  readonly before?: number;
  readonly limit: number;
}

/** The dead letters of a connection, for people who look at them. */
export class DeadLetterBox {
  constructor(
    private readonly store: InboxStore,
    private readonly findSubscriber: (id: string) => Subscriber | undefined,
    private readonly clock: Clock,
  ) {}

  /** How many each listener has, by its id. */
  get counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { subscriber } of this.store.deadLetters) counts.set(subscriber, (counts.get(subscriber) ?? 0) + 1);
    return counts;
  }

  /** The newest first, and one more than `limit` if there are more. What cannot be read is left out. */
  async list({ listener, before = Infinity, limit }: ListOptions): Promise<ListedLetter[]> {
    const wanted = this.store.deadLetters.filter(
      ({ id, subscriber }) => id < before && (listener === undefined || subscriber === listener),
    );
    const newest = wanted.sort((one, other) => other.id - one.id).slice(0, limit + 1);
    const listed = await Promise.all(newest.map((letter) => this.#listed(letter)));
    return listed.flatMap((letter) => letter ?? []);
  }

  /** Undefined if there is no such letter. */
  async read(id: number): Promise<Delivery | undefined> {
    return this.store.deadLetters.some((letter) => letter.id === id) ? this.store.read(id) : undefined;
  }

  /**
   * Delivers it again, beginning with the first attempt.
   * @throws StorageError if it cannot be stored
   */
  async redeliver(id: number): Promise<'done' | 'unknown' | 'noListener'> {
    const delivery = await this.read(id);
    const letter = this.store.deadLetters.find((one) => one.id === id);
    if (!delivery || !letter) return 'unknown';
    const subscriber = this.findSubscriber(letter.subscriber);
    if (!subscriber) return 'noListener';
    // As another event: what flows say about its former attempts must not end the new ones.
    const order = orderOf(delivery);
    const sequence = await this.store.append(letter.subscriber, order, delivery);
    if (this.discard(id)) subscriber.queue.add({ attempt: 1, order, delivery, sequence });
    // Somebody else was faster.
    else this.store.remove(sequence);
    return 'done';
  }

  /** False if there is no such letter. */
  discard(id: number): boolean {
    return this.store.discardDeadLetter(id);
  }

  async #listed({ subscriber, age, ...letter }: DeadLetter): Promise<ListedLetter | undefined> {
    const delivery = await this.store.read(letter.id).catch(() => undefined);
    if (!delivery) return undefined;
    const { event, channel, receivedAt } = delivery;
    return { ...letter, listener: subscriber, event, channel, receivedAt, at: shownTime(this.clock, -age) };
  }
}
