import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Simulator, startSimulator } from '../../simulator';
import { type Client, type ClientName, startHere, startProcess } from './clients/client';
import { type Fate, settingsFor, type Report } from './clients/settings';
import type { Fault, Scene } from './fault';
import { type Figures, Tally } from './tally';
import { channelsOf, Traffic } from './traffic';

/** How long a run takes at least and at most, in ms. */
interface Pace {
  readonly before: number;
  readonly after: number;
  /** How long to wait for events to flow again. */
  readonly patience: number;
  /** So long without an arrival is quiet. */
  readonly quiet: number;
  /** Our client runs in this process. */
  readonly isHere: boolean;
}

export const FULL: Pace = { before: 700, after: 2_500, patience: 45_000, quiet: 6_000, isHere: false };
/** pusher-js often never comes back: it is not waited for as long, except where it is known to take 16 s. */
export const FOR_STOCK: Pace = { ...FULL, patience: 5_000, quiet: 1_500 };
export const FOR_SLOW_STOCK: Pace = { ...FOR_STOCK, patience: 11_500 };
export const SHORT: Pace = { before: 300, after: 400, patience: 5_000, quiet: 1_500, isHere: true };

export interface Outcome extends Figures {
  readonly crashed: boolean;
  /** The codes of the errors that a flow would have got. */
  readonly errors: ReadonlySet<string>;
  readonly note: string | undefined;
  /** What the fault's own check says. */
  readonly broken: string | undefined;
}

const POLL = 50;

/** Runs one fault on one client, which has a stand-in of its own: so that what is counted there is its doing. */
export async function runSide(fault: Fault, name: ClientName, pace: Pace): Promise<Outcome> {
  const simulator = await startSimulator({ socketPort: 0, ...fault.simulator });
  const folder = fault.inFiles ? await mkdtemp(join(tmpdir(), 'chatapp-faults-')) : undefined;
  const tally = new Tally();
  const errors = new Set<string>();
  const reports = new EventEmitter<{ sent: [readonly Fate[]] }>();
  let isUp = false;
  const tell = (report: Report): void => {
    if (report.kind === 'came') tally.came(report.number, report.at);
    else if (report.kind === 'state') isUp = report.isUp;
    else if (report.kind === 'sent') reports.emit('sent', report.fates);
    else errors.add(report.code);
  };
  const { receive } = fault.tuning ?? {};
  const settings = settingsFor(simulator, {
    ...fault.tuning,
    ...(folder !== undefined && { folder }),
    ...(receive && { callbackPort: await freePort() }),
  });
  const client = pace.isHere ? startHere(settings, tell) : startProcess(name, settings, tell);
  const traffic = new Traffic(simulator, tally);
  try {
    if (receive !== 'webhook' || name === 'stock') await subscribed(simulator);
    if (receive && name === 'ours') await calledBack(simulator);
    traffic.start();
    await wait(pace.before);
    const from = Date.now();
    const untilClient = (wanted: boolean, ms: number): Promise<boolean> => holds(() => isUp === wanted, ms);
    const send: Scene['send'] = async (letters) => {
      const told = new Promise<readonly Fate[]>((resolve) => reports.once('sent', resolve));
      client.send(letters);
      return told;
    };
    const note = await fault.happen({ simulator, client, traffic, wait, untilClient, send });
    const over = Date.now();
    await wait(pace.after);
    const flowsAgain = (): boolean => [...tally.flowsAgain(over).values()].every((at) => at !== undefined);
    await holds(() => client.crashed || flowsAgain(), pace.patience);
    traffic.stop();
    await settled(simulator, tally, client, pace);
    const figures = tally.figures({ from, over, repeats: fault.repeats === true });
    return { ...figures, crashed: client.crashed, errors, note, broken: fault.check?.(simulator) };
  } finally {
    traffic.stop();
    await client.stop();
    await simulator.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function subscribed(simulator: Simulator): Promise<void> {
  const channels = channelsOf(simulator);
  await simulator.until((it) => channels.every((channel) => it.subscriptions(channel) > 0), 20_000);
}

/** Every messenger has a callback. */
async function calledBack(simulator: Simulator): Promise<void> {
  const lines = channelsOf(simulator).length;
  await simulator.until((it) => it.callbacks.list.length === lines, 20_000);
}

/** A port of this machine that nobody uses. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}

/** Everything has come, or nothing comes any more; and then a little longer, for copies. */
async function settled({ callbacks }: Simulator, tally: Tally, client: Client, { quiet }: Pace): Promise<void> {
  const ended = Date.now();
  const isQuiet = (): boolean => Date.now() - Math.max(ended, tally.lastCame) > quiet;
  // A busy machine posts callbacks more slowly than events are announced: what still waits there is not lost.
  const isOut = (): boolean => callbacks.waiting === 0 && (tally.messagesMissing === 0 || isQuiet());
  await holds(() => client.crashed || isOut(), 60_000);
  await wait(quiet / 8);
}

/** Resolves as soon as `ask` holds, with true, or after `ms`, with false. */
async function holds(ask: () => boolean, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await wait(POLL)) if (ask()) return true;
  return ask();
}
