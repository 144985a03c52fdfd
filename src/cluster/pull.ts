import { randomUUID } from 'node:crypto';
import type { Msg, Subscription } from 'nats';
import type { Clock, Timer } from '../clock';
import type { ReadyEngine } from './engine';
import { loadNats } from './nats';
import { runInBackground, type Log } from '../log';

/** How long a consumer keeps in mind that it was asked, in ms. */
const EXPIRES = 8_000;
/** After this time without any answer, in ms, the question is lost, or the consumer is. */
const OVERDUE = EXPIRES + 1_000;
/** How soon it is asked again where something is wrong, in ms. */
const AGAIN = 500;
/** "Request Timeout": there was nothing for as long as we asked. */
const NOTHING_CAME = 408;

export interface PullOptions {
  readonly listener: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onMessage: (message: Msg, partition: number) => void;
  /** Makes sure that the consumers are there; may reject. */
  readonly mend: () => Promise<void>;
}

/**
 * Asks a listener's consumers for items, each for one at a time, and by one subscription for all. What goes wrong
 * ends in asking anew, for as long as it takes.
 */
export class Pull {
  readonly #inbox = `_INBOX.${randomUUID()}`;
  readonly #subscription: Subscription;
  /** The latest question to each consumer that has not been answered, and when it was asked, in ms since the epoch. */
  readonly #asked = new Map<number, { readonly address: string; readonly at: number }>();
  /** The consumers that are to be asked once they are known to be there. */
  readonly #unasked = new Set<number>();
  #mending: Timer | undefined;
  #questions = 0;
  #isClosed = false;

  constructor(
    private readonly engine: ReadyEngine,
    private readonly options: PullOptions,
  ) {
    this.#subscription = engine.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (!error) this.#onMessage(message);
      },
    });
    runInBackground(this.#watchConnection(), options.log, 'Watching the connection to NATS');
  }

  /** Asks for the next item of a partition. */
  ask(partition: number): void {
    const { connection, names } = this.engine;
    if (this.#isClosed || connection.isClosed()) return;
    const address = `${this.#inbox}.${++this.#questions}`;
    this.#asked.set(partition, { address, at: this.options.clock.now() });
    const consumer = `${names.stream}.${names.consumer(this.options.listener, partition)}`;
    const question = JSON.stringify({ batch: 1, expires: EXPIRES * 1e6 });
    connection.publish(`$JS.API.CONSUMER.MSG.NEXT.${consumer}`, question, { reply: address });
  }

  /** Has a look at the questions that should have been answered by now. */
  check(): void {
    const before = this.options.clock.now() - OVERDUE;
    for (const [partition, { at }] of this.#asked) if (at < before) this.#askLater(partition);
  }

  /** Asks no more. What is on its way still comes, until the promise resolves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#mending?.cancel();
    await this.#subscription.drain().catch(() => undefined);
  }

  #onMessage(message: Msg): void {
    if (!message.subject.startsWith(this.#inbox)) {
      const partition = Number(message.subject.slice(message.subject.lastIndexOf('.') + 1));
      this.#asked.delete(partition);
      this.#unasked.delete(partition);
      return this.options.onMessage(message, partition);
    }
    for (const [partition, { address, at }] of this.#asked) {
      if (address !== message.subject) continue;
      // An answer that comes at once is none: asking at once again would never end.
      const isUsual = message.headers?.code === NOTHING_CAME && this.options.clock.now() - at >= AGAIN;
      if (isUsual) this.ask(partition);
      else this.#askLater(partition);
    }
  }

  /** Something is wrong with this consumer; the others may have the same. */
  #askLater(partition: number): void {
    this.#asked.delete(partition);
    this.#unasked.add(partition);
    this.#mendLater();
  }

  #mendLater(): void {
    if (!this.#isClosed)
      this.#mending ??= this.options.clock.after(AGAIN, () => {
        runInBackground(this.#mend(), this.options.log, 'Asking NATS for events');
      });
  }

  async #mend(): Promise<void> {
    const partitions = [...this.#unasked];
    this.#unasked.clear();
    let isMended = false;
    try {
      await this.options.mend();
      isMended = true;
    } catch {
      // Some of them may be there all the same.
    }
    this.#mending = undefined;
    for (const partition of partitions) {
      this.ask(partition);
      if (!isMended) this.#unasked.add(partition);
    }
    if (this.#unasked.size > 0) this.#mendLater();
  }

  /** A server forgets the questions of those who have left it; and one that is gone had some of the consumers. */
  async #watchConnection(): Promise<void> {
    const { Reconnect, Update } = loadNats().Events;
    for await (const { type } of this.engine.connection.status()) {
      if (this.#isClosed) return;
      if (type !== Reconnect && type !== Update) continue;
      for (const partition of [...this.#asked.keys()]) this.#askLater(partition);
    }
  }
}
