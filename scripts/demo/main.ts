/**
 * `npm start`: a stand-in for ChatApp, and a real Node-RED that listens to it. Neither needs an account, and nothing
 * leaves this machine. Environment: PORT and STAND_IN_PORT (taken ports are passed over), DEMO_FOLDER (Node-RED's user
 * directory) and DEMO_PAUSE (between two events, in ms).
 */
import { join, resolve } from 'node:path';
import { type Simulator, startSimulator } from '../../simulator';
import { demoFlow } from './flow';
import { startNodeRed, type NodeRedProcess } from './node-red';
import { freePort } from './ports';
import { liveShopDay } from './shop-day';
import { prepareUserDirectory } from './user-directory';

const FOLDER = resolve(process.env.DEMO_FOLDER ?? join(__dirname, '../../.cache/demo'));
/** In ms. Without any listener the day begins all the same. */
const LISTENERS_WITHIN = 10_000;
const PARENT_CHECK = 500;
/** In ms. Slow enough to see what becomes of an answer. */
const STATUS_DELAY = 700;

interface Demo {
  readonly simulator: Simulator;
  readonly nodeRed: NodeRedProcess;
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

  const demo = await Promise.race([start(), interrupted]);
  // A Node-RED that is about to start ends together with this process.
  if (!demo) process.exit(0);
  void live(demo, over.signal);
  const death = await Promise.race([demo.nodeRed.ended, interrupted]);
  over.abort();
  if (death === undefined) console.log('\nStopping …');
  await demo.nodeRed.stop();
  await demo.simulator.close();
  if (death !== undefined) {
    throw new Error([`Node-RED has ended (${death}). It said last:`, ...demo.nodeRed.lines.slice(-15)].join('\n  '));
  }
  process.exit(0);
}

async function start(): Promise<Demo> {
  const standInPort = await portFor('the stand-in', 'STAND_IN_PORT', 9601);
  const simulator = await startSimulator({ port: standInPort, statusDelay: STATUS_DELAY });
  const keepsOwnFlow = await prepareUserDirectory(FOLDER, simulator.account);
  const port = await portFor('Node-RED', 'PORT', 1880);
  console.log('Starting Node-RED …');
  let isIntroduced = false;
  const nodeRed = await startNodeRed({
    folder: FOLDER,
    port,
    environment: { STAND_IN_URL: simulator.url, STAND_IN_SOCKET_URL: simulator.socketUrl },
    onLine: (line) => {
      if (isIntroduced && / - \[(warn|error|fatal)\] /.test(line)) console.log(line);
    },
  });
  isIntroduced = true;
  console.log(introduction(nodeRed, simulator, keepsOwnFlow));
  return { simulator, nodeRed };
}

async function live({ simulator }: Demo, signal: AbortSignal): Promise<void> {
  await simulator.until(({ sockets }) => sockets > 0, LISTENERS_WITHIN).catch(() => undefined);
  await liveShopDay(simulator, numberFrom('DEMO_PAUSE', 3_000), signal);
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

/** The port that the variable or the usual one names; where that is taken, another one, and says so. */
async function portFor(who: string, variable: string, usual: number): Promise<number> {
  const wanted = numberFrom(variable, usual);
  const port = await freePort(wanted);
  if (port !== wanted) console.log(`Port ${wanted} is taken, so ${who} gets ${port === 0 ? 'another one' : port}.`);
  return port;
}

function numberFrom(variable: string, usual: number): number {
  const text = process.env[variable] ?? '';
  if (text === '') return usual;
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new Error(`${variable} is "${text}", which should be a number up to 65535.`);
}

function introduction({ url }: NodeRedProcess, simulator: Simulator, keepsOwnFlow: boolean): string {
  return [
    '',
    'The demo runs. Nothing leaves this machine.',
    '',
    `  Node-RED's editor      ${url}/`,
    `  ChatApp's stand-in     ${simulator.url}/`,
    ...(hasInbox(keepsOwnFlow) ? [`  A live inbox           ${url}/dashboard/chatapp-inbox`] : []),
    '',
    "Open the editor's debug sidebar to see the events come. On the page of the stand-in you write as a customer, and",
    'the flow answers.',
    ...(keepsOwnFlow ? [] : ['The other tabs are examples that come with the package.']),
    ...(keepsOwnFlow ? [`Your changes to the flow are kept; without the folder ${FOLDER} the demo begins anew.`] : []),
    'Ctrl-C stops both.',
    '',
  ].join('\n');
}

/** The page is one of the examples; it needs a module of its own. */
function hasInbox(keepsOwnFlow: boolean): boolean {
  return !keepsOwnFlow && demoFlow().modules.includes('@flowfuse/node-red-dashboard');
}
