import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../simulator';
import { createConnection, type Connection } from '../../src/connection';
import type { Item } from '../../src/events';
import { isRecord } from '../../src/events/json';
import { readFrame } from '../../src/socket/frame';
import { WAIT_LIMIT } from '../support/wait-limit';
import { HOSTILE_JSON, hostileFrame } from './hostile';
import { heapUsed, Seeded, seedOfRun } from './seeded';

const FRAMES = Number(process.env.FUZZ_FRAMES ?? 20_000);
/** After so many frames comes a good one, which must arrive. */
const BATCH = 500;
const MEGABYTE = 1024 * 1024;
const LINE = { licenseId: 50101, messengerType: 'telegram' };
const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

describe(`any frames, ${FRAMES} of them`, function () {
  this.timeout(300_000 + FRAMES);
  let simulator: Simulator;
  let connection: Connection;
  let last: Item;
  let wake: () => void = () => undefined;

  beforeEach(async () => {
    last = {};
    simulator = await startSimulator();
    const { url, socketUrl, account } = simulator;
    const { email, password, appId } = account;
    connection = createConnection({
      apiUrl: url,
      socketUrl,
      credentials: { kind: 'account', email, password, appId },
      onError: () => undefined,
    });
    connection.listen({
      channel: { type: 'messenger', licenseId: '50101', messengerType: 'telegram' },
      events: [],
      direction: 'any',
      onItem: ({ item }) => {
        last = item;
        wake();
      },
      onStatus: () => undefined,
      onError: () => undefined,
    });
    await simulator.until((it) => it.subscriptions(CHANNEL) === 1);
  });
  afterEach(async () => {
    await connection.close();
    await simulator.close();
  });

  /** Sends a good message and waits until it has come. */
  const goodOneArrives = async (context: string, text = 'good'): Promise<void> => {
    const { id } = simulator.message({ ...LINE, text });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`A good message did not arrive (${context})`)), WAIT_LIMIT);
    });
    while (last.id !== id) await Promise.race([late, new Promise<void>((resolve) => (wake = resolve))]);
    clearTimeout(timer);
  };

  it('do no harm: the socket stays, the next good event arrives, memory stays level', async () => {
    const random = new Seeded(seedOfRun());
    let level = 0;
    for (let sent = 0; sent < FRAMES; sent += BATCH) {
      for (let index = 0; index < BATCH; index += 1) simulator.sendRaw(hostileFrame(random));
      await goodOneArrives(`FUZZ_SEED=${random.seed}, after ${sent + BATCH} frames`);
      // What is remembered fills up first: the level is taken when it has.
      if (level === 0 && sent >= FRAMES / 2) level = heapUsed();
    }
    assert.equal(simulator.connections, 1, `the socket was given up, FUZZ_SEED=${random.seed}`);
    assert.equal(Reflect.get({}, 'polluted'), undefined, `FUZZ_SEED=${random.seed}`);
    const grown = heapUsed() - level;
    assert.ok(
      grown < 30 * MEGABYTE,
      `the heap has grown by ${Math.round(grown / MEGABYTE)} MB, FUZZ_SEED=${random.seed}`,
    );
  });

  it('are read as what they are, and never throw', () => {
    const random = new Seeded(seedOfRun());
    for (let count = 0; count < FRAMES; count += 1) {
      const text = String(hostileFrame(random));
      const frame = readFrame(text);
      assert.ok(['event', 'protocol', 'noise'].includes(frame.kind), `FUZZ_SEED=${random.seed}: ${text}`);
    }
    for (const text of HOSTILE_JSON) assert.notEqual(readFrame(text).kind, 'protocol', text);
  });

  it('of 250 KB Cyrillic come whole', async () => {
    const text = 'Ж'.repeat(40_000);
    await goodOneArrives('a large one', text);
    assert.equal(isRecord(last.message) && last.message.text, text);
    assert.equal(simulator.connections, 1);
  });

  it('that are no UTF-8 cost the socket, as the protocol of WebSockets wants it, but no message', async () => {
    const notUtf8 = Buffer.from([0x81, 0x02, 0xc3, 0x28]);
    assert.equal(simulator.faults.sendBytes(notUtf8), 1);
    await simulator.until((it) => it.sockets === 0);
    await goodOneArrives('while disconnected');
    assert.equal(simulator.connections, 2);
  });
});
