import { setTimeout as pause } from 'node:timers/promises';
import { max, median } from 'simple-statistics';
import { FakeClock } from '../../test/support/fake-clock';
import { createConnection } from '../../src';
import { EVENT_KEY_VERSION, channelName } from '../../src/events';
import { Deduplicator } from '../../src/inbox/deduplicator';
import { HEAP, lineAddress, signalFrame } from './frames';
import { Generator } from './generator';
import { settledHeap } from './meter';
import { atMost, type Row } from './row';
import { messenger, sink, startFlow, type Subject } from './subjects';

const LINES = 1_000;
/** ChatApp's limit; after a drop, sends and lists of chats keep 20 of it for themselves. */
const PER_SECOND = 50;
const PER_SECOND_BESIDE_LISTS = 30;
const BUSY_LINE = 500;
const MEGABYTE = 1024 * 1024;
/** For how long the server is away, in ms, and how many connections come back. */
const AWAY = 30_000;
const CONNECTIONS = 20;

/** One node that listens to all lines of a large account: start, drop and memory. */
export async function lineRows(generator: Generator): Promise<Row[]> {
  const empty = await withLines(generator, 1, (subject) => heapOf(generator, subject));
  return withLines(generator, LINES, async (subject) => {
    const start = took(generator);
    const settled = await heapOf(generator, subject);
    await generator.send(subject.key, generator.messages(BUSY_LINE, 10));
    await pause(1_000);
    generator.forget();
    generator.isChanged = true;
    generator.drop();
    const heaps: number[] = [];
    const subscribed = generator.untilSubscribed(LINES, 120_000);
    while (generator.subscribed.length < LINES) {
      await Promise.race([subscribed, pause(3_000)]);
      if (generator.subscribed.length > 0) heaps.push(await heapOf(generator, subject));
    }
    generator.isChanged = false;
    const busyAt = generator.subscribed.findIndex(({ channel }) => channel === channelName(lineAddress(BUSY_LINE)));
    const perLine = (heap: number): number => (heap - empty) / LINES / 1_024;
    const least = (perSecond: number): number => (1.05 * LINES) / perSecond;
    return [
      atMost('1,000 lines: all subscribed after a start', start, least(PER_SECOND), 's'),
      atMost('the same after a drop, with the lists of chats', took(generator), least(PER_SECOND_BESIDE_LISTS), 's'),
      atMost('the same: place of the line that was busy', busyAt + 1, 1, '', 0),
      atMost('the same: requests over 50 a second', generator.refused, 0, '', 0),
      atMost('1,000 lines: heap of a line, settled', perLine(settled), 6.8, 'KB'),
      atMost('the same while what was missed is fetched, at most', perLine(max(heaps)), 12, 'KB'),
    ];
  });
}

async function withLines<T>(generator: Generator, lines: number, use: (subject: Subject) => Promise<T>): Promise<T> {
  generator.lines = lines;
  generator.forget();
  const subject = await startFlow('lines', generator.url, [messenger('all', undefined, 'sink'), sink('sink')]);
  try {
    await generator.untilSubscribed(lines, 120_000);
    await pause(1_000);
    return await use(subject);
  } finally {
    await subject.stop();
    generator.lines = 1;
  }
}

async function heapOf(generator: Generator, subject: Subject): Promise<number> {
  const report = subject.next('heap');
  await generator.send(subject.key, [signalFrame(0, HEAP, {})]);
  return (await report).heap;
}

/** From the first authorisation to the last subscription, in s. */
function took({ authorised, subscribed }: Generator): number {
  return ((subscribed.at(-1)?.at ?? NaN) - (authorised[0]?.at ?? NaN)) / 1_000;
}

/** The server is away for half a minute. */
export async function outageRows(): Promise<Row[]> {
  const generator = new Generator();
  await generator.start();
  const firstAt = new Map<string, number>();
  const keys = Array.from({ length: CONNECTIONS }, (_, number) => `outage-${number}`);
  const connections = keys.map((key) => {
    const connection = createConnection({
      ...{ apiUrl: generator.url, socketUrl: generator.url.replace('http', 'ws'), appKey: key },
      credentials: { kind: 'token', accessToken: key },
      onError: () => undefined,
    });
    connection.listen({
      ...{ id: key, channel: lineAddress(0), events: [], direction: 'any' },
      onItem: () => firstAt.set(key, firstAt.get(key) ?? performance.now()),
      ...{ onStatus: () => undefined, onError: () => undefined },
    });
    return connection;
  });
  try {
    await generator.untilSubscribed(CONNECTIONS, 60_000);
    await generator.stop();
    await pause(AWAY);
    generator.events.on('subscribed', (key) => void generator.send(key, generator.messages(0, 1)));
    generator.forget();
    await generator.start();
    const back = performance.now();
    while (firstAt.size < CONNECTIONS && performance.now() - back < 120_000) await pause(50);
    const waits = keys.map((key) => ((firstAt.get(key) ?? Infinity) - back) / 1_000);
    const figure = `server back after ${AWAY / 1_000} s: first message, the last of ${CONNECTIONS} connections`;
    return [atMost(`${figure} (median ${median(waits).toFixed(1)} s)`, max(waits), 5, 's')];
  } finally {
    for (const connection of connections) await connection.close();
    await generator.stop();
  }
}

const HALF_AN_HOUR = 30 * 60_000;

/** What is remembered to recognise duplicates, after many messages and then silence. */
export async function memoryRows(): Promise<Row[]> {
  const clock = new FakeClock();
  const before = await settledHeap();
  const deduplicator = new Deduplicator({ clock, hasWebhooks: false, recoverHours: 24, onLimit: () => undefined });
  for (let message = 0; message < 25_000; message += 1) {
    for (let channel = 0; channel < 200; channel += 1) {
      const id = Math.floor(Math.random() * 2 ** 53);
      deduplicator.add(`channel-${channel}`, 'message', { version: EVENT_KEY_VERSION, id, edit: 0 }, 'socket');
    }
  }
  const megabytes = async (): Promise<number> => ((await settledHeap()) - before) / MEGABYTE;
  const full = await megabytes();
  await clock.pass(HALF_AN_HOUR + HALF_AN_HOUR / 6);
  const figure = `200 channels × 25,000 messages take ${full.toFixed(0)} MB to recognise duplicates; half an hour of silence later`;
  return [atMost(figure, await megabytes(), 1, 'MB')];
}
