import type { Line } from '../api/lines';
import { ChatAppError } from '../errors';
import {
  contentHash,
  eventKeyOf,
  hasHistory,
  itemFacts,
  metaFacts,
  parseChannelName,
  readEnvelopes,
  type Envelope,
  type EnvelopeProblem,
  type EventKey,
  type Item,
  type Meta,
  type MetaFacts,
} from '../events';
import { isTooDeep } from '../events/json';
import type { Clock } from '../clock';
import { chatName } from './chats-to-read';
import type { CrossSourceDeduplicator } from './cross-source-deduplicator';
import type { Deduplicator } from './deduplicator';
import { channelFacts, deliveriesOf, lineOf, orderOf, separate, type Arrival, type Delivery } from './delivery';
import type { EventSource, LiveSource } from './event-source';
import { HeldEvents } from './held-events';
import type { PendingStore } from './pending-event';
import type { Subscriber } from './subscriber';
import { Unsecured } from './unsecured';

/** ChatApp has about 30 events; a server that makes up names without end must not fill the memory. */
const MAX_EVENT_NAMES = 500;

/** One envelope's events on their way, until each subscriber has them or they are stored for it. */
export interface Accepted {
  readonly channel: string;
  readonly event: string;
  readonly source: EventSource;
  readonly keys: readonly EventKey[];
}

/** The same for all channels. */
export interface ChannelInboxOptions {
  readonly clock: Clock;
  readonly deduplicator: Deduplicator;
  readonly crossSource: CrossSourceDeduplicator;
  readonly store: PendingStore;
  /** An envelope's events were accepted; the result is called when no crash can lose them any more. */
  readonly onAccepted: (accepted: Accepted) => () => void;
  /** An employee's channel has brought an event of these chats of a line. */
  readonly onChats: (channel: string, line: Line, chats: readonly string[]) => void;
}

/** Where and how an event came in. */
interface Origin {
  readonly source: LiveSource;
  /** Whether the other source may bring a copy. */
  readonly isCopyDue: boolean;
  /** In ms since the epoch. */
  readonly receivedAt: number;
}

/** Accepts the events of one channel: each once, for all subscribers that want it. */
export class ChannelInbox {
  readonly subscribers = new Set<Subscriber>();
  /** Live events that wait until older ones were fetched. */
  readonly held: HeldEvents;
  /** Who wants which event; found out when it is first seen, so that events that nobody wants cost nothing. */
  readonly #wanting = new Map<string, readonly Subscriber[]>();
  /** What was accepted and could still be lost by a crash. */
  readonly #unsecured = new Unsecured();
  readonly #facts: MetaFacts;
  /** The only line of a messenger channel. */
  readonly #line: Line | undefined;
  readonly #isEmployee: boolean;

  constructor(
    readonly channel: string,
    private readonly options: ChannelInboxOptions,
  ) {
    this.held = new HeldEvents(options.clock);
    this.#facts = channelFacts(channel);
    const address = parseChannelName(channel);
    this.#line = address?.type === 'messenger' ? address : undefined;
    this.#isEmployee = address?.type === 'employee';
  }

  /** True if a subscriber wants messages, which can be fetched if they were missed. */
  get wantsHistory(): boolean {
    return [...this.subscribers].some(({ listener: { events } }) => events.length === 0 || events.some(hasHistory));
  }

  /** The subscribers, or what they want, have changed. */
  update(): void {
    this.#wanting.clear();
  }

  isWanted(event: string): boolean {
    return this.#wantedBy(event).length > 0;
  }

  /** Takes an event that somebody wants. */
  receive(event: string, data: unknown, source: LiveSource, isCopyDue: boolean): void {
    const { envelopes, problems } = readEnvelopes(data);
    for (const problem of problems) this.#complain(event, problem);
    const origin = { source, isCopyDue, receivedAt: this.options.clock.now() };
    for (const envelope of envelopes) this.#acceptInTurn(event, envelope, origin);
  }

  /**
   * Resolves when no crash can lose what was received until now. What waits for older events counts: it has a history,
   * and a gap is open that ends after it.
   */
  settled(): Promise<void> {
    return this.#unsecured.settled();
  }

  /** Something came in of which not even the event is known. */
  reject(problem: EnvelopeProblem | 'its meta names no event'): void {
    this.#report(this.subscribers, '?', problem);
  }

