import type { JsMsg, OrderedConsumerOptions } from '@nats-io/jetstream';
import type { Clock, Timer } from '../clock';
import { within } from '../deadline';
import { runInBackground, type Log } from '../log';
import { EVENT_HEADER, readEventHeader, type EventHeader } from './event-message';
import type { ReadyNats } from './nats-client';

/** How often the stream is asked for its latest sequence, in ms: a consumer may fall silent without an error. */
const CHECK_EVERY = 2_000;
/** Reading starts this much earlier than needed, in s. */
const MARGIN = 60;
/** How far back is read if it is not known how far is needed, in s. */
const USUAL = 10 * 60;
/** How long reading what was published earlier may take, in ms. */
const READ_WITHIN = 60_000;

export interface FollowerOptions {
  readonly instance: string;
  /** Another instance has published an event; `listener` as it is in the subject. */
  readonly onEvent: (listener: string, header: EventHeader) => void;
  /** This instance has published an event, as the message with this id. */
  readonly onOwnEvent: (id: string) => void;
  /** An event was published before this instance followed the stream. */
  readonly onEarlierEvent: (listener: string, header: EventHeader) => void;
  /** The stream cannot be followed; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** An ordered consumer of headers. */
interface Reader {
  /** Ends it, here and in NATS. */
  close(): Promise<void>;
}

/** Follows the headers of all messages in the stream, of this and all other instances. */
export class Follower {
  /** The sequence of the latest message that was read. */
  #sequence = 0;
  /** When the stream was made: another time means another stream. */
  #created = '';
  #publishedUntil = 0;
  #reader: Reader | undefined;
  #openings = 0;
  /** Messages that are missing after this sequence were removed from the stream: two readers have not found them. */
  #checkedAt: number | undefined;
  /** The sequence at the last check, if the stream had more by then. */
  #behindAt: number | undefined;
  #isStopped = false;
  #timer: Timer | undefined;
  readonly #waiting = new Set<{ readonly sequence: number; readonly resolve: () => void }>();

  constructor(
    private readonly nats: ReadyNats,
    private readonly options: FollowerOptions,
  ) {}

  /**
   * Until when all that other instances received is in the stream, by ChatApp's time in unix seconds: what a socket brings
   * is in order. 0 if that is not known.
   */
  get publishedUntil(): number {
    return this.#publishedUntil;
  }

  /**
   * Follows what is published from now on, and reads what was published since this time by ChatApp's clock, in unix
   * seconds. Rejects if NATS cannot do that now.
   */
  async start(since: number | undefined): Promise<void> {
    const { created, state } = await this.#info();
    this.#created = created;
    this.#sequence = state.last_seq;
    await this.#open();
    this.#checkLater();
    await this.readEarlier(since, state.last_seq);
  }

  /** Reads again what was published since this time, by ChatApp's clock in unix seconds, up to this sequence. */
  async readEarlier(since: number | undefined, end = this.#sequence): Promise<void> {
    const { manager, names } = this.nats;
    const latest = await manager.streams.getMessage(names.stream, { last_by_subj: names.everyEvent });
    if (!latest) return;
    const { until: time } = readEventHeader(latest.header.get(EVENT_HEADER)) ?? {};
    const last = Math.min(latest.seq, end);
    // ChatApp's time says how far back, and the clock of NATS where that is: no two clocks are compared.
    const seconds = since === undefined ? USUAL : time === undefined ? Infinity : Math.max(0, time - since);
    const start =
      seconds === Infinity
        ? { opt_start_seq: 1 }
        : { opt_start_time: new Date(latest.time.getTime() - (seconds + MARGIN) * 1_000).toISOString() };
    let reader: Reader | undefined;
    try {
      const read = new Promise<void>((resolve, reject) => {
        const onMessage = (message: JsMsg): void => {
          if (message.seq <= last) this.#onHeader(message, this.options.onEarlierEvent);
          if (message.seq >= last) resolve();
        };
        this.#read({ ...start, filter_subjects: names.everyEvent }, onMessage).then((made) => (reader = made), reject);
      });
      await within(this.options.clock, READ_WITHIN, read);
    } finally {
      await reader?.close();
    }
  }

