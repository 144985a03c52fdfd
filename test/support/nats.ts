import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { natsProgram, runNatsServer, type NatsServer } from '../../scripts/demo/nats-server';
import { onFreePorts } from './restartable-port';

/** A NATS with JetStream of the test's own: one server, or several that form a cluster. */
export interface Nats {
  /** Of each server, as `nats://127.0.0.1:4222`. */
  readonly servers: readonly string[];
  /** Kills a server at once, as `kill -9`; it can be started again with what it kept. */
  kill(index?: number): Promise<void>;
  start(index?: number): Promise<void>;
  /** Replaces the lines of `settings`; counts from the next start. */
  configure(settings: string): Promise<void>;
  /** Ends all servers and removes what they kept. */
  end(): Promise<void>;
}

/** What docs/errors.md says that a user must be allowed, as a server's configuration has it. */
export const DOCUMENTED_PERMISSIONS =
  'publish: ["$JS.API.>", "$JS.ACK.>", "$JS.FC.>", "$KV.>", "chatapp-2.>"], subscribe: ["_INBOX.>"]';

interface NatsOptions {
  /** How many servers; default 1. */
  readonly servers?: number;
  /** More lines of configuration, as `authorization { user: a, password: b }`. */
  readonly settings?: string;
  /** More lines of its JetStream, as `max_file_store: 1MB`; `none` for a server without JetStream. */
  readonly jetStream?: string;
}

/**
 * Starts a NATS in a folder of its own, on loopback. NATS_SERVER is the program, if it is not where systems have it.
 * Undefined where there is no such program.
 */
export async function startNats({ servers = 1, ...more }: NatsOptions = {}): Promise<Nats | undefined> {
  const program = natsProgram();
  if (program === undefined) return undefined;
  // A server chooses its port for clients itself. Those for the other servers must be known beforehand.
  if (servers === 1) return startServers(program, [''], more);
  return onFreePorts(servers, (routes) => {
    const all = routes.map((route) => `"nats://127.0.0.1:${route}"`).join(', ');
    const clusters = routes.map((route) => `cluster { name: test, listen: "127.0.0.1:${route}", routes: [${all}] }`);
    return startServers(program, clusters, more);
  });
}

/** One server for each of `clusters`, which is what its configuration says of the others. */
async function startServers(
  program: string,
  clusters: readonly string[],
  { settings = '', jetStream = '' }: Pick<NatsOptions, 'settings' | 'jetStream'>,
): Promise<Nats> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-nats-'));
  const configurations = clusters.map((cluster, index) => {
    const folderOfStore = `store_dir: "${join(folder, String(index))}"`;
    const storage = jetStream === 'none' ? '' : `jetstream { ${[folderOfStore, jetStream].join('\n')} }`;
    return { file: join(folder, `${index}.conf`), lines: [`server_name: n${index}`, storage, cluster] };
  });
  const configure = async (lines: string): Promise<void> => {
    await Promise.all(configurations.map((one) => writeFile(one.file, [...one.lines, lines].join('\n'))));
  };
  const running = new Map<number, NatsServer>();
  const urls: string[] = [];
  const start = async (index = 0): Promise<void> => {
    // When it is started again, clients look for it at the port that it had.
    const port = urls[index]?.split(':').at(-1) ?? '-1';
    const file = configurations[index]?.file ?? '';
    const server = await runNatsServer(program, ['-c', file, '--addr', '127.0.0.1', '--port', port]);
    running.set(index, server);
    urls[index] = server.url;
  };
  const kill = async (index = 0): Promise<void> => {
    await running.get(index)?.stop();
    running.delete(index);
  };
  const end = async (): Promise<void> => {
    await Promise.all(clusters.map((_, index) => kill(index)));
    await rm(folder, { recursive: true, force: true });
  };
  await configure(settings);
  const starts = await Promise.allSettled(clusters.map((_, index) => start(index)));
  const failed = starts.find((one) => one.status === 'rejected');
  if (failed) {
    await end();
    throw failed.reason;
  }
  return { servers: urls, kill, start, configure, end };
}
