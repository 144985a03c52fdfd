import type { JetStreamClient, JetStreamManager, KV, NatsConnection } from 'nats';
import type { Clock, Timer } from '../clock';
import type { ChatAppError } from '../errors';
import { runInBackground, type Log } from '../log';
import { dialOptions, hostsOf } from './dial';
import { clusterFailed, DISCONNECTED, failureOf, type Failure } from './failure';
import type { ClusterNames } from './names';
import { loadNats } from './nats';
import type { ClusterSettings } from './settings';
import { keep, storageOf } from './storage';

/** How long an outage may last before it is told, in ms: most are over by then. */
const TELL_AFTER = 15_000;
/** How often it is checked that the storage is there and answers, in ms. */
const CHECK_EVERY = 5_000;
const TRY_EVERY = 1_000;
const ANSWER_WITHIN = 2_500;

/** A NATS that has been reached once: its stream and its bucket are there. The same for the life of the engine. */
export interface ReadyEngine {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly bucket: KV;
  readonly names: ClusterNames;
}

/** `since` in ms since the epoch. */
export type EngineState = { readonly kind: 'ready' } | { readonly kind: 'connecting' | 'lost'; readonly since: number };

export interface EngineOptions {
  readonly settings: ClusterSettings;
  readonly names: ClusterNames;
  readonly clock: Clock;
  readonly log: Log;
  readonly onState: (state: EngineState) => void;
  /** `CLUSTER_FAILED`, once an outage. */
  readonly onError: (error: ChatAppError) => void;
}

interface Waiting {
  readonly resolve: (engine: ReadyEngine) => void;
  readonly reject: (error: Error) => void;
}

/** The connection to NATS, for ever: what is lost is reached again, and what is missing there is made again. */
export class Engine {
  #state: EngineState;
  #connection: NatsConnection | undefined;
  #engine: ReadyEngine | undefined;
  #closed = false;
  /** The storage has been as the settings want it. */
  #settled = false;
  /** Counts the checks, and what makes an earlier one void. */
  #round = 0;
  #timer: Timer | undefined;
  #tellTimer: Timer | undefined;
  /** The outage is not one of those that are over soon. */
  #isLong = false;
  #failure = DISCONNECTED;
  readonly #told = new Set<string>();
  readonly #waiting = new Set<Waiting>();
  readonly #hosts: string;
  readonly #nats = loadNats();

  /** Throws TypeError where a server's address is none. */
  constructor(private readonly options: EngineOptions) {
    this.#hosts = hostsOf(options.settings.servers);
    this.#state = { kind: 'connecting', since: options.clock.now() };
  }

  get state(): EngineState {
    return this.#state;
  }

  start(): void {
    this.#becomes({ kind: 'connecting', since: this.options.clock.now() });
    this.#checkNow();
  }

  /** Resolves when NATS can be used, however long it takes; rejects once the engine is closed. */
  ready(): Promise<ReadyEngine> {
    if (this.#closed) return Promise.reject(closed());
    if (this.#engine && this.#state.kind === 'ready') return Promise.resolve(this.#engine);
    return new Promise((resolve, reject) => this.#waiting.add({ resolve, reject }));
  }

  /** Nothing is told any more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#giveUpCheck();
    this.#tellTimer?.cancel();
    for (const { reject } of this.#waiting) reject(closed());
    this.#waiting.clear();
    await this.#connection?.close();
  }

  #checkNow(): void {
    runInBackground(this.#check(), this.options.log, 'Checking NATS');
  }

  /** Reaches NATS, if it has not been, and makes what is not there. Repeated for ever while there is a connection. */
  async #check(): Promise<void> {
    const round = this.#giveUpCheck();
    try {
      this.#connection ??= await this.#connect();
      this.#engine ??= await this.#open(this.#connection);
      const manager = await this.#connection.jetstreamManager({ checkAPI: false, timeout: ANSWER_WITHIN });
      for (const wanted of storageOf(this.options.settings, this.options.names, this.#nats)) {
        await keep(manager, wanted, !this.#settled);
      }
      if (round !== this.#round) return;
      this.#settled = true;
      this.#up(this.#engine);
    } catch (error) {
      if (round !== this.#round) return;
      this.#down(failureOf(error));
    }
    const wait = this.#state.kind === 'ready' ? CHECK_EVERY : TRY_EVERY;
    this.#timer = this.options.clock.after(wait, () => this.#checkNow());
  }

  #giveUpCheck(): number {
    this.#timer?.cancel();
    this.#round += 1;
    return this.#round;
  }

  /** Tries each server once. */
  async #connect(): Promise<NatsConnection> {
    const connection = await this.#nats.connect(dialOptions(this.options.settings, this.#nats));
    if (this.#closed) {
      await connection.close();
      throw closed();
    }
    runInBackground(this.#watch(connection), this.options.log, 'Watching the connection to NATS');
    return connection;
  }

  async #open(connection: NatsConnection): Promise<ReadyEngine> {
    const { names } = this.options;
    const js = connection.jetstream();
    const manager = await connection.jetstreamManager({ checkAPI: false });
    const bucket = await js.views.kv(names.bucket, { bindOnly: true, allow_direct: false });
    return { connection, js, manager, bucket, names };
  }

  async #watch(connection: NatsConnection): Promise<void> {
    const { Events, NatsError } = this.#nats;
    let isLost = false;
    for await (const { type, data } of connection.status()) {
      if (this.#closed) return;
      if (type === Events.Disconnect) {
        isLost = true;
        this.#giveUpCheck();
        this.#down(DISCONNECTED);
      } else if (type === Events.Reconnect) {
        isLost = false;
        this.#checkNow();
      } else if (type === Events.Error && isLost && typeof data === 'string') {
        this.#down(failureOf(NatsError.errorForCode(data)));
      }
    }
  }

  #up(engine: ReadyEngine): void {
    if (this.#state.kind === 'ready') return;
    this.#tellTimer?.cancel();
    this.#tellTimer = undefined;
    this.#isLong = false;
    this.#told.clear();
    this.options.log.info(`NATS at ${this.#hosts} is ready`);
    this.#becomes({ kind: 'ready' });
    for (const { resolve } of this.#waiting) resolve(engine);
    this.#waiting.clear();
  }

  #down(failure: Failure): void {
    const { clock, log } = this.options;
    const isNew = failure.reason !== this.#failure.reason || failure.status !== this.#failure.status;
    this.#failure = failure;
    if (this.#state.kind === 'ready') this.#becomes({ kind: 'lost', since: clock.now() });
    if (isNew || !this.#tellTimer)
      log.warn(`NATS at ${this.#hosts} cannot be used: ${failure.reason}, ${failure.status}`);
    this.#tellTimer ??= clock.after(TELL_AFTER, () => {
      this.#isLong = true;
      this.#tell();
    });
    this.#tell();
  }

  /** Tells each reason once an outage: at once what will not mend itself, the others when the outage is a long one. */
  #tell(): void {
    const { reason } = this.#failure;
    if (this.#state.kind === 'ready' || this.#told.has(reason)) return;
    const { since } = this.#state;
    const isFirst = this.#state.kind === 'connecting';
    const isUrgent = reason === 'refused' || (reason === 'noJetStream' && isFirst);
    if (!isUrgent && !this.#isLong) return;
    this.#told.add(reason);
    this.options.onError(clusterFailed(this.#failure, this.#hosts, since));
  }

  #becomes(state: EngineState): void {
    this.#state = state;
    this.options.onState(state);
  }
}

function closed(): Error {
  return new Error('The connection to NATS is closed');
}
