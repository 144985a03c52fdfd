/**
 * Dead letters: events that failed in five attempts or that a flow gave up, stored in NATS. Lists them, shows one, sends
 * them to the flows again.
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
const ours = createRequire(here.resolve('@chatapp-community/node-red-chatapp'));
const { connect } = ours('@nats-io/transport-node');
const { jetstream, jetstreamManager } = ours('@nats-io/jetstream');

const { NATS_SERVERS = 'nats://localhost:4222', NATS_USER, NATS_PASSWORD, NATS_TOKEN } = process.env;
/** Streams with events; their subjects begin with "chatapp-2.<id>". */
const STREAM = /^(chatapp-\d+)-([0-9a-f]{24})$/;

const [command, wanted = ''] = process.argv.slice(2);
const connection = await connect({
  servers: NATS_SERVERS.split(/[\s,]+/).filter(Boolean),
  ...(NATS_USER && { user: NATS_USER, pass: NATS_PASSWORD }),
  ...(NATS_TOKEN && { token: NATS_TOKEN }),
});
try {
  const manager = await jetstreamManager(connection);
  const letters = await deadLetters(manager);
  const chosen = letters.filter(({ number }) => wanted === 'all' || wanted === number);
  if (command === 'list') console.table(letters.map(({ number, ...letter }) => ({ number, ...summary(letter) })));
  else if (command !== 'show' && command !== 'resend') fail(`Unknown command "${command}": list, show or resend`);
  else if (wanted === '') fail('Say which one: list, show <number>, resend <number>');
  else if (chosen.length === 0 && wanted !== 'all') fail('No such number');
  else if (command === 'show') for (const letter of chosen) console.log(JSON.stringify(letter.event, undefined, 2));
  else for (const letter of chosen) await resend(manager, letter);
} finally {
  await connection.close();
}

/** All of them, oldest first, by stream. */
async function deadLetters(manager) {
  const letters = [];
  for await (const stream of manager.streams.names()) {
    const [, prefix, id] = STREAM.exec(stream) ?? [];
    if (id === undefined) continue;
    for (let seq = 1; ; seq++) {
      // null after the last one.
      const message = await manager.streams.getMessage(stream, { seq, next_by_subj: `${prefix}.${id}.dead.>` });
      if (!message) break;
      seq = message.seq;
      letters.push({ number: `${id.slice(0, 6)}.${seq}`, stream, message, event: read(message.data) });
    }
  }
  return letters;
}

/** What ChatApp announced, as the flow got it; undefined if another version wrote it. */
function read(data) {
  try {
    return JSON.parse(Buffer.from(data[0] === 0x1f ? gunzipSync(data) : data).toString());
  } catch {
    return undefined;
  }
}

function summary({ message, event }) {
  const listener = message.subject.split('.').at(-1);
  const reason = message.header.get('Chatapp-Reason');
  return { time: message.time.toISOString(), listener, event: event?.event, channel: event?.channel, reason };
}

/** Publishes it where it came from, for another five attempts, and then removes the dead letter. */
async function resend(manager, { number, stream, message }) {
  const subject = message.header.get('Chatapp-From');
  await jetstream(connection).publish(subject, message.data, { msgID: `again.${message.seq}` });
  await manager.streams.deleteMessage(stream, message.seq);
  console.log(`${number} was sent again`);
}

function fail(text) {
  console.error(text);
  process.exitCode = 1;
}
