/**
 * `npm start`: a stand-in for ChatApp, and a real Node-RED that listens to it; `npm start -- --copies 3`: several that
 * share the work. None needs an account, and nothing leaves this machine. Environment: PORT and STAND_IN_PORT (taken
 * ports are passed over), DEMO_FOLDER (Node-RED's user directory), DEMO_PAUSE (between two events, in ms), and for
 * copies NATS_URL (a server that runs) or NATS_SERVER (the program).
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Simulator, startSimulator } from '../../simulator';
import { startAlone } from './alone';
import { startCopies } from './copies';
import type { Demo } from './demo';
import { portFor } from './variables';

const FOLDER = process.env.DEMO_FOLDER ?? join(__dirname, '../../.cache/demo');
/** In ms. Without any listener the day begins all the same. */
const LISTENERS_WITHIN = 10_000;
const PARENT_CHECK = 500;
/** In ms. Slow enough to see what becomes of an answer. */
const STATUS_DELAY = 700;
/** Each takes some 100 MB. */
const MOST_COPIES = 9;

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
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort());
  onParentGone(() => over.abort());
  const interrupted = new Promise<void>((settle) => over.signal.addEventListener('abort', () => settle()));

  const running = await Promise.race([start(copiesWanted()), interrupted]);
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

/** How many Node-REDs there shall be; `undefined` for the one that is by itself. */
function copiesWanted(): number | undefined {
  const { copies } = parseArgs({ options: { copies: { type: 'string' } } }).values;
  if (copies === undefined) return undefined;
  if (/^\d$/.test(copies) && copies !== '0') return Number(copies);
  throw new Error(`--copies is "${copies}", which should be a number from 1 to ${MOST_COPIES}.`);
}

async function start(copies: number | undefined): Promise<Running> {
  const standInPort = await portFor('the stand-in', 'STAND_IN_PORT', 9601);
  const simulator = await startSimulator({ port: standInPort, statusDelay: STATUS_DELAY });
  const demo = copies === undefined ? startAlone(simulator, FOLDER) : startCopies(simulator, FOLDER, copies);
  return { simulator, demo: await demo };
}

async function live({ simulator, demo }: Running, signal: AbortSignal): Promise<void> {
  await simulator.until(({ sockets }) => sockets > 0, LISTENERS_WITHIN).catch(() => undefined);
  await demo.live(signal);
}

/** npm that is told to end takes its shell with it, but not what runs in there: it gets another parent. */
function onParentGone(act: () => void): void {
  const { ppid } = process;
  const watch = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(watch);
    act();
  }, PARENT_CHECK);
  watch.unref();
}
