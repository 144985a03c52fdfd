import { connect, nanos, type JetStreamClient, type JetStreamManager, type NatsConnection, type StoredMsg } from 'nats';
import { decode } from '../../src/cluster/wire';
import { ClusterNames } from '../../src/cluster/names';
import type { Delivery } from '../../src/inbox/delivery';
import { startNats, type Nats } from './nats';

/** Two minutes, as a connection sets it. */
const DUPLICATES = 120_000;

/** What a copy has of NATS. */
export interface Copy {
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly names: ClusterNames;
}

/** A NATS with the stream of one connection, as its copies see it. */
export class NatsStage {
  readonly names = new ClusterNames('c0ffee', 'account');
  readonly #connections: NatsConnection[] = [];

  private constructor(readonly nats: Nats) {}

  /** Undefined where there is no nats-server. */
  static async open(): Promise<NatsStage | undefined> {
    const nats = await startNats();
    if (!nats) return undefined;
    const stage = new NatsStage(nats);
    const { manager } = await stage.join();
    const { stream, all } = stage.names;
    await manager.streams.add({ name: stream, subjects: [all], duplicate_window: nanos(DUPLICATES) });
    return stage;
  }

  /** What one more copy has of it. */
  async join(): Promise<Copy> {
    const connection = await connect({
      servers: [...this.nats.servers],
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    this.#connections.push(connection);
    return { js: connection.jetstream(), manager: await connection.jetstreamManager(), names: this.names };
  }

  /** What was published, in the order of the stream. */
  async published(): Promise<Delivery[]> {
    const { manager } = await this.join();
    const { state } = await manager.streams.info(this.names.stream);
    const messages: StoredMsg[] = [];
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      messages.push(await manager.streams.getMessage(this.names.stream, { seq }));
    }
    return messages.flatMap(({ data }) => decode(data) ?? []);
  }

  async end(): Promise<void> {
    await Promise.all(this.#connections.map((connection) => connection.close()));
    await this.nats.end();
  }
}
