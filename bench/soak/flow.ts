import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { startSimulator, type Simulator } from '../../simulator';
import { isRecord } from '../../simulator/json';
import { settingsFor } from '../faults/clients/settings';
import { numbered } from '../faults/numbers';
import { channelsOf } from '../faults/traffic';
import { messageFrom } from '../child-message';
import { startChild } from './child';
import { Counts } from './counts';

interface FlowOptions {
  /** In ms. */
  readonly length: number;
  /** Events a second; every fifth is a message, the others are statuses. */
  readonly rate: number;
  /** In ms; how often the sockets are dropped. */
  readonly dropEvery: number;
  /** In ms; how often `onProgress` is called. */
  readonly tellEvery: number;
  readonly onProgress: (progress: FlowProgress) => void;
}

export interface FlowProgress extends ReturnType<Counts['figures']> {
  /** In s. */
  readonly after: number;
  /** Of the client's process after a collection, in bytes. */
  readonly heap: number;
  readonly drops: number;
  /** Codes of errors that a flow would have got. */
  readonly errors: ReadonlySet<string>;
}

/** What was announced so long ago has come, or never will; in ms. Longer than any wait between two tries. */
const SETTLED = 60_000;
const EVERY = 20;
const MESSAGE_SHARE = 5;
const CHATS = ['77000000001', '77000000002', '77000000003'];

/** Lets events flow for a while, dropping sockets again and again; resolves to the last state of affairs. */
export async function soakFlow({ length, rate, dropEvery, tellEvery, onProgress }: FlowOptions): Promise<FlowProgress> {
  const simulator = await startSimulator({ socketPort: 0 });
  const counts = new Counts();
  const errors = new Set<string>();
  const child = startChild(require.resolve('./client.ts'), settingsFor(simulator, {}));
  child.on('message', (message) => {
    if (!isRecord(message)) return;
    if (typeof message.code === 'string') errors.add(message.code);
    const numbers: unknown[] = Array.isArray(message.numbers) ? message.numbers : [];
    for (const number of numbers) if (typeof number === 'number') counts.came(number);
  });
  let drops = 0;
  const begun = Date.now();
  const progress = async (age: number): Promise<FlowProgress> => {
    child.send('heap');
    const { heap } = await messageFrom(child, (reported) => (isHeap(reported) ? reported : undefined));
    return { ...counts.figures(age), after: Math.round((Date.now() - begun) / 1000), heap, drops, errors };
  };
  const timers: NodeJS.Timeout[] = [];
  try {
    await simulator.until((it) => channelsOf(it).every((channel) => it.subscriptions(channel) > 0), 20_000);
    timers.push(
      startTraffic(simulator, counts, rate),
      setInterval(() => {
        counts.dropped();
        drops += simulator.dropAll() > 0 ? 1 : 0;
      }, dropEvery),
      setInterval(() => void progress(SETTLED).then(onProgress), tellEvery),
    );
    await wait(length);
    for (const timer of timers) clearInterval(timer);
    await arrived(counts);
    return await progress(0);
  } finally {
    for (const timer of timers) clearInterval(timer);
    child.send('stop');
    await once(child, 'exit');
    await simulator.close();
  }
}

function startTraffic(simulator: Simulator, counts: Counts, rate: number): NodeJS.Timeout {
  const channels = channelsOf(simulator);
  const begun = Date.now();
  let sent = 0;
  return setInterval(() => {
    for (; sent < ((Date.now() - begun) * rate) / 1000; sent += 1) announce(simulator, counts, channels, sent);
  }, EVERY);
}

function announce(simulator: Simulator, counts: Counts, channels: readonly string[], turn: number): void {
  const channel = channels[Math.floor(turn / MESSAGE_SHARE) % channels.length] ?? '';
  const [, licenseId = '', messengerType = ''] = /licenses\.(\d+)\.messengers\.(\w+)$/.exec(channel) ?? [];
  const chat = CHATS[Math.floor(turn / MESSAGE_SHARE / channels.length) % CHATS.length] ?? '';
  const isMessage = turn % MESSAGE_SHARE === 0;
  const number = counts.announced(isMessage, simulator.subscriptions(channel) > 0);
  const text = numbered(number);
  const meta = { licenseId, messengerType };
  if (isMessage) {
    simulator.message({ ...meta, chat, text });
    return;
  }
  const item = { id: text, type: 'delivered', time: Math.floor(Date.now() / 1000), chat: { id: chat }, fromApp: null };
  simulator.announce(channel, 'messageStatus', { data: [item], meta: { type: 'messageStatus', ...meta } });
}

/** Resolves when nothing is lost any more, or after the time that everything takes to settle. */
async function arrived(counts: Counts): Promise<void> {
  for (const end = Date.now() + SETTLED; Date.now() < end; await wait(100)) {
    if (counts.figures(0).lost === 0) break;
  }
  // Copies may come after the first.
  await wait(1_000);
}

function isHeap(value: unknown): value is { heap: number } {
  return isRecord(value) && typeof value.heap === 'number';
}
