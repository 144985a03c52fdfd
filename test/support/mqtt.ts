import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RestartablePort, onFreePorts } from './restartable-port';

/** An MQTT broker, and what it can. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  /** As the nodes `mqtt-broker` have it: MQTT 5, or 3.1.1. */
  readonly protocolVersion: '5' | '4';
  /** Knows shared subscriptions: `$share/…`. */
  readonly shares: boolean;
  /** Ends it where it was started for this. */
  end(): Promise<void>;
}

/** Where systems have it: Debian's root has /usr/sbin in PATH, its users have not. */
const MOSQUITTO = ['mosquitto', '/usr/sbin/mosquitto'];
/** How often, and every how many ms, a broker that starts is asked whether it is there. */
const TRIES = 100;
const PAUSE = 50;

/**
 * The broker that MQTT_URL names, else the one on loopback, else a Mosquitto that is started for it, else aedes in this
 * process. MOSQUITTO is the program, if it is not where systems have it; one that does not exist makes do with aedes.
 */
export async function findBroker(): Promise<Broker> {
  const { hostname: host, port } = new URL(process.env.MQTT_URL ?? 'mqtt://127.0.0.1:1883');
  const present = { host, port: Number(port || 1883), protocolVersion: '5', shares: true } as const;
  if (await answers(present.host, present.port)) return { ...present, end: () => Promise.resolve() };
  const { MOSQUITTO: named } = process.env;
  const programs = named === undefined ? MOSQUITTO : [named];
  const program = programs.find((name) => spawnSync(name, ['-h']).error === undefined);
  return program === undefined ? startAedes() : startMosquitto(program);
}

function startMosquitto(program: string): Promise<Broker> {
  return onFreePorts(1, ([port = 0]) => startMosquittoAt(program, port));
}

async function startMosquittoAt(program: string, port: number): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-mosquitto-'));
  const settings = join(folder, 'mosquitto.conf');
  await writeFile(settings, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n`);
  const child = spawn(program, ['-c', settings], { stdio: 'ignore' });
  const end = async (): Promise<void> => {
    await stop(child);
    await rm(folder, { recursive: true, force: true });
  };
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  // What answers on the port may be another program, which has taken it before this one: then this one ends.
  for (let tries = 0; tries < TRIES && !hasEnded(); tries++) {
    const isThere = await answers('127.0.0.1', port);
    await pause(PAUSE);
    if (isThere && !hasEnded()) return { host: '127.0.0.1', port, protocolVersion: '5', shares: true, end };
  }
  await end();
  throw new Error('Mosquitto did not start');
}

/** aedes speaks MQTT 3.1.1 only, and takes `$share/…` for a topic like any other. */
async function startAedes(): Promise<Broker> {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker();
  const receiver = new RestartablePort(() => createServer((socket: Socket) => void aedes.handle(socket)));
  await receiver.open();
  const end = async (): Promise<void> => {
    await receiver.close();
    await new Promise<void>((closed) => aedes.close(closed));
  };
  return { host: '127.0.0.1', port: receiver.number, protocolVersion: '4', shares: false, end };
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
