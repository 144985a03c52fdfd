import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { startSimulator, type Simulator } from '../../simulator';
import { isRecord } from '../../src/events/json';
import { connectionTo, debugNode, startNodeRedChild, type NodeRedChild } from '../support/node-red-child';
import { deep, HOSTILE_JSON } from './hostile';
import { Seeded } from './seeded';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 4_000);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);
const AT_A_TIME = 40;
const SLOW_SENDERS = 150;

const CONTENT_TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  '',
  ';',
] as const;
const ADMIN_PATHS = [
  '/chatapp/check',
  '/chatapp/account/lines',
  '/chatapp/account/employees?company=1',
  '/chatapp/account/chatapp/lines',
  '/chatapp/callbacks/chatapp',
  '/chatapp/callbacks/chatapp/replace',
  '/chatapp/sample/one',
  '/chatapp/sample/messenger/message',
  '/chatapp/sample/__proto__/constructor',
] as const;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  /** The sender hangs up in the middle of the body. */
  readonly isBroken: boolean;
}

describe(`a real Node-RED under ${REQUESTS} odd requests (FUZZ_SEED=${SEED})`, () => {
  let simulator: Simulator;
  let child: NodeRedChild;
  let callback: URL;
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });

  before(async () => {
    simulator = await startSimulator({ callbacks: { waitMs: 50 } });
    // The default roots: Node-RED's own body parser reads every request first.
    child = await startNodeRedChild();
    await child.deploy([
      { id: 'tab', type: 'tab', label: 'test' },
      { ...connectionTo(simulator, 'chatapp'), receive: 'webhook', webhookUrl: child.url },
      {
        id: 'one',
        type: 'chatapp-messenger',
        z: 'tab',
        connection: 'chatapp',
        ...LINE,
        events: [],
        wires: [['shows']],
      },
      debugNode('shows', 'tab'),
    ]);
    await child.untilListening('one');
    callback = new URL(simulator.callbacks.list[0]?.url ?? '');
  });
  after(async () => {
    agent.destroy();
    await child.stop();
    await simulator.close();
  });

  const receives = (text: string): boolean =>
    child.shownBy('shows').some((shown) => {
      const payload = isRecord(shown) ? shown.payload : undefined;
      return isRecord(payload) && isRecord(payload.message) && payload.message.text === text;
    });

  it('lives, answers none with a stack of ours, and still delivers', async () => {
    const random = new Seeded(SEED);
    let left = REQUESTS;
    const statuses = new Map<number, number>();
    const work = async (): Promise<void> => {
      while (left-- > 0) {
        const sent = oddRequest(random, callback.pathname);
        const { status, text } = await exchange(callback, sent, agent);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const what = `${sent.method} ${sent.path} ${JSON.stringify(sent.headers)}: ${status}`;
        assert.doesNotMatch(text, /node-red-chatapp\/dist|RangeError/, what);
        assert.notEqual(status, 500, what);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    assert.ok((statuses.get(404) ?? 0) > 0 && (statuses.get(400) ?? 0) > 0, JSON.stringify([...statuses]));
    assert.ok(!child.lines.some((line) => /RangeError|failed unexpectedly|Uncaught/.test(line)));
    simulator.message({ ...LINE, text: 'still here' });
    await child.until('the message', () => receives('still here'));
  });

  it(`answers ChatApp while ${SLOW_SENDERS} unknown clients send slowly`, async () => {
    const clients = await Promise.all(
      Array.from({ length: SLOW_SENDERS }, () => slowSender(callback, callback.pathname.replace(/[\w-]{43}/, 'guess'))),
    );
    simulator.message({ ...LINE, text: 'beside the slow' });
    await child.until('the message', () => receives('beside the slow'));
    for (const client of clients) client.destroy();
  });
});

function oddRequest(random: Seeded, path: string): Sent {
  const json = oddBody(random);
  const isPacked = random.below(6) === 0;
  const body = isPacked && random.below(4) > 0 ? gzipSync(json) : json;
  const isWhole = random.below(2) === 0;
  return {
    method: random.pick(['POST', 'POST', 'POST', 'POST', 'PUT', 'GET', 'DELETE', 'PATCH']),
    path: random.below(3) === 0 ? random.pick(ADMIN_PATHS) : oddCallbackPath(random, path),
    headers: {
      'content-type': random.pick(CONTENT_TYPES),
      ...(isPacked && { 'content-encoding': random.pick(['gzip', 'gzip', 'deflate', 'br', 'x']) }),
      // Without a length it goes out in chunks.
      ...(isWhole && { 'content-length': body.length }),
    },
    body,
    isBroken: random.below(25) === 0,
  };
}

function oddCallbackPath(random: Seeded, path: string): string {
  const wrong = path.replace(/[\w-]{43}/, 'x'.repeat(43));
  return random.pick([
    path,
    path,
    wrong,
    wrong,
    path.replace('/chatapp/callback/chatapp/', '/chatapp/callback/__proto__/'),
    path.replace('telegram', random.pick(['vkontakte', '..%2f', '%ZZ', '__proto__'])),
    `${path}/more`,
    path.slice(0, random.below(path.length - 1) + 1),
  ]);
}

function oddBody(random: Seeded): Buffer {
  const kind = random.below(12);
  if (kind === 0) return Buffer.from(deep(random.below(50_000)));
  if (kind === 1) return Buffer.from(`{"data":[{"id":${deep(random.below(20_000))}}],"meta":{"type":"message"}}`);
  if (kind === 2) return Buffer.from('{"id":"chatapp","settings":{"apiUrl":' + deep(random.below(8_000)));
  if (kind === 3 && random.below(10) === 0) return Buffer.alloc(2_000_000, '[');
  if (kind === 4) return Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)));
  if (kind === 5) return Buffer.alloc(0);
  if (kind === 6) return Buffer.from(`{"id":"chatapp","settings":${random.pick(HOSTILE_JSON)},"credentials":{}}`);
  if (kind === 7) return Buffer.from(`{"data":[${random.pick(HOSTILE_JSON)}],"meta":{"type":"message"}}`);
  if (kind === 8) return Buffer.from('{"data":['.slice(0, 1 + random.below(8)));
  return Buffer.from(random.pick(HOSTILE_JSON));
}

/** Status 0 if there is no answer, as when the sender hangs up. */
function exchange(to: URL, sent: Sent, agent: Agent): Promise<{ readonly status: number; readonly text: string }> {
  const { method, path, headers, body, isBroken } = sent;
  return new Promise((resolve) => {
    const gone = (): void => resolve({ status: 0, text: '' });
    const request = httpRequest({ host: to.hostname, port: to.port, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', gone);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', gone);
    if (isBroken) request.write(body.subarray(0, Math.floor(body.length / 2)), () => request.destroy());
    else request.end(body);
  });
}

async function slowSender({ hostname, port }: URL, path: string): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
  return socket;
}
