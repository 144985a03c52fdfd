import { appendFileSync } from 'node:fs';
import { isRecord, parseJson } from '../../../simulator/json';
import { createConnection, type Delivery, type Log } from '../../../src';
import { numberIn } from '../../faults/numbers';
import { writeNote, type Note } from '../notes';
import { readCopySettings } from './settings';

/** One copy in a process of its own: the client alone, and a flow that takes its time. */
const [, , told = '', notes = ''] = process.argv;
const { url, socketUrl, email, password, appId, servers, replicas, handleMs } = readCopySettings(parseJson(told));
const write = (note: Note): void => writeNote(notes, note);

/** What the flow has in hand, one after the other. */
let hand: Promise<unknown> = Promise.resolve();

const connection = createConnection({
  id: 'bench',
  apiUrl: url,
  socketUrl,
  credentials: { kind: 'account', email, password, appId },
  ...(servers.length > 0 && { cluster: { servers, replicas } }),
  onError: ({ code, reason }) => write({ kind: 'error', code: `${code}.${reason}`, at: Date.now() }),
  log: logTo(`${notes}.log`),
});
const stop = connection.listen({
  id: 'listener',
  channel: { type: 'messenger' },
  events: ['message'],
  direction: 'any',
  ...(handleMs > 0 && { ack: 'done' }),
  onItem: (delivery) => {
    if (handleMs === 0) note(delivery);
    else hand = hand.then(() => handle(delivery));
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
  if (delivery.deliveryToken !== undefined) connection.settle(delivery.deliveryToken, 'done');
}

/** Writes down that it came, and when nothing is to be done, that it is done. */
function note({ event, item, attempt = 1 }: Delivery): number | undefined {
  const number = numberIn(event, item);
  const at = Date.now();
  if (number === undefined) write({ kind: 'warm', at });
  else write({ kind: 'took', number, attempt, at, late: lateness(item) });
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
