import { pause, type Clock } from '../clock';
import type { Delivery } from '../inbox/delivery';
import { runInBackground, type Log } from '../log';
import { retryDelay } from '../retry-delay';
import { encodeEvent, type EventHeader } from './event-message';

/** The waits between attempts, in ms. */
const FIRST_RETRY = 100;
const MAX_RETRY = 2_000;

/** What publishers need of the stream. */
export interface EventStream {
  /** The latest message of a subject; `undefined` if it has none. */
  latest(subject: string): Promise<{ readonly sequence: number; readonly id: string } | undefined>;
  /**
   * Publishes if `after` is the sequence of the subject's latest message, or 0 if it has none. NATS takes a message with
   * the same `id` once within two minutes. Resolves with the sequence; `undefined` if there is another latest message.
   * @throws RangeError if the message is larger than NATS takes
   */
  publish(
    message: { readonly subject: string; readonly id: string; readonly header: EventHeader; readonly body: Uint8Array },
    after: number,
  ): Promise<number | undefined>;
}

export interface SubjectPublisherOptions {
  readonly stream: EventStream;
  /** Resolves when it is known of all messages up to this sequence which events they hold. */
  readonly followed: (sequence: number) => Promise<void>;
  /** True while this instance leads. */
  readonly mayPublish: () => boolean;
  /** NATS did not take a message; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** An event that waits to be published. */
export interface Publication {
  readonly delivery: Delivery;
  /** The id of its message. */
  readonly id: string;
  readonly header: () => EventHeader;
  /** False once it is in the stream, or dropped. */
  readonly isWaiting: () => boolean;
  readonly onPublished: () => void;
  /** NATS takes no message of this size. */
  readonly onTooLarge: () => void;
}

/**
 * Publishes the events of one subject in order, each when the one before is stored. Each expects to be the first after the
 * latest message that it knows: so a message that a former leader publishes late is always noticed.
 */
export class SubjectPublisher {
  #waiting: Publication[] = [];
  #isRunning = false;
  /** The sequence of the latest message; `undefined` if NATS has to be asked. */
  #latest: number | undefined;

  constructor(
    private readonly subject: string,
    private readonly options: SubjectPublisherOptions,
    /** Aborted when this instance does not lead any more. */
    private readonly signal: AbortSignal,
  ) {}

  add(publication: Publication): void {
    this.#waiting.push(publication);
    if (this.#isRunning) return;
    this.#isRunning = true;
    // Not at once: events that are added in the same turn belong together.
    runInBackground(
      Promise.resolve().then(() => this.#run()),
      this.options.log,
      'Publishing events',
    );
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0 && !this.signal.aborted) {
      // Taking them off the front one by one would be slow if many wait.
      const batch = this.#waiting;
      this.#waiting = [];
      for (const publication of batch) await this.#publish(publication);
    }
    this.#isRunning = false;
  }

  /** Tries until it is published, or is not to be published any more. Never rejects. */
  async #publish(publication: Publication): Promise<void> {
    const { clock, random, onFailure } = this.options;
    for (let attempt = 0; !this.signal.aborted && publication.isWaiting(); attempt += 1) {
      try {
        if (await this.#attempt(publication)) return publication.onPublished();
        if (!publication.isWaiting()) return;
      } catch (error) {
        if (error instanceof RangeError) return publication.onTooLarge();
        onFailure(error);
        // It may have succeeded without an answer.
        this.#latest = undefined;
      }
      const wait = retryDelay(attempt, FIRST_RETRY, MAX_RETRY, random);
      await pause(clock, wait, this.signal).catch(() => undefined);
    }
  }

  /** True once it is published. */
  async #attempt(publication: Publication): Promise<boolean> {
    const { stream, followed, mayPublish } = this.options;
    const { id, delivery } = publication;
    if (this.#latest === undefined) {
      const latest = await stream.latest(this.subject);
      this.#latest = latest?.sequence ?? 0;
      if (latest?.id === id) return true;
      await followed(this.#latest);
      if (!publication.isWaiting()) return false;
    }
    if (this.signal.aborted || !mayPublish()) return false;
    const message = { subject: this.subject, id, header: publication.header(), body: encodeEvent(delivery) };
    this.#latest = await stream.publish(message, this.#latest);
    return this.#latest !== undefined;
  }
}
