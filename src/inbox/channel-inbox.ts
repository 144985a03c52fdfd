import { timesOf } from '../api/chat-messages';
import type { Line } from '../api/lines';
import { detail } from '../error-details';
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
  type EventSource,
  type Item,
  type LiveSource,
  type Meta,
  type MetaFacts,
} from '../events';
import { isTooDeep } from '../events/json';
import type { Clock } from '../clock';
import type { EventCounters } from '../event-counters';
import { ChannelCounts } from './channel-counts';
import { chatName } from './chats-to-read';
import type { BurstLimiter } from './burst-limiter';
import type { CrossSourceDeduplicator } from './cross-source-deduplicator';
import type { Deduplicator } from './deduplicator';
import { channelFacts, lineOf, orderOf, sharesOf, type Delivery } from './delivery';
import { HeldEvents } from './held-events';
import type { PendingEvent, PendingStore } from './pending-event';
import type { SeenChats } from './seen-chats';
import type { Subscriber } from './subscriber';
import type { Unsecured } from './unsecured';

/** ChatApp has about 30 events; a server that makes up names without end must not fill the memory. */
const MAX_EVENT_NAMES = 500;

/** The events of one envelope that were accepted. */
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
  readonly unsecured: Unsecured;
  /** Of all channels together. */
  readonly counts: EventCounters;
  readonly bursts: BurstLimiter;
  /** No crash can lose these events any more: each subscriber has them, or they are stored for it. */
  readonly onSecured: (accepted: Accepted) => void;
  /** The chats that each employee's channel has brought events of. */
  readonly seenChats: SeenChats;
}

/** Where and how an event came in. */
interface Origin {
  readonly source: LiveSource;
  /** Whether the other source may bring a copy. */
  readonly isCopyDue: boolean;
  /** In ms since the epoch. */
  readonly receivedAt: number;
  /** The JSON that held nothing but this envelope; absent if it is not at hand. */
  readonly text?: string | undefined;
}

/** Accepts the events of one channel: each once, for all subscribers that want it. */
export class ChannelInbox {
  readonly subscribers = new Set<Subscriber>();
  /** Live events that wait until older ones were fetched. */
  readonly held: HeldEvents;
  readonly counts: ChannelCounts;
  /** Who wants which event; found out when it is first seen, so that events that nobody wants cost nothing. */
  readonly #wanting = new Map<string, readonly Subscriber[]>();
  readonly #facts: MetaFacts;
  /** The only line of a messenger channel. */
  readonly line: Line | undefined;
  /** The user whose role decides which chats the channel brings; absent if it brings all of its line. */
  readonly employee: string | undefined;

  constructor(
    readonly channel: string,
    private readonly options: ChannelInboxOptions,
  ) {
    this.counts = new ChannelCounts(options.clock);
    this.held = new HeldEvents(options.clock, options.bursts);
    this.#facts = channelFacts(channel);
    const address = parseChannelName(channel);
    this.line = address?.type === 'messenger' ? address : undefined;
    this.employee = address?.type === 'employee' ? address.userId : undefined;
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
    for (const problem of problems) this.reject(problem, event);
    const text = typeof data === 'string' && envelopes.length === 1 ? data : undefined;
    const origin = { source, isCopyDue, receivedAt: this.options.clock.now(), text };
    for (const envelope of envelopes) if (!this.#hold(event, envelope, origin)) this.#accept(event, envelope, origin);
  }

  /**
   * Takes back an event that was accepted and not delivered, if older ones of its chat are being fetched: it is accepted
   * again after them. False if it need not wait.
   */
  takeBack({ event, item, meta, receivedAt }: Delivery): boolean {
    const line = this.line ?? lineOf(meta);
    const key = eventKeyOf(event, item, this.line ?? meta);
    if (!this.held.isHolding || !hasHistory(event) || !key) return false;
    const accept = (): void => {
      this.#accept(event, { items: [item], meta }, { source: 'socket', isCopyDue: false, receivedAt });
    };
    if (!this.held.hold([chatNameOf(line, event, item)], accept)) return false;
    this.options.deduplicator.forget(this.channel, event, key);
    return true;
  }

  /**
   * Resolves when no crash can lose what was received until now. What waits for older events counts: it has a history,
   * and a gap is open that ends after it.
   */
  settled(): Promise<void> {
    return this.options.unsecured.settled(this.channel);
  }

  /** Reports what is malformed to those who want the event; to all if not even the event is known. */
  reject(problem: EnvelopeProblem | 'noEvent', event?: string): void {
    const params = { event: event ?? '?', channel: this.channel, ...detail('problem', problem) };
    const concerned = event === undefined ? this.subscribers : this.#wantedBy(event);
    const error = ChatAppError.of('PAYLOAD_INVALID', 'unreadable', params);
    this.counts.skip('unreadable');
    for (const subscriber of concerned) subscriber.reportError(error);
  }

  /**
   * Takes messages out of the history, oldest first. Resolves with how many of them were missing, when no crash can lose
   * them any more, nor the first copies of those that are duplicates.
   */
  async recover(line: Line, items: readonly Item[]): Promise<number> {
    const { bursts } = this.options;
    let missing = 0;
    const times = timesOf(items);
    for (const [index, item] of items.entries()) {
      const event = item.type === 'system' ? 'messageSystem' : 'message';
      const meta = { type: event, licenseId: Number(line.licenseId), messengerType: line.messengerType };
      while (bursts.room) await bursts.room;
      if (isTooDeep(item)) this.reject('tooDeep', event);
      else if (this.#recoverOne(event, item, meta, times[index] ?? Infinity)) {
        bursts.add();
        missing += 1;
      }
    }
    await this.settled();
    return missing;
  }

  /** Reports an error to all subscribers. */
  report(error: ChatAppError): void {
    for (const subscriber of this.subscribers) subscriber.reportError(error);
  }

  #recoverOne(event: string, item: Item, meta: Meta, time: number): boolean {
    const { channel } = this;
    const wanting = this.#wantedBy(event).filter((one) => one.isWanted(channel, event, time));
    const key = eventKeyOf(event, item, this.line ?? meta);
    if (wanting.length === 0) return false;
    const counts = this.options.counts.of(event, 'history');
    counts.received += 1;
    if (key && !this.options.deduplicator.add(channel, event, key, 'history')) {
      counts.duplicates += 1;
      return false;
    }
    const accepted = { channel, event, source: 'history', keys: key ? [key] : [] } as const;
    const isDelivered = this.#deliver(accepted, { items: [item], meta }, wanting, this.options.clock.now());
    if (isDelivered) counts.backfilled += 1;
    return isDelivered;
  }

