import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Simulator } from '../../simulator';
import { chatIdOf, CUSTOMERS } from '../../simulator/history/customers';
import type { Demo } from './demo';
import { flowOf } from './flow';
import { startNatsServer, type NatsServer } from './nats-server';
import { startNodeRed, type NodeRedProcess } from './node-red';
import { CONVERSATIONS } from './conversations';
import { prepareUserDirectory } from './user-directory';
import { numberFrom, startAtPort } from './variables';

/** `npm start -- --instances 3`: several Node-REDs with one flow, which share the messages of one account by NATS. */
export async function startInstances(simulator: Simulator, base: string, count: number): Promise<Demo> {
  const folder = resolve(base, 'instances');
  const nats = await natsFor(folder);
  const started: NodeRedProcess[] = [];
  let isOver = false;
  const stop = async (): Promise<void> => {
    isOver = true;
    await Promise.all(started.map((instance) => instance.stop()));
    await nats.stop();
  };
  try {
    console.log(`Starting ${count} Node-REDs …`);
    for (let number = 1; number <= count; number++) {
      started.push(await startInstance(number, { simulator, folder, nats }));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  console.log(introduction(started, simulator, nats));
  const ends = started.map(async ({ ended }, index) => {
    const how = await ended;
    if (!isOver) console.log(`Node-RED ${index + 1} has ended (${how}).`);
  });
  return {
    ended: Promise.race([
      Promise.all(ends).then(() => 'All Node-REDs have ended.'),
      nats.ended.then(() => 'The NATS server has ended.'),
    ]),
    live: (signal) => liveQuestions(simulator, numberFrom('DEMO_PAUSE', 1_000), signal),
    stop,
  };
}

/** A server of the demo's own, unless the variable NATS_URL names one that runs already. */
async function natsFor(folder: string): Promise<NatsServer> {
  const { NATS_URL: url } = process.env;
  if (url === undefined || url === '') return startNatsServer(join(folder, 'nats'));
  return { url, ended: new Promise(() => undefined), stop: () => Promise.resolve() };
}

interface Surroundings {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly nats: NatsServer;
}

async function startInstance(number: number, { simulator, folder, nats }: Surroundings): Promise<NodeRedProcess> {
  const own = join(folder, String(number));
  // All have the same flow: a change that somebody made in one of them would be in that one alone.
  await rm(own, { recursive: true, force: true });
  await prepareUserDirectory(own, simulator.account, { nodes: flowOf('instances-flow.json'), modules: [] });
  const environment = {
    SIMULATOR_URL: simulator.url,
    SIMULATOR_SOCKET_URL: simulator.socketUrl,
    NATS_URL: nats.url,
  };
  // What it says of its settings while it starts is of no interest here.
  let isRunning = false;
  const onLine = (line: string): void => {
    const [, work] = /\[debug:worked on\] (.*)/.exec(line) ?? [];
    if (work !== undefined) console.log(`Node-RED ${number} did    ${work}`);
    else if (isRunning && / - \[(warn|error|fatal)\] /.test(line)) console.log(`Node-RED ${number} says   ${line}`);
  };
  const wanted = { variable: 'PORT', usual: 1880, further: number - 1 };
  const nodeRed = await startAtPort(`Node-RED ${number}`, wanted, (port) =>
    startNodeRed({ folder: own, port, environment, onLine }),
  );
  isRunning = true;
  return nodeRed;
}

/** How many customers ask the same question, each in a chat of their own: chats are what the instances share. */
const CUSTOMERS_PER_QUESTION = 20;

/** Every `pauseMs` a customer asks something, and the questions are numbered. */
async function liveQuestions(simulator: Simulator, pauseMs: number, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count++) {
    const { licenseId, messengerType, customer, question } =
      CONVERSATIONS[count % CONVERSATIONS.length] ?? CONVERSATIONS[0];
    const { name, phone } = CUSTOMERS[customer];
    const round = Math.floor(count / CONVERSATIONS.length) % CUSTOMERS_PER_QUESTION;
    const asking = { phone: String(Number(phone) + 10 * round) };
    const chat = { id: chatIdOf(asking, messengerType), name };
    simulator.message({ licenseId, messengerType, chat, text: `${count + 1}. ${question}` });
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function introduction(instances: readonly NodeRedProcess[], simulator: Simulator, nats: NatsServer): string {
  const [first] = instances;
  return [
    '',
    `${instances.length} Node-REDs share the work. Nothing leaves this machine.`,
    '',
    ...instances.map(
      ({ url, pid }, index) => `  Node-RED ${index + 1}             ${url}/  (process ${pid ?? 'unknown'})`,
    ),
    `  ChatApp simulator      ${simulator.url}/`,
    `  NATS                   ${nats.url}`,
    '',
    'One instance shows "leader", the others "standby", and each message is handled by one of them: see below, and in',
    `their debug sidebars. End one of them, for example by "kill -9 ${first?.pid ?? ''}": the others continue.`,
    'Ctrl-C stops all.',
    '',
  ].join('\n');
}
