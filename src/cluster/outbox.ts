import { setMaxListeners } from 'node:events';
import { DroppedEvents, type OnDropped } from '../delivery/dropped-events';
import type { Delivery } from '../inbox/delivery';
import type { PendingEvent } from '../inbox/pending-event';
import type { SubscriberQueue } from '../inbox/subscriber';
import { eventIdOf, type EventHeader } from './event-message';
import { ExpectedEvents } from './expected-events';
import { messageIdOf, partitionOf, receivedNumberOf, token, type ClusterNames } from './names';
import { SubjectPublisher, type SubjectPublisherOptions } from './subject-publisher';

/** How many events wait at most. */
export const MAX_WAITING = 50_000;

/** `unkept`: more than `MAX_WAITING` waited. `tooLarge`: NATS takes no message of this size. */
export type UnpublishedReason = 'unkept' | 'tooLarge';

export interface OutboxOptions extends SubjectPublisherOptions {
  /** Of this run of this instance. */
  readonly instance: string;
  readonly names: ClusterNames;
  readonly partitions: number;
  /** ChatApp's time in unix seconds; `undefined` while it is not known. */
  readonly serverTime: () => number | undefined;
  /** The inbox takes an event back, since older ones are being fetched, and adds it again later. False if it does not. */
  readonly takeBack: (delivery: Delivery) => boolean;
  /** All listeners of an event have it in the stream. False if this instance has accepted it, too. */
  readonly onAllPublished: (header: EventHeader) => boolean;
  /** So many events were dropped. */
  readonly onDropped: OnDropped<UnpublishedReason>;
}

/** An event of one listener that is not in the stream yet, as far as this instance knows. */
interface Entry {
  readonly id: ReturnType<typeof eventIdOf>;
  /** Identifies the event among those of the listener. */
  readonly key: string;
  /** Identifies the event. */
  readonly eventKey: string;
  readonly listener: string;
  readonly event: PendingEvent;
  readonly delivery: Delivery;
  readonly number: number;
  readonly shares: { count: number };
  /** When it was accepted, by ChatApp's time in unix seconds; absent if that was not known. */
  readonly time: number | undefined;
}

/**
 * The events that this instance has accepted and that are not in the stream yet. The leader publishes them. A standby keeps
 * them until it sees them in the stream, so that nothing is missing when it takes over: each message of another instance
 * takes away one event with the same content of the same listener, whichever comes first.
 */
export class Outbox {
  /** By their numbers, in the order in which they were accepted. */
  readonly #entries = new Map<number, Entry>();
  readonly #byKey = new Map<string, Entry[]>();
  readonly #expected: ExpectedEvents;
  /** Events that are in the stream for some of their listeners: the keys of these. */
  readonly #incomplete = new Map<string, string[]>();
  /** The numbers of the events that the inbox has taken back: NATS may yet store what was published under them. */
  readonly #takenBack = new Map<string, number>();
  /** The events that were accepted in this turn of the event loop. */
  #shares = new Map<string, { count: number }>();
  #publishers = new Map<string, SubjectPublisher>();
  /** Present while this instance leads. */
  #leading: AbortController | undefined;
  readonly #onEmpty: (() => void)[] = [];
  #count = 0;
  readonly #dropped: DroppedEvents<UnpublishedReason>;
  /** What was dropped while this instance did not lead: how much, and when the latest was accepted. */
  #lost: { readonly count: number; readonly time: number | undefined } | undefined;

  constructor(private readonly options: OutboxOptions) {
    const { clock, onDropped } = options;
    this.#expected = new ExpectedEvents(clock, MAX_WAITING);
    this.#dropped = new DroppedEvents(clock, onDropped);
  }