  /**
   * Takes messages out of the history, oldest first. Resolves with how many of them were missing, when no crash can lose
   * them any more, nor the first copies of those that are duplicates.
   */
  async recover(line: Line, items: readonly Item[]): Promise<number> {
    let missing = 0;
    for (const item of items) {
      const event = item.type === 'system' ? 'messageSystem' : 'message';
      const meta = { type: event, licenseId: Number(line.licenseId), messengerType: line.messengerType };
      if (isTooDeep(item)) this.#complain(event, 'it is nested too deeply');
      else if (this.#recoverOne(event, item, meta)) missing += 1;
    }
    await this.settled();
    return missing;
  }

  #recoverOne(event: string, item: Item, meta: Meta): boolean {
    const { channel } = this;
    const wanting = this.#wantedBy(event).filter((one) => one.isWanted(channel, event, Number(item.time)));
    const key = eventKeyOf(event, item, this.#line ?? meta);
    if (wanting.length === 0) return false;
    if (key && !this.options.deduplicator.add(channel, event, key, 'history')) return false;
    const arrival = this.#arrival(event, meta, this.options.clock.now(), true);
    return this.#deliver(arrival, { items: [item], meta }, wanting, key ? [key] : [], 'history');
  }

  #acceptInTurn(event: string, envelope: Envelope, origin: Origin): void {
    const isHistory = hasHistory(event);
    const mayWait = isHistory && this.held.isHolding;
    if (!mayWait && !this.#isEmployee) return this.#accept(event, envelope, origin);
    const line = this.#line ?? lineOf(envelope.meta);
    const chats = envelope.items.map((item) => chatNameOf(line, event, item));
    if (line && this.#isEmployee) this.options.onChats(this.channel, line, chats);
    const accept = (): void => this.#accept(event, envelope, origin);
    if (!mayWait || !this.held.hold(chats, accept)) accept();
  }

  #accept(event: string, { items, meta }: Envelope, { source, isCopyDue, receivedAt }: Origin): void {
    const wanting = this.#wantedBy(event);
    // All may have left while it was held. If one of them returns, it is fetched: it must not be taken for a duplicate.
    if (wanting.length === 0) return;
    const fresh: Item[] = [];
    const keys: EventKey[] = [];
    for (const item of items) {
      const key = eventKeyOf(event, item, this.#line ?? meta);
      if (!this.#isNew(event, item, key, source, isCopyDue)) continue;
      fresh.push(item);
      if (key) keys.push(key);
    }
    if (fresh.length === 0) return;
    this.#deliver(this.#arrival(event, meta, receivedAt, false), { items: fresh, meta }, wanting, keys, source);
  }

  #isNew(event: string, item: Item, key: EventKey | undefined, source: LiveSource, isCopyDue: boolean): boolean {
    const { deduplicator, crossSource } = this.options;
    if (key) return deduplicator.add(this.channel, event, key, source);
    if (!isCopyDue && crossSource.isIdle) return true;
    return crossSource.add(this.channel, contentHash(event, item), source, isCopyDue);
  }

  /** True if somebody gets one of the items. */
  #deliver(
    arrival: Arrival,
    envelope: Envelope,
    subscribers: readonly Subscriber[],
    keys: readonly EventKey[],
    source: EventSource,
  ): boolean {
    const { event, channel } = arrival;
    const shares: { readonly subscriber: Subscriber; readonly delivery: Delivery }[] = [];
    for (const subscriber of subscribers) {
      for (const delivery of deliveriesOf(arrival, envelope, subscriber.listener))
        shares.push({ subscriber, delivery });
    }
    if (shares.length === 0) return false;
    // All copies are made before the first one is delivered: what one flow changes, no other may see.
    if (shares.length > 1 || Object.isFrozen(envelope.meta)) separate(shares.map(({ delivery }) => delivery));
    const onAllSecured = this.options.onAccepted({ channel, event, source, keys });
    const release = this.#unsecured.add();
    let open = shares.length;
    const onSecured = (): void => {
      open -= 1;
      if (open > 0) return;
      onAllSecured();
      release();
    };
    for (const { subscriber, delivery } of shares) this.#offer(subscriber, delivery, onSecured);
    return true;
  }

  /** With `ack: 'done'` an event is stored before it is delivered. */
  #offer(subscriber: Subscriber, delivery: Delivery, onSecured: () => void): void {
    const order = orderOf(delivery);
    // The first delivery may have ended the second subscriber.
    if (!this.subscribers.has(subscriber)) return onSecured();
    subscriber.noteDelivery(delivery.receivedAt);
    if (subscriber.listener.ack !== 'done') return subscriber.queue.add({ attempt: 1, order, delivery, onSecured });
    this.options.store.append(subscriber.id, order, delivery).then(
      (sequence) => {
        onSecured();
        subscriber.queue.add({ attempt: 1, order, delivery, sequence });
      },
      // The storage reports why. Until it works, the event is in memory only.
      () => subscriber.queue.add({ attempt: 1, order, delivery, onSecured }),
    );
  }

  #wantedBy(event: string): readonly Subscriber[] {
    const known = this.#wanting.get(event);
    if (known) return known;
    const wanting = [...this.subscribers].filter((subscriber) => subscriber.wantsEvent(event));
    if (this.#wanting.size >= MAX_EVENT_NAMES) this.#wanting.clear();
    this.#wanting.set(event, wanting);
    return wanting;
  }

  #arrival(event: string, meta: Meta, receivedAt: number, recovered: boolean): Arrival {
    const { channel } = this;
    return { event, channel, facts: metaFacts(meta, this.#facts), receivedAt, recovered };
  }

  #complain(event: string, problem: EnvelopeProblem): void {
    this.#report(this.#wantedBy(event), event, problem);
  }

  #report(subscribers: Iterable<Subscriber>, event: string, problem: string): void {
    const error = ChatAppError.of('PAYLOAD_INVALID', 'unreadable', { event, channel: this.channel, problem });
    for (const subscriber of subscribers) subscriber.reportError(error);
  }
}

function chatNameOf(line: Line | undefined, event: string, item: Item): string {
  const { chatId = '' } = itemFacts(event, item);
  return line ? chatName(line, chatId) : chatId;
}
