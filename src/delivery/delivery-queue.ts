import type { Clock } from '../clock';
import type { EventSource } from '../events';
import type { Delivery } from '../inbox/delivery';
import type { Listener } from '../inbox/listener';
import type { PendingEvent, PendingStore } from '../inbox/pending-event';
import type { SubscriberQueue } from '../inbox/subscriber';
import { runInBackground, type Log } from '../log';
import { DroppedEvents, type DropReason, type OnDropped } from './dropped-events';
import { statusIn, type Failure, type Outcome } from './outcome';
import { PendingChats, type Entry } from './pending-chats';
import type { PendingLimits } from './pending-limits';
import { Recipient } from './recipient';
import { MAX_ATTEMPTS, redeliveryDelay } from './redelivery-delay';
import { SentEvents } from './sent-events';
import { StoreWriter } from './store-writer';

/** How much of a backlog is delivered in one turn of the event loop: flows get their turn in between. */
const MAX_PER_TURN = 100;
/** How soon a body is read again if the disk has failed, in ms. */
const READ_AGAIN = 5_000;

export interface DeliveryQueueOptions {
  readonly subscriber: string;
  /** How the node acknowledged when it was last there: what is added before it is attached is sorted accordingly. */
  readonly ack: Recipient['ack'];
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
  readonly store: PendingStore;
  readonly limits: PendingLimits;
  /** The event failed in its last attempt and is a dead letter now. `cause` is that of this attempt, if it is known. */
  readonly onGivenUp: (delivery: Delivery, attempts: number, cause?: string, source?: EventSource) => void;
  /** The next nodes have the event, or the flow is done with it. */
  readonly onDelivered: (entry: Entry) => void;
  /** So many pending events were dropped within a second. */
  readonly onDropped: OnDropped;
  /** The number of pending events or the time of the next attempt may have changed. */
  readonly onState: () => void;
  readonly onClosed: () => void;
  /** False while nothing may be delivered; what was added waits until something else happens. Absent: always true. */
  readonly mayDeliver?: () => boolean;
}

/** Delivers the events of one subscriber in order, across deploys of its node, and again until they are acknowledged. */
export class DeliveryQueue implements SubscriberQueue {
  readonly #chats: PendingChats;
  readonly #sent: SentEvents;
  readonly #writer: StoreWriter;
  readonly #dropped: DroppedEvents;
  #recipient: Recipient | undefined;
  #lastFailure: string | undefined;
  #isPumpDue = false;
  #isClosed = false;
  #isCleared = false;

