import { appendFileSync } from 'node:fs';
import { isRecord, parseJson } from '../../../simulator/json';
import { systemClock } from '../../../src/clock';
import { createConnection, type Delivery, type Log } from '../../../src';
import { numberIn } from '../../faults/numbers';
import { writeNote, type Note } from '../notes';
import { readInstanceSettings } from './settings';

/** One instance in a process of its own: the client alone, and a flow that takes its time. */
const [, , given = '', notes = ''] = process.argv;
const settings = readInstanceSettings(parseJson(given));
const { url, socketUrl, email, password, appId, servers, replicas, handleMs } = settings;
const write = (note: Note): void => writeNote(notes, note);

/** What the flow handles, one after the other. */
let last: Promise<unknown> = Promise.resolve();

/** How wrong a clock may be, in ms, and how long it stays so. */
const SHIFTS = [10_000, -10_000, 3_600_000, -3_600_000];
const STEP_EVERY = 3_000;
let shift = 0;
if (settings.hasWrongClock) {
  const step = (): void => void (shift = SHIFTS[Math.floor(Math.random() * SHIFTS.length)] ?? 0);
  step();
  setInterval(step, STEP_EVERY).unref();
}

const connection = createConnection({
  id: 'bench',
  apiUrl: url,
  socketUrl,
  credentials: { kind: 'account', email, password, appId },
  ...(servers.length > 0 && { cluster: { servers, replicas } }),
  clock: { ...systemClock, now: () => Date.now() + shift },
  onError: ({ code, reason }) => write({ kind: 'error', code: `${code}.${reason}`, at: Date.now() }),
  log: logTo(`${notes}.log`),
});
const stop = connection.listen({
  id: 'listener',
  channel: { type: 'messenger' },
  events: ['message', 'chatTag'],
  direction: 'any',
  ...(handleMs > 0 && { ack: 'done' }),
  onItem: (delivery) => {
    if (handleMs === 0) note(delivery);
    else if (settings.isParallel) void handle(delivery);
    else last = last.then(() => handle(delivery));
  },
  onStatus: ({ kind }) => write({ kind: 'status', status: kind, at: Date.now() }),
  onError: ({ code, reason }) => write({ kind: 'error', code: `${code}.${reason}`, at: Date.now() }),
});

// The parent says when it is over; a parent that is gone says so too.
process.once('message', () => void end());
process.once('disconnect', () => void end());

async function handle(delivery: Delivery): Promise<void> {
  const number = note(delivery);
  await new Promise((resolve) => setTimeout(resolve, handleMs));
  if (number !== undefined) write({ kind: 'did', number, at: Date.now() });
  if (delivery.deliveryToken !== undefined) connection.acknowledge(delivery.deliveryToken, 'done');
}

/** Writes down that it came, and when nothing is to be done, that it is done. */
function note({ event, item, attempt = 1, recovered }: Delivery): number | undefined {
  const number = numberIn(event, item);
  const at = Date.now();
  if (number === undefined) write({ kind: 'warm', at });
  else write({ kind: 'took', number, attempt, recovered, at, late: lateness(item) });
  if (number !== undefined && handleMs === 0) write({ kind: 'did', number, at });
  return number;
}

/** How long it was on its way, in µs. */
function lateness(item: unknown): number {
  const sentAt = isRecord(item) ? Number(item.sentAt) : NaN;
  return Number(process.hrtime.bigint() / 1_000n) - sentAt;
}

function logTo(file: string): Log {
  const at = (level: string) => (line: string) =>
    appendFileSync(file, `${new Date().toISOString()} ${level} ${line}\n`);
  return { debug: at('debug'), info: at('info'), warn: at('warn') };
}

async function end(): Promise<void> {
  stop();
  await connection.close();
  process.exit();
}
