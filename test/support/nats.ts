import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { natsProgram } from '../../scripts/demo/nats-server';
import { FarPort } from './far-port';

/** A NATS with JetStream of the test's own: one server, or several that form a cluster. */
export interface Nats {
  /** Of each server, as `nats://127.0.0.1:4222`. */
  readonly servers: readonly string[];
  /** Kills a server at once, as `kill -9`; it can be started again with what it kept. */
  kill(index?: number): Promise<void>;
  start(index?: number): Promise<void>;
  /** Ends all servers and removes what they kept. */
  end(): Promise<void>;
}

interface NatsOptions {
  /** How many servers; default 1. */
  readonly servers?: number;
  /** More lines of configuration, as `authorization { user: a, password: b }`. */
  readonly settings?: string;
}

/** How often, and every how many ms, a server that starts is asked whether it is there. */
const TRIES = 400;
const PAUSE = 50;

/**
 * Starts a NATS in a folder of its own, on loopback. NATS_SERVER is the program, if it is not where systems have it.
 * Undefined where there is no such program.
 */
export async function startNats({ servers = 1, settings = '' }: NatsOptions = {}): Promise<Nats | undefined> {
  const program = natsProgram();
  if (program === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-nats-'));
  const ports = await freePorts(servers * 2);
  const [clients, routes] = [ports.slice(0, servers), ports.slice(servers)];
  for (const [index, port] of clients.entries()) {
    const cluster = `cluster { name: test, listen: "127.0.0.1:${routes[index]}", routes: [${routes.map((route) => `"nats://127.0.0.1:${route}"`).join(', ')}] }`;
    await writeFile(
      join(folder, `${index}.conf`),
      [
        `server_name: n${index}`,
        `listen: "127.0.0.1:${port}"`,
        `jetstream { store_dir: "${join(folder, String(index))}" }`,
        servers > 1 ? cluster : '',
        settings,
      ].join('\n'),
    );
  }
  const running = new Map<number, ChildProcess>();
  const start = async (index = 0): Promise<void> => {
    running.set(index, spawn(program, ['-c', join(folder, `${index}.conf`)], { stdio: 'ignore' }));
    await untilAnswers(clients[index] ?? 0);
  };
  const kill = async (index = 0): Promise<void> => {
    const child = running.get(index);
    running.delete(index);
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await Promise.all(clients.map((_, index) => start(index)));
  return {
    servers: clients.map((port) => `nats://127.0.0.1:${port}`),
    kill,
    start,
    end: async () => {
      await Promise.all(clients.map((_, index) => kill(index)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePorts(count: number): Promise<number[]> {
  const doors = Array.from({ length: count }, () => new FarPort(createServer));
  for (const door of doors) await door.open();
  const numbers = doors.map((door) => door.number);
  for (const door of doors) await door.close();
  return numbers;
}

async function untilAnswers(port: number): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (await answers(port)) return;
    await pause(PAUSE);
  }
  throw new Error('nats-server did not start');
}

/** A server that is ready greets whoever connects. */
function answers(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connectSocket({ host: '127.0.0.1', port, timeout: 1_000 });
    const end = (isThere: boolean): void => {
      socket.destroy();
      settle(isThere);
    };
    socket.once('data', (greeting) => end(greeting.toString().startsWith('INFO')));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
