import type { ConsumerInfo, StreamInfo } from 'nats';
import type { Clock, Timer } from '../clock';
import { ChatAppError } from '../errors';
import { isRecord } from '../events/json';
import type { ReadyEngine } from './engine';

/** How often it is looked up what waits, in ms. */
const LOOK_EVERY = 5_000;
/** An item that has only so much of its time left, in ms, counts as dropped: the next look may be too late to see it. */
const MARGIN = 30_000;

export interface BacklogOptions {
  readonly clock: Clock;
  /** Told at each look: so many of a listener's items wait for a flow, or are in its hands, on all copies together. */
  readonly onBacklog: (listener: string, count: number) => void;
  /** `RECOVERY_FAILED.expired`, once an incident. */
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
  /** The listeners that were told of an incident that is not over. */
  readonly #told = new Set<string>();
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(
    private readonly engine: ReadyEngine,
    private readonly options: BacklogOptions,
  ) {}

  start(): void {
    this.#timer = this.options.clock.after(LOOK_EVERY, () => void this.#look());
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
    const expiring = new Set<string>();
    for await (const consumer of manager.consumers.list(names.stream)) {
      // Others than a listener's have none.
      const listener = consumer.config.description;
      if (listener === undefined) continue;
      const count = consumer.num_pending + consumer.num_ack_pending;
      waiting.set(listener, (waiting.get(listener) ?? 0) + count);
      if (await this.#isExpiring(stream, consumer, count)) expiring.add(listener);
    }
    if (this.#isStopped) return;
    for (const [listener, count] of waiting) {
      this.options.onBacklog(listener, count);
      if (!expiring.has(listener)) this.#told.delete(listener);
      else if (!this.#told.has(listener)) {
        this.#told.add(listener);
        const hours = Math.round(stream.config.max_age / 3.6e12);
        this.options.onError(listener, ChatAppError.of('RECOVERY_FAILED', 'expired', { hours }));
      }
    }
  }

  /** True where the item that waits longest is, or is about to be, dropped. */
  async #isExpiring({ config, state }: StreamInfo, consumer: ConsumerInfo, count: number): Promise<boolean> {
    const { name, ack_floor } = consumer;
    const known = this.#oldest.get(name);
    const isWaiting = known !== undefined && known.seq > ack_floor.stream_seq;
    const isGone = isWaiting && known.seq < state.first_seq;
    if (count === 0 || isGone) this.#oldest.delete(name);
    if (isGone || count === 0 || config.max_age === 0) return isGone;
    const oldest = isWaiting ? known : await this.#find(consumer);
    if (!oldest) return false;
    this.#oldest.set(name, oldest);
    const keepFor = config.max_age / 1e6;
    return oldest.time < this.options.clock.now() - keepFor + Math.min(MARGIN, keepFor / 10);
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