  /** Resolves when all messages up to this sequence were read. */
  followed(sequence: number): Promise<void> {
    if (sequence <= this.#sequence || this.#isStopped) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ sequence, resolve }));
  }

  /** Resolves when all messages were read that are in the stream now. */
  async catchUp(): Promise<void> {
    await this.followed((await this.#info()).state.last_seq);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#advance(Infinity);
    await this.#reader?.close();
  }

  #info(): Promise<{ readonly created: string; readonly state: { readonly last_seq: number } }> {
    return this.nats.manager.streams.info(this.nats.names.stream);
  }

  async #open(): Promise<void> {
    this.#openings += 1;
    const opening = this.#openings;
    await this.#reader?.close();
    // Never "new": after an outage, the client would begin with the oldest message.
    const start = { opt_start_seq: this.#sequence + 1, filter_subjects: this.nats.names.all };
    const reader = await this.#read(start, (message) => {
      // An earlier reader that was silent may deliver again.
      if (opening !== this.#openings) return;
      if (message.seq > this.#sequence + 1 && this.#checkedAt !== this.#sequence) return this.#checkGap();
      this.#onHeader(message, this.options.onEvent);
      this.#advance(message.seq);
    });
    if (opening === this.#openings) this.#reader = reader;
    else await reader.close();
  }

  /**
   * A NATS that was killed may skip messages, with no gap in the numbers of its deliveries. Another reader finds out if there
   * are none.
   */
  #checkGap(): void {
    this.#checkedAt = this.#sequence;
    // If it fails, the next check of the stream notices that nothing is read.
    const opened = this.#open().catch(() => undefined);
    runInBackground(opened, this.options.log, 'Following the events in NATS');
  }

  async #read(start: Partial<OrderedConsumerOptions>, onMessage: (message: JsMsg) => void): Promise<Reader> {
    const { js, names } = this.nats;
    try {
      const consumer = await js.consumers.getPushConsumer(names.stream, { ...start, headers_only: true });
      const messages = await consumer.consume({ callback: onMessage });
      return {
        async close() {
          await messages.close();
          // It may be gone already, or NATS is: then it ends there by itself.
          await consumer.delete().catch(() => undefined);
        },
      };
    } catch (error) {
      this.options.onFailure(error);
      throw error;
    }
  }

  #onHeader({ subject, headers }: JsMsg, callback: FollowerOptions['onEvent']): void {
    const header = readEventHeader(headers?.get(EVENT_HEADER) ?? '');
    if (!header) return;
    if (header.instance === this.options.instance) return this.options.onOwnEvent(headers?.get('Nats-Msg-Id') ?? '');
    this.#publishedUntil = Math.max(this.#publishedUntil, header.until ?? 0);
    const [listener] = subject.slice(this.nats.names.everyEvent.length - 1).split('.');
    if (listener !== undefined) callback(listener, header);
  }

  #advance(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
    for (const waiting of this.#waiting) {
      if (waiting.sequence > this.#sequence) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  #checkLater(): void {
    this.#timer?.cancel();
    this.#timer = this.options.clock.after(CHECK_EVERY, () => {
      // An outage is reported by the client.
      const checked = this.#check().catch(() => undefined);
      runInBackground(
        checked.then(() => {
          if (!this.#isStopped) this.#checkLater();
        }),
        this.options.log,
        'Following the events in NATS',
      );
    });
  }

  /** Reads on with another consumer if this one has fallen silent, or the stream was made again. */
  async #check(): Promise<void> {
    // Messages may arrive before the answer, which says what was the last one earlier.
    const known = this.#sequence;
    const { created, state } = await this.#info();
    const isNew = created !== this.#created || state.last_seq < known;
    const isSilent = this.#behindAt === this.#sequence;
    this.#behindAt = state.last_seq > this.#sequence ? this.#sequence : undefined;
    if (!isNew && !(isSilent && this.#behindAt !== undefined)) return;
    if (isNew) {
      // Callers that wait for a sequence of the former stream have to ask again.
      this.#advance(Infinity);
      this.#sequence = 0;
    }
    this.#created = created;
    await this.#open();
  }
}