  /** True if the envelope waits for older events: it is accepted after them. */
  #hold(event: string, envelope: Envelope, origin: Origin): boolean {
    const mayWait = this.held.isHolding && hasHistory(event);
    if (!mayWait && this.employee === undefined) return false;
    const line = this.line ?? lineOf(envelope.meta);
    const chats = envelope.items.map((item) => chatNameOf(line, event, item));
    if (line && this.employee !== undefined) this.options.seenChats.add(this.channel, chats);
    // Without its text, it takes less memory while it waits.
    return mayWait && this.held.hold(chats, () => this.#accept(event, envelope, { ...origin, text: undefined }));
  }

  #accept(event: string, { items, meta }: Envelope, { source, isCopyDue, receivedAt, text }: Origin): void {
    const wanting = this.#wantedBy(event);
    // All may have left while it was held. If one of them returns, it is fetched: it must not be taken for a duplicate.
    if (wanting.length === 0) return;
    const fresh: Item[] = [];
    const keys: EventKey[] = [];
    for (const item of items) {
      const key = eventKeyOf(event, item, this.line ?? meta);
      if (!this.#isNew(event, item, key, source, isCopyDue)) continue;
      fresh.push(item);
      if (key) keys.push(key);
    }
    const counts = this.options.counts.of(event, source);
    counts.received += items.length;
    if (fresh.length < items.length) {
      counts.duplicates += items.length - fresh.length;
      this.counts.skip('duplicate', items.length - fresh.length);
    }
    if (fresh.length === 0) return;
    const accepted = { channel: this.channel, event, source, keys };
    this.#deliver(accepted, { items: fresh, meta }, wanting, receivedAt, items.length === 1 ? text : undefined);
  }

  #isNew(event: string, item: Item, key: EventKey | undefined, source: LiveSource, isCopyDue: boolean): boolean {
    const { deduplicator, crossSource } = this.options;
    if (key) return deduplicator.add(this.channel, event, key, source);
    if (!isCopyDue && crossSource.isIdle) return true;
    return crossSource.add(this.channel, contentHash(event, item), source, isCopyDue);
  }

  /** True if somebody gets one of the items. */
  #deliver(
    accepted: Accepted,
    envelope: Envelope,
    subscribers: readonly Subscriber[],
    receivedAt: number,
    text?: string,
  ): boolean {
    const { channel, event, source } = accepted;
    const facts = metaFacts(envelope.meta, this.#facts);
    const arrival = { channel, event, facts, receivedAt, recovered: source === 'history' };
    const shares = sharesOf(arrival, envelope, subscribers);
    if (shares.length === 0) {
      this.counts.skip('filtered', envelope.items.length);
      return false;
    }
    this.counts.accept(envelope.items.length);
    const release = this.options.unsecured.add(channel);
    let open = shares.length;
    const onSecured = (): void => {
      open -= 1;
      if (open > 0) return;
      release();
      this.#noteSecured(accepted);
    };
    for (const { subscriber, delivery } of shares) {
      // The first delivery may have ended the second subscriber.
      if (!this.subscribers.has(subscriber)) {
        onSecured();
        continue;
      }
      subscriber.noteDelivery(delivery.receivedAt);
      const unstored = { attempt: 1, order: orderOf(delivery), delivery, onSecured, source };
      if (subscriber.listener.ack === 'done') this.#storeFirst(subscriber, delivery, unstored, text);
      else subscriber.queue.add(unstored);
    }
    return true;
  }

  /** What was taken back meanwhile is accepted again, or fetched by a later run: that must not take it for a duplicate. */
  #noteSecured(accepted: Accepted): void {
    const { channel, event, keys } = accepted;
    const isKnown = (key: EventKey): boolean => this.options.deduplicator.has(channel, event, key);
    this.options.onSecured(keys.every(isKnown) ? accepted : { ...accepted, keys: keys.filter(isKnown) });
  }

  /** With `ack: 'done'` an event is stored before it is delivered. */
  #storeFirst({ id, queue }: Subscriber, delivery: Delivery, unstored: PendingEvent, text?: string): void {
    const { onSecured, ...event } = unstored;
    this.options.store.append(id, event.order, delivery, text).then(
      (sequence) => {
        onSecured?.();
        queue.add({ ...event, sequence });
      },
      // The storage reports why. Until it works, the event is in memory only.
      () => queue.add(unstored),
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
}

function chatNameOf(line: Line | undefined, event: string, item: Item): string {
  const { chatId = '' } = itemFacts(event, item);
  return line ? chatName(line, chatId) : chatId;
}
