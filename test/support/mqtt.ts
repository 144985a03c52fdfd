import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** A real MQTT broker. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  /** Ends it where it was started for this. */
  end(): Promise<void>;
}

/** How often, and every how many ms, a broker that starts is asked whether it is there. */
const TRIES = 100;
const PAUSE = 50;

/**
 * The broker that MQTT_URL names, else the one on loopback, else a Mosquitto that is started for it. Undefined where
 * there is none and Mosquitto is not installed.
 */
export async function findBroker(): Promise<Broker | undefined> {
  const { hostname: host, port } = new URL(process.env.MQTT_URL ?? 'mqtt://127.0.0.1:1883');
  if (await answers(host, Number(port || 1883)))
    return { host, port: Number(port || 1883), end: () => Promise.resolve() };
  return startMosquitto();
}

async function startMosquitto(): Promise<Broker | undefined> {
  const program = ['mosquitto', '/usr/sbin/mosquitto'].find((name) => spawnSync(name, ['-h']).error === undefined);
  if (program === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-mosquitto-'));
  const port = 40_000 + (process.pid % 20_000);
  const settings = join(folder, 'mosquitto.conf');
  await writeFile(settings, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n`);
  const child = spawn(program, ['-c', settings], { stdio: 'ignore' });
  const end = async (): Promise<void> => {
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < TRIES; tries++) {
    if (await answers('127.0.0.1', port)) return { host: '127.0.0.1', port, end };
    await pause(PAUSE);
  }
  await end();
  throw new Error('Mosquitto did not start');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill();
  await gone;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const end = (isThere: boolean): void => {
      socket.destroy();
      settle(isThere);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
