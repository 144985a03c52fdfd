import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Where systems have it: Debian's root has /usr/sbin in PATH, its users have not. */
const PROGRAMS = ['nats-server', '/usr/sbin/nats-server'];
const EXIT_WITH_PARENT = join(__dirname, 'run-with-parent.mjs');
/** In ms. */
const START_WITHIN = 60_000;

/** A NATS with JetStream, on loopback. */
export interface NatsServer {
  /** Such as `nats://127.0.0.1:4222`. */
  readonly url: string;
  /** Resolves when the process is gone. */
  readonly ended: Promise<unknown>;
  /** Kills it, as `kill -9`. */
  stop(): Promise<void>;
}

/** The program of a NATS server: what the variable NATS_SERVER names, or what the system has; undefined where it is not. */
export function natsProgram(): string | undefined {
  const { NATS_SERVER: named } = process.env;
  return (named === undefined ? PROGRAMS : [named]).find((name) => spawnSync(name, ['-v']).error === undefined);
}

/**
 * Starts a NATS server on any free port. What it keeps is in `folder`, and is of no use any more with the next start.
 * Rejects with what to install where there is no such program.
 */
export async function startNatsServer(folder: string): Promise<NatsServer> {
  const program = natsProgram();
  if (program === undefined) throw new Error(WITHOUT);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return runNatsServer(program, ['--addr', '127.0.0.1', '--port', '-1', '--jetstream', '--store_dir', folder]);
}

/** Runs `program` until `stop`, or until this process ends. Rejects with its last lines if it does not get ready. */
export async function runNatsServer(program: string, args: readonly string[]): Promise<NatsServer> {
  const child = spawn(process.execPath, [EXIT_WITH_PARENT, program, ...args], {
    // A process group of their own: a signal to ours, as Ctrl-C or `timeout` sends it, must not end the process in
    // between before it has ended the server.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    await ended;
  };
  try {
    return { url: await addressOf(child, ended), ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const WITHOUT = `Several Node-REDs share their work by NATS, and there is no nats-server here. Install it:

  Debian, Ubuntu   apt-get install nats-server
  macOS            brew install nats-server
  Windows          choco install nats-server
  Docker           docker run --rm -p 127.0.0.1:4222:4222 nats:2-alpine -js

The variable NATS_SERVER names the program where it is not in PATH, and NATS_URL a server that runs already, such as
nats://127.0.0.1:4222.`;

/** Where it says that it listens. Rejects with what it said where it does not. */
function addressOf(child: ChildProcess, ended: Promise<unknown>): Promise<string> {
  return new Promise((settle, reject) => {
    const lines: string[] = [];
    const giveUp = (): void => {
      clearTimeout(timer);
      reject(new Error(['nats-server did not start:', ...lines.slice(-10)].join('\n  ')));
    };
    const timer = setTimeout(giveUp, START_WITHIN);
    void ended.then(giveUp);
    if (!child.stderr) return giveUp();
    let address: string | undefined;
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > 10) lines.shift();
      address ??= /client connections on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address === undefined || !line.includes('Server is ready')) return;
      clearTimeout(timer);
      settle(`nats://${address}`);
    });
  });
}
