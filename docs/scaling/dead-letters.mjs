/**
 * Events that five tries did not finish, and that lie in NATS now: lists them, shows one, sends them to the flows again.
 *
 *   node dead-letters.mjs list
 *   node dead-letters.mjs show <number>
 *   node dead-letters.mjs resend <number> | all
 *
 * Run it in Node-RED's user directory, or in its container. Environment: NATS_SERVERS (default nats://localhost:4222);
 * NATS_USER and NATS_PASSWORD, or NATS_TOKEN.
 */
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

// NATS's client came with this package, wherever npm has put it.
const here = createRequire(join(process.cwd(), 'package.json'));
const { connect } = createRequire(here.resolve('@chatapp-community/node-red-chatapp'))('nats');

const { NATS_SERVERS = 'nats://localhost:4222', NATS_USER, NATS_PASSWORD, NATS_TOKEN } = process.env;
const STREAM = /^chatapp-[0-9a-f]{24}$/;

const [command, wanted = ''] = process.argv.slice(2);
const connection = await connect({
  servers: NATS_SERVERS.split(/[\s,]+/).filter(Boolean),
  ...(NATS_USER && { user: NATS_USER, pass: NATS_PASSWORD }),
  ...(NATS_TOKEN && { token: NATS_TOKEN }),
});
try {
  const manager = await connection.jetstreamManager();
  const letters = await deadLetters(manager);
  const chosen = letters.filter(({ number }) => wanted === 'all' || wanted === number);
  if (command === 'list') console.table(letters.map(({ number, ...letter }) => ({ number, ...summary(letter) })));
  else if (chosen.length === 0)
    fail(wanted === '' ? 'Say what: list, show <number>, resend <number>' : 'No such number');
  else if (command === 'show') for (const letter of chosen) console.log(JSON.stringify(letter.event, undefined, 2));
  else if (command === 'resend') for (const letter of chosen) await resend(manager, letter);
  else fail(`Nobody knows "${command}": list, show or resend`);
} finally {
  await connection.close();
}

/** All of them, oldest first, by stream. */
async function deadLetters(manager) {
  const letters = [];
  for await (const { config } of manager.streams.list()) {
    const stream = config.name;
    if (!STREAM.test(stream)) continue;
    for (let seq = 1; ; seq++) {
      const message = await next(manager, stream, seq);
      if (!message) break;
      seq = message.seq;
      letters.push({ number: `${stream.slice(8, 14)}.${seq}`, stream, message, event: read(message.data) });
    }
  }
  return letters;
}

/** The first one from `seq` on. */
async function next(manager, stream, seq) {
  try {
    return await manager.streams.getMessage(stream, { seq, next_by_subj: `${stream}.dead.>` });
  } catch (error) {
    if (error.code === '404') return undefined;
    throw error;
  }
}

/** What ChatApp announced, as the flow got it; undefined where another version wrote it. */
function read(data) {
  try {
    return JSON.parse(Buffer.from(data[0] === 0x1f ? gunzipSync(data) : data).toString());
  } catch {
    return undefined;
  }
}

function summary({ message, event }) {
  const [, , listener] = message.subject.split('.');
  const why = message.header.get('Chatapp-Why');
  return { time: message.time.toISOString(), listener, event: event?.event, channel: event?.channel, why };
}

/** Back to where it came from, for another five tries; only then it is taken away here. */
async function resend(manager, { number, stream, message }) {
  const subject = message.header.get('Chatapp-From');
  await connection.jetstream().publish(subject, message.data, { msgID: `again.${message.seq}` });
  await manager.streams.deleteMessage(stream, message.seq);
  console.log(`${number} was sent again`);
}

function fail(text) {
  console.error(text);
  process.exitCode = 1;
}
