import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Timer } from '../clock';
import type { ChatAppError } from '../errors';
import { runInBackground, type Log } from '../log';
import { searchAccount, type AccountSearchOptions } from './account-search';
import { DISCONNECTED, failureOf, isConflict, isPassing, type Failure } from './failure';
import { FailureReporter } from './failure-reporter';
import { checkConsuming, checkWriting } from './health';
import { ClusterNames, tokenBucketOf } from './names';
import { hostsOf, loadNats, natsOptions } from './nats-options';
import { closeConnection, closingSockets } from './nats-sockets';
import type { ClusterSettings } from './settings';
import { Waiting } from './waiting';
import { ageOf, agreePartitions, bucketStream, eventStream, keepStream } from './streams';

/** How often it is checked that NATS can be used, in ms. */
const CHECK_EVERY = 5_000;
const RETRY_EVERY = 1_000;
const ANSWER_WITHIN = 2_500;
/** How long a reported failure counts after its last report, in ms: the checks may not find it. */
const REPORT_COUNTS = 10_000;

/** NATS with stream and bucket of the account: the same object for the life of the client. */
export interface ReadyNats {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** The account's bucket. */
  readonly kv: KV;
  readonly names: ClusterNames;
  /** Agreed by all instances. */
  readonly partitions: number;
}

/** `since` in ms since the epoch; only shown. */
export type NatsState = { readonly kind: 'ready' } | { readonly kind: 'connecting' | 'lost'; readonly since: number };

export interface NatsClientOptions extends AccountSearchOptions {
  readonly settings: ClusterSettings;
  readonly connectionId: string;
  /** Only the leader stores health messages while NATS can be used. */
  readonly isLeader: () => boolean;
  readonly log: Log;
  readonly onState: (state: NatsState) => void;
}

/**
 * The connection to NATS: it reconnects after each loss, and makes missing streams again. `onError` gets
 * `CLUSTER_FAILED`, once for each incident and reason, and `CONFIG_INVALID` if the account cannot be found.
 */
export class NatsClient {
  readonly #nats = loadNats();
  readonly #reporter: FailureReporter;
  readonly #closing = new AbortController();
  readonly #tokens = new Waiting<KV>();
  readonly #ready = new Waiting<ReadyNats>();
  #state: NatsState;
  #access: Pick<ReadyNats, 'connection' | 'js' | 'manager'> | undefined;
  #tokenBucket: KV | undefined;
  #names: ClusterNames | undefined;
  #opened: ReadyNats | undefined;
  #isConnected = false;
  /** Numbers the checks: one that is not the last one changes nothing. */
  #round = 0;
  #timer: Timer | undefined;
  /** When it fires, by the monotonic clock. */
  #nextCheck = 0;
  /** Until when a reported failure counts, by the monotonic clock. */
  #reportCountsUntil = -Infinity;

  /** @throws TypeError if a server's address is invalid */
  constructor(private readonly options: NatsClientOptions) {
    const { settings, clock, log, onError } = options;
    this.#reporter = new FailureReporter({ hosts: hostsOf(settings.servers), clock, log, onError });
    this.#state = { kind: 'connecting', since: this.#reporter.since };
  }

  get state(): NatsState {
    return this.#state;
  }

  /** Why NATS cannot be used; absent while it can, or if that is not known yet. */
  get failure(): ChatAppError | undefined {
    return this.#reporter.failure;
  }

  start(): void {
    this.options.onState(this.#state);
    this.#checkNow();
  }

  /** The bucket of the tokens, however long it takes to connect; the account need not be known. Rejects after `close`. */
  tokens(): Promise<KV> {
    return this.#tokens.wait();
  }

  /** Resolves when NATS can be used, however long it takes. Rejects after `close`. */
  ready(): Promise<ReadyNats> {
    return this.#ready.wait();
  }

  /**
   * Another part of the cluster could not use NATS. A failure that may end by itself is left to the next check; any other
   * one counts as a failed check until it was not reported for 10 s.
   */
  reportFailure(error: unknown): void {
    if (this.#closing.signal.aborted || !this.#isConnected || isConflict(error)) return;
    const failure = failureOf(error);
    if (!isPassing(failure)) {
      this.#reportCountsUntil = this.options.clock.monotonic() + REPORT_COUNTS;
      this.#fail(failure);
    }
    this.#checkSoon();
  }

  /** Sets how long events are kept. For the leader, which knows the longest time that an instance wants. */
  async setKeepHours(hours: number): Promise<void> {
    const { manager, names } = await this.ready();
    const { config } = await manager.streams.info(names.stream);
    const { max_age, duplicate_window } = ageOf(hours);
    if (config.max_age !== max_age) await manager.streams.update(names.stream, { max_age, duplicate_window });
  }

  /** Nothing is reported any more. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const error = closed();
    this.#closing.abort(error);
    this.#cancelCheck();
    this.#reporter.close();
    this.#tokens.end(error);
    this.#ready.end(error);
    if (this.#access) await closeConnection(this.#access.connection);
  }

  #checkNow(): void {
    runInBackground(this.#check(), this.options.log, 'Checking NATS');
  }

  /** Checks within a second. A check that is running is not interrupted, however many failures are reported. */
  #checkSoon(): void {
    if (this.#timer && this.#nextCheck - this.options.clock.monotonic() > RETRY_EVERY) this.#setTimer(RETRY_EVERY);
  }

  #setTimer(wait: number): void {
    this.#timer?.cancel();
    this.#nextCheck = this.options.clock.monotonic() + wait;
    this.#timer = this.options.clock.after(wait, () => this.#checkNow());
  }

  #cancelCheck(): number {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#round += 1;
    return this.#round;
  }

