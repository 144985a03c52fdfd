import type { Clock, Timer } from '../clock';
import { ChatAppError } from '../errors';
import type { Delivery } from '../inbox/delivery';
import type { Log } from '../log';
import type { Attempt } from './attempt';
import { putAside } from './dead-letter';
import type { ReadyEngine } from './engine';
import { deliveryTokenOf } from '../delivery/delivery-token';
import { decode } from './wire';

/** After how many tries an item is put aside. */
const MOST_TRIES = 5;
/** How long an item waits for a copy that can read it, in ms. */
const UNREADABLE_WAITS = 1_000;
/** How often an answer that may have got lost is repeated. */
const MOST_REPEATS = 3;

export interface Acknowledgement {
  readonly ack: 'sent' | 'done';
  readonly ackSeconds: number;
}

/** The same for all partitions of a listener. */
export interface PartitionOptions {
  readonly listener: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each try, with `attempt`; and with `deliveryToken` where it is to be settled. */
  readonly onDelivery: (delivery: Delivery) => void;
  /** `DELIVERY_FAILED` or `PAYLOAD_INVALID`, once for each item that was put aside. */
  readonly onError: (error: ChatAppError) => void;
}

/** The share of which it is a part. */
interface Owner {
  /** Aborted when the share ends. */
  readonly signal: AbortSignal;
  acknowledgement(): Acknowledgement;
  /** False while nothing is to be begun. */
  takes(): boolean;
  /** The next item may come. */
  onFree(partition: number): void;
}

/** What NATS was told about an item. The next item proves that it has heard it. */
interface Answer {
  readonly attempt: Attempt;
  readonly answer: '+ACK' | '+TERM';
  /** How often it is to be said again, if nothing proves it before. */
  repeats: number;
}

interface InHand {
  /** The latest try of it that this copy was given. */
  attempt: Attempt;
  /** Undefined where it could not be read. */
  readonly delivery: Delivery | undefined;
  /** Absent where nothing settles it any more. */
  deliveryToken?: string | undefined;
  timer?: Timer;
  /** It counts as handled in the next turn: only then Node-RED gives it to the next node, if that is still there. */
  isBeingSent?: boolean;
}

/** What this copy does with one partition of a listener: an item at a time. */
export class Partition {
  /** The latest item that was settled here. */
  #settled: Pick<Attempt, 'item' | 'time'> = { item: 0, time: 0 };
  #inHand: InHand | undefined;
  #answer: Answer | undefined;

  constructor(
    private readonly number: number,
    private readonly engine: ReadyEngine,
    private readonly owner: Owner,
    private readonly options: PartitionOptions,
  ) {}

  get isFree(): boolean {
    return !this.#inHand;
  }

  /** The number of the latest item that was settled here; 0 for none. */
  get settled(): number {
    return this.#settled.item;
  }

  take(attempt: Attempt): void {
    if (this.#isSettled(attempt)) {
      // Our answer got lost, or NATS has forgotten it.
      this.#finish(attempt, '+ACK');
    } else if (this.#inHand?.attempt.item === attempt.item) {
      // NATS took us for dead, but it is still being worked on.
      this.#inHand.attempt = attempt;
    } else if (this.#inHand || !this.owner.takes()) {
      attempt.fail(this.engine);
    } else {
      this.#answer = undefined;
      this.#handle(attempt);
    }
  }

  /** Settles a try; false where it is not in hand. */
  settle(deliveryToken: string, outcome: 'done' | 'failed'): boolean {
    const inHand = this.#inHand;
    if (inHand?.deliveryToken !== deliveryToken) return false;
    if (outcome === 'done') this.#finish(inHand.attempt, '+ACK');
    else this.#fail(inHand);
    return true;
  }