  constructor(private readonly options: DeliveryQueueOptions) {
    const chats = new PendingChats(options.ack === 'done', options.random);
    this.#chats = chats;
    this.#dropped = new DroppedEvents(options.clock, options.onDropped);
    this.#writer = new StoreWriter({
      ...options,
      chats,
      drop: (reason, entries) => {
        this.#drop(reason, entries);
        this.#pump();
      },
    });
    this.#sent = new SentEvents({
      onDelivered: (entry) => this.#onDelivered(entry),
      onUndelivered: (entries) => {
        chats.addFirst(entries);
        this.#writer.addFirst(entries);
        this.#pump();
      },
    });
  }

  /** How many events wait or are in flight. */
  get pending(): number {
    return this.#chats.size;
  }

  /** How many flows work on. */
  get inFlight(): number {
    return this.#chats.inFlight;
  }

  get oldest(): PendingChats['oldest'] {
    return this.#chats.oldest;
  }

  /** When the next further attempt is due, in ms (monotonic); absent if none is. */
  get nextAttempt(): number | undefined {
    return this.#chats.nextAttempt;
  }

  /** How the attempt ended that failed last: an HTTP status, a system code, `timeout` or `failed`. */
  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  attach(listener: Listener): void {
    this.#recipient = new Recipient(this.options.subscriber, listener, this.options.log);
    this.#chats.setOrdered(this.#recipient.ack === 'done');
    this.#sent.hold();
    this.#pump();
  }

  detach(): void {
    this.#recipient = undefined;
  }

  add(event: PendingEvent): void {
    const entry = this.#chats.entryOf(event);
    // It was being stored when the others were dropped.
    if (this.#isCleared && this.#isClosed) return this.#writer.release(entry);
    const isFirst = this.#chats.size === 0 && !this.#sent.isBlocked && this.#mayDeliver;
    if (isFirst && this.#recipient?.ack === 'sent' && event.delivery) {
      return this.#send(entry, event.delivery, this.#recipient);
    }
    this.#chats.add(entry);
    this.#writer.add(entry);
    this.#pump();
  }

  /**
   * Ends an attempt. False if nothing waits for that: the event was acknowledged already, or a later attempt has begun and
   * this one did not end well.
   */
  acknowledge(id: number, attempt: number, outcome: Outcome, failure: Failure = {}): boolean {
    const entry = this.#chats.attempted(id);
    if (!entry) return false;
    const isCurrent = entry.state === 'inFlight' && entry.event.attempt === attempt;
    if (outcome === 'done') {
      this.options.onDelivered(entry);
      this.#finish(entry);
    } else if (isCurrent && !this.#isClosed) this.#fail(entry, failure, outcome === 'giveUp');
    else return false;
    this.#pump();
    return true;
  }

  async store(): Promise<void> {
    // What was just sent is not stored unless a deploy drops it: the next start would deliver it again.
    await this.#sent.settled();
    await this.#writer.store();
  }

  clear(): number {
    this.#isCleared = true;
    const entries = this.#chats.clear();
    for (const entry of [...this.#sent.clear(), ...entries]) this.#writer.release(entry);
    this.options.onState();
    return entries.length;
  }

  /**
   * Takes out events whatever happens to them: they stay in the store, and nothing of them is reported. What was sent and
   * is not confirmed yet is left out.
   * @param isWithdrawn called with the sequence of each, and whether a flow works on it
   * @returns the sequences of those that were taken out
   */
  withdraw(isWithdrawn: (sequence: number, isInFlight: boolean) => boolean): number[] {
    const withdrawn: number[] = [];
    for (const entry of [...this.#chats.entries()]) {
      const { sequence } = entry.event;
      if (sequence === undefined || !isWithdrawn(sequence, entry.state === 'inFlight')) continue;
      this.#chats.remove(entry);
      this.#writer.delete(entry);
      withdrawn.push(sequence);
    }
    this.#pump();
    return withdrawn;
  }

  close(): void {
    this.#isClosed = true;
    this.#recipient = undefined;
    this.#writer.close();
    this.#dropped.report();
    this.#chats.cancelTimers();
    this.options.onClosed();
  }

  get #mayDeliver(): boolean {
    return this.options.mayDeliver?.() ?? true;
  }

  #pump(): void {
    if (this.#isPumpDue || this.#isClosed || this.#sent.isBlocked || !this.#mayDeliver) return;
    for (let count = 0; this.#recipient; count += 1) {
      const recipient = this.#recipient;
      if (recipient.ack === 'done' && this.#chats.inFlight >= recipient.inFlight) break;
      if (count === MAX_PER_TURN) {
        this.#isPumpDue = true;
        setImmediate(() => {
          this.#isPumpDue = false;
          this.#pump();
        });
        break;
      }
      const entry = this.#chats.next();
      if (!entry) break;
      if (entry.event.delivery) this.#deliver(entry, entry.event.delivery, recipient);
      else runInBackground(this.#load(entry), this.options.log, 'Reading a pending event');
    }
    this.options.onState();
  }

  async #load(entry: Entry): Promise<void> {
    const { sequence } = entry.event;
    this.#chats.startLoading(entry);
    const read = sequence === undefined ? Promise.resolve(undefined) : this.options.store.read(sequence);
    const body = await read.catch(() => 'failed' as const);
    const recipient = this.#mayDeliver ? this.#recipient : undefined;
    // Meanwhile the node may have got another `ack`, for instance.
    if (entry.state !== 'loading' || this.#isClosed) return;
    if (body === 'failed') this.#delay(entry, READ_AGAIN);
    // It cannot be read, which was reported. The events behind it must not wait for ever.
    else if (!body) this.#finish(entry);
    else if (recipient) this.#deliver(entry, body, recipient);
    else this.#chats.requeue(entry);
    this.#pump();
  }

  #deliver(entry: Entry, delivery: Delivery, recipient: Recipient): void {
    const { event } = entry;
    const { attempt, sequence } = event;
    if (!recipient.isWanted(delivery)) return this.#drop('unwanted', [entry]);
    if (recipient.ack === 'sent') {
      this.#chats.remove(entry);
      this.#writer.delete(entry);
      return this.#send(entry, delivery, recipient);
    }
    if (attempt > MAX_ATTEMPTS) {
      this.#chats.remove(entry);
      this.#writer.keepDeadLetter(entry);
      return this.options.onGivenUp(delivery, entry.lastAttempt ?? MAX_ATTEMPTS, entry.cause, event.source);
    }
    if (sequence !== undefined && attempt > 1) this.options.store.noteAttempt(sequence, attempt);
    const deadline = this.options.clock.after(recipient.ackSeconds * 1_000, () => {
      this.#fail(entry, {});
      this.#lastFailure = 'timeout';
      this.#pump();
    });
    this.#chats.begin(entry, deadline);
    entry.arrival = { event: delivery.event, receivedAt: delivery.receivedAt };
    // The flow may change what it gets. Without a record in the store, a further attempt needs it as it was.
    const given = event.delivery ? structuredClone(delivery) : delivery;
    const isDelivered = recipient.deliver(entry, given);
    if (isDelivered) setImmediate(() => this.#confirmAttempt(entry, attempt, isDelivered));
  }

  /** With `ack: 'sent'`, an event is delivered once the next nodes have got it. */
  #send(entry: Entry, delivery: Delivery, recipient: Recipient): void {
    entry.arrival = delivery;
    const isDelivered = recipient.deliver(entry, delivery);
    if (isDelivered) this.#sent.add(entry, isDelivered);
    else this.#onDelivered(entry);
  }

  #onDelivered(entry: Entry): void {
    this.options.onDelivered(entry);
    this.#writer.release(entry);
  }

  /** A deploy may have closed the next nodes before they got it: then this was no attempt. */
  #confirmAttempt(entry: Entry, attempt: number, isDelivered: () => boolean): void {
    if (entry.state !== 'inFlight' || entry.event.attempt !== attempt || isDelivered()) return;
    this.#chats.requeue(entry);
    this.#pump();
  }

  #fail(entry: Entry, { retryAfter = 0, cause }: Failure, isLast = false): void {
    const { event } = entry;
    const wait = isLast ? undefined : redeliveryDelay(event.attempt, retryAfter, this.options.random);
    this.#lastFailure = statusIn(cause) ?? 'failed';
    entry.cause = cause;
    entry.lastAttempt = event.attempt;
    event.attempt = isLast ? MAX_ATTEMPTS + 1 : event.attempt + 1;
    // After the last attempt it is given up as soon as its body is there.
    if (wait === undefined) this.#chats.requeue(entry);
    else this.#delay(entry, wait);
  }

  #delay(entry: Entry, wait: number): void {
    const { clock } = this.options;
    const timer = clock.after(wait, () => {
      this.#chats.requeue(entry);
      this.#pump();
    });
    this.#chats.delay(entry, timer, clock.monotonic() + wait);
  }

  /** The event is not pending any more. */
  #finish(entry: Entry): void {
    this.#chats.remove(entry);
    this.#writer.release(entry);
  }

  #drop(reason: DropReason, entries: readonly Entry[]): void {
    for (const entry of entries) this.#finish(entry);
    this.#dropped.add(reason, entries.length);
  }
}
