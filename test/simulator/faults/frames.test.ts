import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { startSimulator, type Simulator } from '../../../simulator';
import { frameBytes } from '../../../simulator/faults/packets';
import { Subscriber } from '../subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const LINE = { licenseId: 50101, messengerType: 'telegram' };

describe('the simulator sends frames as nobody expects them', () => {
  let simulator: Simulator;
  beforeEach(async () => (simulator = await startSimulator()));
  afterEach(() => simulator.close());

  for (const packets of ['split', 'merged'] as const) {
    it(`sends whole frames in ${packets} packets, of any size and in order`, async () => {
      const subscriber = await Subscriber.to(simulator, CHANNEL);
      simulator.faults.packetsAs(packets);
      const texts = ['a', 'b'.repeat(200), 'Ё'.repeat(30_000), 'd'];
      for (const text of texts) simulator.message({ ...LINE, text });
      for (const text of texts) assert.deepEqual((await subscriber.nextItem()).message, { ...BLANK, text });
      simulator.faults.packetsAs(undefined);
      simulator.message({ ...LINE, text: 'usual' });
      assert.deepEqual((await subscriber.nextItem()).message, { ...BLANK, text: 'usual' });
    });
  }

  it('cuts packets in the middle of frames', async () => {
    const raw = await rawSocket(simulator);
    simulator.faults.packetsAs('split');
    const packets: Buffer[] = [];
    const frame = frameBytes('{"event":"x"}');
    const all = new Promise<void>((resolve) => {
      raw.on('data', (data: Buffer) => {
        packets.push(data);
        if (Buffer.concat(packets).length >= frame.length) resolve();
      });
    });
    simulator.sendRaw('{"event":"x"}');
    await all;
    assert.deepEqual(Buffer.concat(packets), frame);
    assert.ok(packets.length > 1, 'it came in one packet');
    raw.destroy();
  });

  it('sends each event as many times as was set', async () => {
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    simulator.faults.repeat(3);
    const { id } = simulator.message({ ...LINE, text: 'thrice' });
    simulator.faults.repeat(1);
    const last = simulator.message({ ...LINE, text: 'once' });
    const ids = [];
    for (let items = 0; items < 4; items += 1) ids.push((await subscriber.nextItem()).id);
    assert.deepEqual(ids, [id, id, id, last.id]);
  });

  it('breaks off in the middle of a frame, without a close frame', async () => {
    const { client } = await Subscriber.to(simulator, CHANNEL);
    let frames = 0;
    client.ws.on('message', () => (frames += 1));
    const ended = once(client.ws, 'close');
    assert.equal(simulator.faults.breakOff(), 1);
    assert.equal((await ended)[0], 1006);
    assert.deepEqual([frames, simulator.sockets], [0, 0]);
  });

  it('says any error to every socket, and keeps them', async () => {
    const { client } = await Subscriber.to(simulator);
    assert.equal(simulator.faults.sayError(4009), 1);
    assert.deepEqual(await client.receive(), {
      event: 'pusher:error',
      data: { message: 'The simulator says 4009.', code: 4009 },
    });
    assert.equal(await client.closeCode(), undefined);
  });

  it('announces thousands of messages at once; all are in the history too', async () => {
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    const made = simulator.faults.burst(2_000, LINE, (index) => `text ${index}`);
    for (const { id } of made) assert.equal((await subscriber.nextItem()).id, id);
    assert.deepEqual(made.at(-1)?.message, { ...BLANK, text: 'text 1999' });
  });
});

const BLANK = { text: '', textLang: null, caption: '', file: null, location: null, template: null, html: '' };

/** A socket on which the bytes of the frames can be seen, past its greeting. */
async function rawSocket({ port, appKey }: Simulator): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  const headers = [
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
  ];
  socket.write(`GET /app/${appKey} HTTP/1.1\r\nHost: x\r\n${headers.join('\r\n')}\r\n\r\n`);
  let spy = '';
  while (!spy.includes('connection_established')) {
    const data: unknown[] = await once(socket, 'data');
    spy += String(data[0]);
  }
  return socket;
}

const KEY = Buffer.alloc(16).toString('base64');
