import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onFreePorts } from '../support/restartable-port';
import { installSoketi } from './install';

const READY = 'Server is up and running';
const START_TIMEOUT = 30_000;
const STOP_TIMEOUT = 3000;
const APP = { id: '1623', key: 'SoketiTestKey', secret: 'a secret for tests' } as const;

export interface Soketi {
  readonly url: string;
  readonly socketUrl: string;
  readonly appKey: string;
  readonly appId: string;
  readonly secret: string;
  /** Ends the child process. */
  stop(): Promise<void>;
}

/**
 * Starts soketi in a child process, on free ports of 127.0.0.1; installs it first where it is not there yet.
 *
 * @throws Error that says why, where it cannot be installed or does not start
 */
export async function startSoketi(): Promise<Soketi> {
  const command = await installSoketi();
  return onFreePorts(3, (ports) => startSoketiAt(command, ports));
}

async function startSoketiAt(
  command: string,
  [port, metricsPort, clusterPort]: readonly (number | undefined)[],
): Promise<Soketi> {
  const folder = mkdtempSync(join(tmpdir(), 'soketi-'));
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(settings(port, metricsPort, clusterPort)));
  const child = spawn(process.execPath, [command, 'start', `--config=${config}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithUs = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', endWithUs);
  const stop = async (): Promise<void> => {
    process.off('exit', endWithUs);
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(child);
  } catch (error) {
    await stop();
    throw error;
  }
  const address = `127.0.0.1:${port}`;
  return {
    url: `http://${address}`,
    socketUrl: `ws://${address}`,
    appKey: APP.key,
    appId: APP.id,
    secret: APP.secret,
    stop,
  };
}

/** Every host is named: left to itself, soketi listens on all addresses and broadcasts to find others of its kind. */
function settings(port: number | undefined, metricsPort: number | undefined, clusterPort: number | undefined): object {
  const host = '127.0.0.1';
  return {
    debug: false,
    host,
    port,
    'metrics.host': host,
    'metrics.port': metricsPort,
    'cluster.hostname': host,
    'cluster.address': host,
    'cluster.unicast': host,
    'cluster.port': clusterPort,
    'appManager.array.apps': [{ ...APP, maxConnections: -1, enableClientMessages: false, enabled: true }],
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`soketi ${why}. It said:\n${said.slice(-2000)}`));
    };
    const timer = setTimeout(() => fail(`was not up within ${START_TIMEOUT} ms`), START_TIMEOUT);
    const read = (text: Buffer): void => {
      said += text.toString();
      if (!said.includes(READY)) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(`could not be started (${error.message})`));
    child.once('exit', (code) => fail(`ended with code ${code ?? 'none'}`));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}
