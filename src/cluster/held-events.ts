import type { JsMsg } from '@nats-io/jetstream';
import { pause, type Clock } from '../clock';
import type { Delivery } from '../inbox/delivery';
import type { PendingStore } from '../inbox/pending-event';
import { runInBackground, type Log } from '../log';
import { decodeEvent } from './event-message';
import { HandledEvents } from './handled-events';
import type { ReadyNats } from './nats-client';
import { loadNats } from './nats-options';
import { WaitingEvents } from './waiting-events';

const RETRY_AFTER = 1_000;

/** An event that was received and is not acknowledged. */
export interface Held {
  /** The latest time that NATS has delivered it. */
  message: JsMsg;
  readonly partition: number;
  /** True from the second time that its wait is extended. */
  isOld: boolean;
}

/** What is known of a partition. */
export interface PartitionEvents {
  readonly handled: HandledEvents;
  readonly waiting: WaitingEvents;
}

export interface HeldEventsOptions {
  readonly listener: string;
  /** The id of this run. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The events of a listener that this instance has, as the store of their queue: what it removes is acknowledged. */
export class HeldEvents implements PendingStore {
  readonly #held = new Map<number, Held>();
  readonly #partitions = new Map<number, PartitionEvents>();
  readonly #end = new AbortController();
  /** Called when fewer events are held. */
  readonly #onRemoved = new Set<() => void>();
  /** When the stream was created. */
  #stream = '';

  constructor(
    private readonly nats: ReadyNats,
    private readonly options: HeldEventsOptions,
  ) {}

  /** True if all that is known is of this stream; otherwise it is forgotten. @param stream when it was created */
  belongTo(stream: string): boolean {
    if (stream === this.#stream) return true;
    this.#stream = stream;
    this.#partitions.clear();
    this.#held.clear();
    return false;
  }

  partition(partition: number): PartitionEvents {
    const { listener, instance } = this.options;
    const events = this.#partitions.get(partition) ?? {
      handled: new HandledEvents(this.nats, listener, partition, this.#stream, instance),
      waiting: new WaitingEvents(this.nats, this.nats.names.events(listener, partition)),
    };
    this.#partitions.set(partition, events);
    return events;
  }

  get(sequence: number): Held | undefined {
    return this.#held.get(sequence);
  }

  /** Those of a partition by their sequences, in order. */
  in(partition: number): [number, Held][] {
    return [...this.#held].filter(([, held]) => held.partition === partition).sort(([a], [b]) => a - b);
  }

  add(message: JsMsg, partition: number): Held {
    const held = { message, partition, isOld: false };
    this.#held.set(message.seq, held);
    return held;
  }

  /** Leaves it to NATS. */
  forget(sequence: number): void {
    this.#held.delete(sequence);
  }

  /** Extends the wait of NATS for the events of some partitions: it would deliver them again. */
  keep(isOwned: (partition: number) => boolean): void {
    for (const held of this.#held.values()) {
      if (held.isOld && isOwned(held.partition)) held.message.working();
      held.isOld = true;
    }
  }

  acknowledge(message: JsMsg, partition: number): void {
    const { handled, waiting } = this.partition(partition);
    handled.add(message.seq);
    waiting.onHandled(message.seq);
    message.ack();
  }

  /** Resolves when a condition holds that depends on what is held, at the latest after `limit` ms or when it ends. */
  async until(condition: () => boolean, limit: number): Promise<void> {
    if (condition()) return;
    const done = new AbortController();
    const check = (): void => {
      if (condition()) done.abort(new Error('done'));
    };
    this.#onRemoved.add(check);
    await pause(this.options.clock, limit, AbortSignal.any([done.signal, this.#end.signal])).catch(() => undefined);
    this.#onRemoved.delete(check);
  }

  /** Keeps an event as a dead letter, and acknowledges it as soon as that is done. */
  deadLetter(sequence: number, reason: 'attempts' | 'unreadable'): void {
    const held = this.#held.get(sequence);
    if (held) runInBackground(this.#storeDeadLetter(sequence, held, reason), this.options.log, 'Keeping a dead letter');
  }

  /** Ends what waits. */
  end(): void {
    this.#end.abort(new Error('ended'));
  }

  append(): Promise<number> {
    return Promise.reject(new Error('Events come from NATS only'));
  }

  read(sequence: number): Promise<Delivery | undefined> {
    const held = this.#held.get(sequence);
    return Promise.resolve(held && decodeEvent(held.message.data));
  }

  /** The limits are those of the stream. */
  bytesOf(): number {
    return 0;
  }

  remove(sequence: number): void {
    const held = this.#held.get(sequence);
    if (!held) return;
    this.#held.delete(sequence);
    this.acknowledge(held.message, held.partition);
    for (const check of this.#onRemoved) check();
  }

  noteAttempt(sequence: number, attempt: number): void {
    const held = this.#held.get(sequence);
    if (!held) return;
    const { handled } = this.partition(held.partition);
    handled.noteAttempt(sequence, attempt);
    // If this attempt ends the process, the next one has to know. What fails is stored later.
    runInBackground(
      handled.save().catch(() => undefined),
      this.options.log,
      'Noting an attempt',
    );
  }

  keepDeadLetter(sequence: number): void {
    this.deadLetter(sequence, 'attempts');
  }

  async #storeDeadLetter(sequence: number, held: Held, reason: string): Promise<void> {
    const { js, names } = this.nats;
    const { listener, clock } = this.options;
    while (!this.#end.signal.aborted) {
      const headers = loadNats().headers();
      headers.set('Chatapp-Reason', reason);
      headers.set('Chatapp-From', held.message.subject);
      try {
        await js.publish(names.dead(listener), held.message.data, { msgID: `dead.${listener}.${sequence}`, headers });
        return this.remove(sequence);
      } catch {
        // What is wrong with NATS is reported by its client. Until then the event is held.
        await pause(clock, RETRY_AFTER, this.#end.signal).catch(() => undefined);
      }
    }
  }
}
