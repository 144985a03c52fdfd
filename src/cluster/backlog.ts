import type { ConsumerInfo, StreamInfo } from 'nats';
import type { Clock, Timer } from '../clock';
import { ChatAppError } from '../errors';
import { isRecord, parseJson } from '../events/json';
import { changeCell, readCell } from './cell';
import type { ReadyEngine } from './engine';
import { runInBackground, type Log } from '../log';

/** How often it is looked up what waits, in ms. */
const LOOK_EVERY = 5_000;
/** An item that has only so much of its time left, in ms, counts as dropped: the next look may be too late to see it. */
const MARGIN = 30_000;
/** There stands for each listener that was told: the number of the last event that was in the stream then. */
const KEY = 'expired';

export interface BacklogOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Told at each look: so many of a listener's items wait for a flow, or are in its hands, on all copies together. */
  readonly onBacklog: (listener: string, count: number) => void;
  /** Whether this copy has the listener, and so can tell it something. */
  readonly has: (listener: string) => boolean;
  /** `RECOVERY_FAILED.expired`, once an incident: on one of the copies that have the listener. */
  readonly onError: (listener: string, error: ChatAppError) => void;
}

/** The item for which a consumer's flow has waited longest. */
interface Oldest {
  readonly seq: number;
  /** When it was published, in ms since the epoch. */
  readonly time: number;
}

/** Looks after what waits in NATS: how much it is, and what NATS drops because it has waited too long. */
export class Backlog {
  /** By the consumer's name. */
  readonly #oldest = new Map<string, Oldest>();
  /** The listeners of this copy with an incident that is not over. */
  readonly #concerned = new Set<string>();
  /** Those of them that are still to be told so, each with the number of an event that expires. */
  readonly #due = new Map<string, number>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    private readonly engine: ReadyEngine,
    private readonly options: BacklogOptions,
  ) {}

  start(): void {
    this.#timer = this.options.clock.after(LOOK_EVERY, () => {
      runInBackground(this.#look(), this.options.log, 'Looking up what waits in NATS');
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    try {
      await this.#read();
    } catch {
      // An outage is told by the engine.
    }
    if (!this.#isStopped) this.start();
  }

  async #read(): Promise<void> {
    const { manager, names } = this.engine;
    const stream = await manager.streams.info(names.stream);
    const waiting = new Map<string, number>();
    const expiring = new Map<string, number>();
    for await (const consumer of manager.consumers.list(names.stream)) {
      // Others than a listener's have none.
      const listener = consumer.config.description;
      if (listener === undefined) continue;
      const count = consumer.num_pending + consumer.num_ack_pending;
      waiting.set(listener, (waiting.get(listener) ?? 0) + count);
      const oldest = await this.#expiring(stream, consumer, count);
      if (oldest) expiring.set(listener, Math.max(oldest.seq, expiring.get(listener) ?? 0));
    }
    if (this.#isStopped) return;
    for (const [listener, count] of waiting) {
      this.options.onBacklog(listener, count);
      const expires = expiring.get(listener);
      if (expires === undefined) this.#concerned.delete(listener);
      else if (!this.#concerned.has(listener) && this.options.has(listener)) {
        this.#concerned.add(listener);
        this.#due.set(listener, expires);
      }
    }
    if (this.#due.size > 0) await this.#tell(stream, waiting);
  }

  /**
   * Tells what is due. All copies that have a listener find the same at about the same time: the first one to write that
   * it does tells it, for all that is in the stream by then.
   */
  async #tell({ config, state }: StreamInfo, listeners: ReadonlyMap<string, unknown>): Promise<void> {
    const { bucket } = this.engine;
    const { bytes, revision } = await readCell(bucket, KEY);
    const value = parseJson(Buffer.from(bytes).toString());
    const told = new Map(Object.entries(isRecord(value) ? value : {}).filter(([listener]) => listeners.has(listener)));
    const news = [...this.#due].filter(([listener, expires]) => {
      const until = told.get(listener);
      return typeof until !== 'number' || expires > until;
    });
    for (const [listener] of news) told.set(listener, state.last_seq);
    const text = JSON.stringify(Object.fromEntries(told));
    // Where another copy was faster, the next look shows what it has told.
    if (news.length > 0 && (await changeCell(bucket, KEY, text, revision)) === undefined) return;
    this.#due.clear();
    const hours = Math.round(config.max_age / 3.6e12);
    for (const [listener] of news) {
      this.options.onError(listener, ChatAppError.of('RECOVERY_FAILED', 'expired', { hours }));
    }
  }

  /** The item that waits longest, where it is, or is about to be, dropped. */
  async #expiring({ config, state }: StreamInfo, consumer: ConsumerInfo, count: number): Promise<Oldest | undefined> {
    const { name, ack_floor } = consumer;
    const known = this.#oldest.get(name);
    const waiting = known && known.seq > ack_floor.stream_seq ? known : undefined;
    const isGone = waiting !== undefined && waiting.seq < state.first_seq;
    if (count === 0 || isGone) this.#oldest.delete(name);
    if (isGone) return waiting;
    if (count === 0 || config.max_age === 0) return undefined;
    const oldest = waiting ?? (await this.#find(consumer));
    if (!oldest) return undefined;
    this.#oldest.set(name, oldest);
    const keepFor = config.max_age / 1e6;
    const isNear = oldest.time < this.options.clock.now() - keepFor + Math.min(MARGIN, keepFor / 10);
    return isNear ? oldest : undefined;
  }

  async #find({ ack_floor, config }: ConsumerInfo): Promise<Oldest | undefined> {
    const { connection, names } = this.engine;
    const question = JSON.stringify({ seq: ack_floor.stream_seq + 1, next_by_subj: config.filter_subject });
    const answer = (await connection.request(`$JS.API.STREAM.MSG.GET.${names.stream}`, question)).json<unknown>();
    if (!isRecord(answer) || !isRecord(answer.message)) return undefined;
    const { seq, time } = answer.message;
    return typeof seq === 'number' && typeof time === 'string' ? { seq, time: Date.parse(time) } : undefined;
  }
}