  async #check(): Promise<void> {
    const round = this.#cancelCheck();
    try {
      await this.#useNats();
      if (round !== this.#round) return;
      if (this.options.clock.monotonic() >= this.#reportCountsUntil) this.#succeed();
    } catch (error) {
      if (round !== this.#round) return;
      this.#fail(failureOf(error));
    }
    this.#setTimer(this.#state.kind === 'ready' ? CHECK_EVERY : RETRY_EVERY);
  }

  /** Tries all operations that the cluster needs. Connects first, and makes what is missing. */
  async #useNats(): Promise<void> {
    const { settings, connectionId, isLeader } = this.options;
    this.#access ??= await this.#connect();
    const { connection, js, manager } = this.#access;
    const tokenBucket = tokenBucketOf(connectionId);
    await keepStream(manager, bucketStream(settings, tokenBucket), !this.#tokenBucket);
    if (!this.#tokenBucket) {
      this.#tokenBucket = await this.#open(js, tokenBucket);
      this.#searchAccount(this.#tokenBucket);
    }
    this.#tokens.set(this.#tokenBucket);
    const names = this.#names;
    if (!names) return;
    await keepStream(manager, eventStream(settings, names), !this.#opened);
    await keepStream(manager, bucketStream(settings, names.bucket), !this.#opened);
    await checkConsuming(connection, names.stream, ANSWER_WITHIN);
    if (isLeader() || this.#state.kind !== 'ready') await checkWriting(js, names.health, this.#nats);
    // Also for a bucket that was removed from outside: it must not come back with another number.
    const kv = this.#opened?.kv ?? (await this.#open(js, names.bucket));
    const partitions = await agreePartitions(kv, this.#opened?.partitions ?? settings.partitions);
    this.#opened ??= { connection, js, manager, kv, names, partitions };
  }

  /** Tries each server once. */
  async #connect(): Promise<Pick<ReadyNats, 'connection' | 'js' | 'manager'>> {
    const { connect, jetstream, jetstreamManager } = this.#nats;
    const options = natsOptions(this.options.settings, this.#nats);
    const connection = await closingSockets(() => connect(options));
    if (this.#closing.signal.aborted) {
      await closeConnection(connection);
      throw closed();
    }
    this.#isConnected = true;
    runInBackground(this.#watch(connection), this.options.log, 'Watching the connection to NATS');
    const limits = { checkAPI: false, timeout: ANSWER_WITHIN };
    return { connection, js: jetstream(connection, limits), manager: await jetstreamManager(connection, limits) };
  }

  #open(js: JetStreamClient, bucket: string): Promise<KV> {
    return new this.#nats.Kvm(js).open(bucket, { allow_direct: false });
  }

  #searchAccount(tokens: KV): void {
    const { signal } = this.#closing;
    const search = searchAccount(tokens, this.options, signal).then(
      (account) => {
        this.#names = new ClusterNames(this.options.connectionId, account);
        if (!signal.aborted) this.#checkNow();
      },
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
    runInBackground(search, this.options.log, 'Finding the account');
  }

  async #watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (this.#closing.signal.aborted) return;
      if (status.type === 'disconnect') {
        this.#isConnected = false;
        this.#tokens.unset();
        this.#reportCountsUntil = -Infinity;
        this.#cancelCheck();
        this.#fail(DISCONNECTED);
      } else if (status.type === 'reconnect') {
        this.#isConnected = true;
        this.#checkNow();
      } else if (status.type === 'error') {
        // A refused login while it reconnects; a denied subject, which `consume` does not report.
        if (this.#isConnected) this.reportFailure(status.error);
        else this.#fail(failureOf(status.error));
      }
    }
  }

  #succeed(): void {
    this.#reporter.succeed();
    if (!this.#opened || this.#state.kind === 'ready') return;
    this.options.log.info(`NATS at ${hostsOf(this.options.settings.servers)} is ready`);
    this.#setState({ kind: 'ready' });
    this.#ready.set(this.#opened);
  }

  #fail(failure: Failure): void {
    if (this.#state.kind === 'ready') {
      this.#ready.unset();
      this.#setState({ kind: 'lost', since: this.#reporter.since });
    }
    this.#reporter.fail(failure);
  }

  #setState(state: NatsState): void {
    this.#state = state;
    this.options.onState(state);
  }
}

function closed(): Error {
  return new Error('The connection to NATS is closed');
}
