import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Simulator, startSimulator } from '../../simulator';
import { type Client, type ClientName, startHere, startProcess } from './clients/client';
import { type SentText, settingsFor, type Report } from './clients/settings';
import type { Fault, Scenario } from './fault';
import { type Figures, Tally } from './tally';
import { channelsOf, Traffic } from './traffic';

/** How long a run takes at least and at most, in ms. */
interface Pace {
  readonly before: number;
  readonly after: number;
  /** How long to wait for events to flow again. */
  readonly waitLimit: number;
  /** So long without an arrival is quiet. */
  readonly quiet: number;
  /** How long to wait for copies of what has come. */
  readonly copies: number;
  /** Our client runs in this process. */
  readonly isHere: boolean;
}

export const FULL: Pace = { before: 700, after: 2_500, waitLimit: 45_000, quiet: 6_000, copies: 750, isHere: false };
/** pusher-js often never comes back: it is not waited for as long, except where it is known to take 16 s. */
export const FOR_STOCK: Pace = { ...FULL, waitLimit: 5_000, quiet: 1_500, copies: 200 };
export const FOR_SLOW_STOCK: Pace = { ...FOR_STOCK, waitLimit: 11_500 };
/** Only what never comes is waited for as long as this says, and many of these run at once. */
export const SHORT: Pace = { before: 300, after: 400, waitLimit: 120_000, quiet: 30_000, copies: 200, isHere: true };

export interface Outcome extends Figures {
  readonly crashed: boolean;
  /** The codes of the errors that a flow would have got. */
  readonly errors: ReadonlySet<string>;
  readonly note: string | undefined;
  /** How many the client has opened. */
  readonly sockets: number;
  /** What the fault's own check says. */
  readonly broken: string | undefined;
}

const POLL = 50;
/** In ms. */
const [READY_WITHIN, SETTLED_WITHIN] = [120_000, 120_000];
/** A busy machine may take longer for its answer than ChatApp waits; a callback that is repeated counts as doubled. */
const PATIENT = { callbacks: { timeoutMs: 60_000 } } as const;
/** So many events at least, however slow the machine is. */
const EVENTS = 25;

/** Runs one fault on one client, which has a simulator of its own: so that what is counted there is its doing. */
export async function runSide(fault: Fault, name: ClientName, pace: Pace): Promise<Outcome> {
  const simulator = await startSimulator({ socketPort: 0, ...PATIENT, ...fault.simulator });
  const folder = fault.inFiles ? await mkdtemp(join(tmpdir(), 'chatapp-faults-')) : undefined;
  const tally = new Tally();
  const errors = new Set<string>();
  const reports = new EventEmitter<{ sent: [readonly SentText[]] }>();
  let isUp = false;
  const tell = (report: Report): void => {
    if (report.kind === 'came') tally.came(report.number, report.at);
    else if (report.kind === 'state') isUp = report.isUp;
    else if (report.kind === 'sent') reports.emit('sent', report.sentTexts);
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
    // The server subscribes a client before that client knows: one that ends in between has missed nothing.
    if (name === 'ours') await holds(() => isUp, READY_WITHIN);
    // A client that ends before it has saved anything starts for the first time again: nothing from before is its own.
    if (name === 'ours' && folder !== undefined) await holds(() => isSaved(folder, simulator), READY_WITHIN);
    traffic.start();
    await wait(pace.before);
    const untilClient = (wanted: boolean, ms: number): Promise<boolean> => holds(() => isUp === wanted, ms);
    const send: Scenario['send'] = async (letters) => {
      const reported = new Promise<readonly SentText[]>((resolve) => reports.once('sent', resolve));
      client.send(letters);
      return reported;
    };
    tally.faultBegins();
    const note = await fault.happen({ simulator, client, traffic, wait, untilClient, send });
    const over = Date.now();
    await wait(pace.after);
    const flowsAgain = (): boolean =>
      traffic.count > EVENTS && [...tally.flowsAgain(over).values()].every((at) => at !== undefined);
    await holds(() => client.crashed || flowsAgain(), pace.waitLimit);
    traffic.stop();
    // pusher-js has nothing to fetch, and may never be up again.
    const missing = (): number => (fault.missesNothing ? tally.missing : tally.messagesMissing);
    await settled(simulator, { tally, client, pace, missing, isUp: () => isUp || name === 'stock' });
    const figures = tally.figures({ over, repeats: fault.repeats === true });
    const sockets = simulator.connections;
    return { ...figures, crashed: client.crashed, errors, note, sockets, broken: fault.check?.(simulator) };
  } finally {
    traffic.stop();
    await client.stop();
    await simulator.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function subscribed(simulator: Simulator): Promise<void> {
  const channels = channelsOf(simulator);
  await simulator.until((it) => channels.every((channel) => it.subscriptions(channel) > 0), READY_WITHIN);
}

/** Every messenger has a callback. */
async function calledBack(simulator: Simulator): Promise<void> {
  const lines = channelsOf(simulator).length;
  await simulator.until((it) => it.callbacks.list.length === lines, READY_WITHIN);
}

/** It is on disk that every channel is received. */
function isSaved(folder: string, simulator: Simulator): boolean {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const records = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join();
  return channelsOf(simulator).every((channel) => records.includes(channel));
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

interface Run {
  readonly tally: Tally;
  readonly client: Client;
  readonly pace: Pace;
  /** How many events have not come that must. */
  readonly missing: () => number;
  readonly isUp: () => boolean;
}

/** Everything has come, or nothing comes any more; and then a little longer, for copies. */
async function settled({ callbacks }: Simulator, { tally, client, pace, missing, isUp }: Run): Promise<void> {
  let quietSince = Date.now();
  const isQuiet = (): boolean => {
    // A client that is connecting, or fetching what it missed, may hold back events that have come meanwhile.
    if (!isUp()) quietSince = Date.now();
    return Date.now() - Math.max(quietSince, tally.lastCame) > pace.quiet;
  };
  // A busy machine posts callbacks more slowly than events are announced: what still waits there is not lost.
  const isOut = (): boolean => callbacks.waiting === 0 && (missing() === 0 || isQuiet());
  await holds(() => client.crashed || isOut(), SETTLED_WITHIN);
  await wait(pace.copies);
}

/** Resolves as soon as `ask` holds, with true, or after `ms`, with false. */
async function holds(ask: () => boolean, ms: number): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await wait(POLL)) if (ask()) return true;
  return ask();
}