  /** Until when all that was received is in the stream, by ChatApp's time in unix seconds. */
  get #publishedUntil(): number | undefined {
    const [oldest] = this.#entries.values();
    return oldest?.time;
  }

  /** How many events wait. */
  get size(): number {
    return this.#entries.size;
  }

  /** What the inbox knows as the queue of a listener. */
  queueOf(listener: string): SubscriberQueue {
    const nothing = (): void => undefined;
    return {
      add: (event) => this.#add(listener, event),
      clear: () => {
        for (const entry of this.#entries.values()) if (entry.listener === listener) this.#finish(entry);
        return 0;
      },
      attach: nothing,
      detach: nothing,
      store: () => Promise.resolve(),
      close: nothing,
    };
  }

  /** This instance leads: it publishes what waits, and what comes. */
  lead(): void {
    this.stepDown();
    this.#leading = new AbortController();
    // Each subject that waits for its next attempt listens to it.
    setMaxListeners(0, this.#leading.signal);
    if (this.#lost) this.#dropped.add('unkept', this.#lost.count);
    this.#lost = undefined;
    const takenBack = new Set<string>();
    for (const entry of this.#entries.values()) {
      if (takenBack.has(entry.eventKey) || this.#takeBack(entry)) {
        takenBack.add(entry.eventKey);
        this.#finish(entry);
        this.#takenBack.set(entry.key, entry.number);
        const [oldest] = this.#takenBack.size > MAX_WAITING ? this.#takenBack.keys() : [];
        if (oldest !== undefined) this.#takenBack.delete(oldest);
      } else this.#publish(entry);
    }
  }

  /** This instance does not lead any more. */
  stepDown(): void {
    this.#leading?.abort(new Error('another instance leads'));
    this.#leading = undefined;
    this.#publishers = new Map();
  }

  /** Another instance has published an event. @param listener as it is in subjects */
  onPublished(listener: string, header: EventHeader): void {
    // Without a key, it cannot be distinguished from others that are still to come.
    if (header.edit === undefined && header.source === 'history') return;
    const key = keyOf(listener, header);
    const [entry] = this.#byKey.get(key) ?? [];
    if (entry) this.#finish(entry);
    else this.#expected.add(key);
    this.#complete(key, header);
  }

  /** This instance has published an event as the message with this id: the answer of NATS may have got lost. */
  onOwnPublished(id: string): void {
    const entry = this.#entries.get(receivedNumberOf(id, this.options.instance) ?? NaN);
    if (entry) this.#finish(entry);
  }

  /** An event was published before this instance received anything: this instance can get it from the history only. */
  onPublishedEarlier(listener: string, header: EventHeader): void {
    if (header.edit === undefined) return;
    const key = keyOf(listener, header);
    this.#expected.add(key);
    this.#complete(key, header);
  }

  /** Once all listeners have an event in the stream, the inbox itself recognises it: no copy comes here any more. */
  #complete(key: string, header: EventHeader): void {
    if (header.edit === undefined) return;
    const event = keyOf('', header);
    const published = [...new Set([...(this.#incomplete.get(event) ?? []), key])];
    if (published.length < header.shares) return void this.#incomplete.set(event, published);
    this.#incomplete.delete(event);
    if (this.options.onAllPublished(header)) for (const one of published) this.#expected.take(one);
  }

  /** The leader has published all that ChatApp had sent until this time, in unix seconds. */
  prune(until: number): void {
    if (this.#leading) return;
    if (this.#lost?.time !== undefined && this.#lost.time < until) this.#lost = undefined;
    for (const entry of this.#entries.values()) {
      if (entry.time === undefined || entry.time >= until) break;
      this.#finish(entry);
    }
  }

  /** Resolves when nothing waits any more. */
  settled(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  close(): void {
    this.stepDown();
    this.#dropped.report();
  }

  #add(listener: string, event: PendingEvent): void {
    const { delivery } = event;
    if (!delivery) return;
    const id = eventIdOf(delivery);
    const key = keyOf(token(listener), id);
    const eventKey = keyOf('', id);
    const shares = this.#sharesOf(eventKey);
    if (this.#expected.take(key)) return event.onSecured?.();
    const entry = {
      id,
      key,
      eventKey,
      listener,
      event,
      delivery,
      number: this.#takenBack.get(key) ?? (this.#count += 1),
      shares,
      time: this.options.serverTime(),
    };
    this.#takenBack.delete(key);
    this.#entries.set(entry.number, entry);
    const same = this.#byKey.get(key);
    if (same) same.push(entry);
    else this.#byKey.set(key, [entry]);
    const [oldest] = this.#entries.size > MAX_WAITING ? this.#entries.values() : [];
    if (oldest) this.#drop(oldest, 'unkept');
    if (this.#leading) this.#publish(entry);
  }

  /** Counts the listeners of an event: all get it in the same turn of the event loop. */
  #sharesOf(event: string): { count: number } {
    if (this.#shares.size === 0) queueMicrotask(() => (this.#shares = new Map()));
    const shares = this.#shares.get(event) ?? { count: 0 };
    shares.count += 1;
    this.#shares.set(event, shares);
    return shares;
  }

  /** What this instance received before it led may be newer than what it is about to fetch. */
  #takeBack({ delivery, eventKey }: Entry): boolean {
    if (delivery.recovered || !this.options.takeBack(delivery)) return false;
    // Some listeners have it already: not again.
    for (const key of this.#incomplete.get(eventKey) ?? []) this.#expected.add(key);
    this.#incomplete.delete(eventKey);
    return true;
  }

  #publish(entry: Entry): void {
    if (!this.#leading || !this.#entries.has(entry.number)) return;
    const { names, partitions, instance } = this.options;
    const { id, listener, delivery, event, number, shares } = entry;
    const subject = names.events(listener, partitionOf(event.order, partitions));
    this.#publisherOf(subject, this.#leading.signal).add({
      delivery,
      id: messageIdOf(instance, number, 'received'),
      header: () => {
        const until = this.#publishedUntil;
        return {
          instance,
          ...id,
          source: delivery.recovered ? 'history' : 'socket',
          shares: shares.count,
          ...(until !== undefined && { until }),
        };
      },
      isWaiting: () => this.#entries.has(entry.number),
      onPublished: () => this.#finish(entry),
      onTooLarge: () => this.#drop(entry, 'tooLarge'),
    });
  }

  #publisherOf(subject: string, signal: AbortSignal): SubjectPublisher {
    const publisher = this.#publishers.get(subject) ?? new SubjectPublisher(subject, this.options, signal);
    this.#publishers.set(subject, publisher);
    return publisher;
  }

  /** The event is in the stream, or nobody waits for it any more. */
  #finish(entry: Entry): void {
    if (!this.#entries.delete(entry.number)) return;
    const same = this.#byKey.get(entry.key) ?? [];
    if (same.length > 1) same.splice(same.indexOf(entry), 1);
    else this.#byKey.delete(entry.key);
    entry.event.onSecured?.();
    if (this.#entries.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #drop(entry: Entry, reason: UnpublishedReason): void {
    this.#finish(entry);
    // The leader may have published it, which `prune` says. If nobody has, this instance reports it when it leads.
    if (this.#leading) this.#dropped.add(reason, 1);
    else this.#lost = { count: (this.#lost?.count ?? 0) + 1, time: entry.time };
  }
}

/** Identifies an event of a listener. */
function keyOf(
  listener: string,
  { channel, event, id, edit }: Pick<EventHeader, 'channel' | 'event' | 'id' | 'edit'>,
): string {
  return `${listener} ${channel} ${event} ${id} ${edit ?? ''}`;
}