  /** Tells NATS once more what may have got lost: that this copy lives and has an item in hand, or what became of it. */
  repeat(): void {
    this.#inHand?.attempt.keep(this.engine);
    if (!this.#answer || this.#answer.repeats === 0) return;
    this.#answer.repeats -= 1;
    this.#answer.attempt.end(this.engine, this.#answer.answer);
  }

  /** The flow stops: what it was handed in this turn nobody in it gets any more. */
  takeBack(): void {
    if (this.#inHand?.isBeingSent) this.letGo();
  }

  /** What is in hand goes to another copy at once. */
  letGo(): void {
    this.#inHand?.timer?.cancel();
    this.#inHand?.attempt.fail(this.engine);
    this.#inHand = undefined;
  }

  /**
   * All items before one that was settled are settled, by whichever copy. Numbers alone do not tell: a server that
   * breaks down may lose the newest items, and give their numbers to others.
   */
  #isSettled({ item, time }: Attempt): boolean {
    return item <= this.#settled.item && time <= this.#settled.time;
  }

  #handle(attempt: Attempt): void {
    const { listener, clock } = this.options;
    const { ack, ackSeconds } = this.owner.acknowledgement();
    const { number, message } = attempt;
    const inHand: InHand = { attempt, delivery: decode(message.data) };
    this.#inHand = inHand;
    if (number > MOST_TRIES) return void this.#putAside(inHand);
    // Another copy may have a later version of this package, and read it.
    if (!inHand.delivery) return this.#fail(inHand, UNREADABLE_WAITS);
    if (ack === 'done') {
      inHand.deliveryToken = deliveryTokenOf(listener, attempt.item, attempt.number);
      inHand.timer = clock.after(ackSeconds * 1000, () => this.#fail(inHand));
    }
    this.#handOver(inHand, inHand.delivery);
  }

  #handOver(inHand: InHand, delivery: Delivery): void {
    const { listener, log, onDelivery } = this.options;
    const { attempt, deliveryToken } = inHand;
    inHand.isBeingSent = deliveryToken === undefined;
    try {
      onDelivery({ ...delivery, attempt: attempt.number, ...(deliveryToken !== undefined && { deliveryToken }) });
    } catch (error) {
      log.warn(`Handing an item to ${listener} failed: ${error instanceof Error ? error.name : 'error'}`);
      if (deliveryToken !== undefined) this.settle(deliveryToken, 'failed');
    }
    if (!inHand.isBeingSent || this.#inHand !== inHand) return;
    const turn = setImmediate(() => this.#finish(inHand.attempt, '+ACK'));
    inHand.timer = { cancel: () => clearImmediate(turn) };
  }

  #fail(inHand: InHand, delay = 0): void {
    if (inHand.attempt.number >= MOST_TRIES) return void this.#putAside(inHand);
    inHand.attempt.fail(this.engine, delay);
    this.#free();
  }

  #finish(attempt: Attempt, answer: '+ACK' | '+TERM'): void {
    const { item, time } = attempt;
    if (time > this.#settled.time) this.#settled = { item, time };
    // First this, and then the question for the next one: NATS reads them in this order.
    attempt.end(this.engine, answer);
    this.#answer = { attempt, answer, repeats: MOST_REPEATS };
    this.#free();
  }

  #free(): void {
    this.#inHand?.timer?.cancel();
    this.#inHand = undefined;
    this.owner.onFree(this.number);
  }

  /** No try worked: it is kept where no flow waits for it. */
  async #putAside(inHand: InHand): Promise<void> {
    inHand.timer?.cancel();
    inHand.deliveryToken = undefined;
    const { listener, clock, onError } = this.options;
    const { attempt, delivery } = inHand;
    const why = delivery ? 'tries' : 'unreadable';
    try {
      const isOurs = await putAside(this.engine, listener, attempt, why, clock, this.owner.signal);
      if (this.#inHand === inHand) this.#finish(inHand.attempt, '+TERM');
      if (isOurs) onError(asError(delivery, this.engine.names.dead(listener)));
    } catch {
      // This copy has ended: another one gets it once more, and puts it aside.
    }
  }
}

function asError(delivery: Delivery | undefined, subject: string): ChatAppError {
  if (delivery) {
    const { event, channel } = delivery;
    return ChatAppError.of('DELIVERY_FAILED', 'tries', { event, channel, tries: MOST_TRIES, subject });
  }
  const problem = `its form is unknown, it lies in ${subject} of NATS now`;
  return ChatAppError.of('PAYLOAD_INVALID', 'unreadable', { event: '?', channel: '?', problem });
}
