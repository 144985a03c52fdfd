import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, nanos } from '@nats-io/transport-node';
import { systemClock, type Clock } from '../../src/clock';
import { ClusterNames } from '../../src/cluster/names';
import type { ReadyNats } from '../../src/cluster/nats-client';
import { startNats, type Nats } from './nats';

export const CLUSTER = new ClusterNames('c0ffee', 'account');

/** A NATS with stream and bucket of an account, and the connections of several instances. */
export class ClusterNats {
  readonly names = CLUSTER;
  readonly #connected: ReadyNats[] = [];

  private constructor(
    readonly server: Nats,
    readonly partitions: number,
  ) {}

  /** Undefined if there is no nats-server. */
  static async open(partitions = 16): Promise<ClusterNats | undefined> {
    const server = await startNats();
    if (!server) return undefined;
    const nats = new ClusterNats(server, partitions);
    const { manager, js } = await nats.connect();
    await new Kvm(js).create(nats.names.bucket);
    await manager.streams.add(nats.streamConfig);
    return nats;
  }

  get streamConfig(): { name: string; subjects: string[]; duplicate_window: number; allow_rollup_hdrs: boolean } {
    const { stream: name, all } = this.names;
    return { name, subjects: [all], duplicate_window: nanos(120_000), allow_rollup_hdrs: true };
  }

  /** What one more instance has of it. */
  async connect(): Promise<ReadyNats> {
    const ready = await connectTo(this.server.servers, this.names, this.partitions);
    this.#connected.push(ready);
    return ready;
  }

  async end(): Promise<void> {
    await Promise.all(this.#connected.map(({ connection }) => connection.close()));
    await this.server.end();
  }
}

/** As the client of an instance, for an account whose stream and bucket are there. */
export async function connectTo(
  servers: readonly string[],
  names: ClusterNames,
  partitions: number,
): Promise<ReadyNats> {
  const connection = await connect({
    servers: [...servers],
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 0,
    pingInterval: 500,
  });
  const js = jetstream(connection);
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const kv = await new Kvm(js).open(names.bucket);
  return { connection, js, manager, kv, names, partitions };
}

/** A clock whose monotonic time can jump, as that of a process that was stopped for a while. */
export class JumpingClock implements Clock {
  #jumped = 0;

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic() + this.#jumped;
  }

  after(delay: number, run: () => void): { cancel(): void } {
    return systemClock.after(delay, run);
  }

  jump(ms: number): void {
    this.#jumped += ms;
  }
}

/** Resolves with the ms that it took until a condition holds. Rejects after `limit` ms. */
export async function until(condition: () => boolean, what: string, limit = 20_000): Promise<number> {
  const since = performance.now();
  while (!condition()) {
    if (performance.now() - since > limit) throw new Error(`not within ${limit} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - since;
}
