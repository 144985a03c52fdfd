/**
 * `npm start`: a ChatApp simulator, and a real Node-RED that listens to it; `npm start -- --instances 3`: several that
 * share the work. None needs an account, and nothing leaves this machine. Environment: PORT and SIMULATOR_PORT (taken
 * ports are passed over), DEMO_FOLDER (Node-RED's user directory), DEMO_PAUSE (between two events, in ms), and for
 * instances NATS_URL (a server that runs) or NATS_SERVER (the program).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Simulator, startSimulator } from '../../simulator';
import { startSingle } from './single';
import { startInstances } from './instances';
import type { Demo } from './demo';
import { startAtPort } from './variables';

const FOLDER = process.env.DEMO_FOLDER ?? join(__dirname, '../../.cache/demo');
/** In ms. Without any listener the day begins all the same. */
const LISTENERS_WITHIN = 10_000;
const PARENT_CHECK = 500;
/** In ms. Slow enough to see what becomes of an answer. */
const STATUS_DELAY = 700;
/** Each takes some 100 MB. */
const MAX_INSTANCES = 9;

interface Running {
  readonly simulator: Simulator;
  readonly demo: Demo;
}

main().catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});

async function main(): Promise<void> {
  const over = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => over.abort());
  onParentGone(() => over.abort());
  const interrupted = new Promise<void>((settle) => over.signal.addEventListener('abort', () => settle()));

  const running = await Promise.race([start(instancesWanted()), interrupted]);
  // What is about to start ends together with this process.
  if (!running) process.exit(0);
  const { simulator, demo } = running;
  void live(running, over.signal);
  const death = await Promise.race([demo.ended, interrupted]);
  over.abort();
  if (death === undefined) console.log('\nStopping …');
  await demo.stop();
  await simulator.close();
  if (death !== undefined) throw new Error(death);
  process.exit(0);
}

/** The number of Node-REDs to start; `undefined` for a single one. */
function instancesWanted(): number | undefined {
  const { instances } = parseArgs({ options: { instances: { type: 'string' } } }).values;
  if (instances === undefined) return undefined;
  if (/^[1-9]$/.test(instances)) return Number(instances);
  throw new Error(`--instances is "${instances}", which should be a number from 1 to ${MAX_INSTANCES}.`);
}

async function start(instances: number | undefined): Promise<Running> {
  const simulator = await startAtPort('the simulator', { variable: 'SIMULATOR_PORT', usual: 9601 }, (port) =>
    startSimulator({ port, statusDelay: STATUS_DELAY }),
  );
  const demo = instances === undefined ? startSingle(simulator, FOLDER) : startInstances(simulator, FOLDER, instances);
  return { simulator, demo: await demo };
}

async function live({ simulator, demo }: Running, signal: AbortSignal): Promise<void> {
  await simulator.until(({ sockets }) => sockets > 0, LISTENERS_WITHIN).catch(() => undefined);
  await demo.live(signal);
}

/**
 * Calls `act` when the parent is gone, or the npm that started it: npm runs a script in a shell and passes SIGTERM on to
 * that shell, but not SIGHUP, and the shell passes nothing on. So each of them may end without a signal for this process.
 */
function onParentGone(act: () => void): void {
  const { ppid } = process;
  const npm = process.env.npm_lifecycle_event === 'start' ? parentOf(ppid) : undefined;
  const watch = setInterval(() => {
    if (process.ppid === ppid && (npm === undefined || isAlive(npm))) return;
    clearInterval(watch);
    act();
  }, PARENT_CHECK);
  watch.unref();
}

/** Undefined if the system cannot say. */
function parentOf(pid: number): number | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? Number(stdout) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
