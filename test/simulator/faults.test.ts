import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator';
import { ProtocolClient, type ProtocolServer } from './protocol-client';
import { Subscriber } from './subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const ENVELOPE = { data: [{}], meta: {} };

describe('the simulator misbehaves on command', () => {
  let simulator: Simulator;
  let server: ProtocolServer;

  const start = async (options: SimulatorOptions = {}): Promise<void> => {
    simulator = await startSimulator(options);
    const { url, socketUrl, appKey, appId, secret } = simulator;
    server = { url, socketUrl, appKey, appId, secret, dataLimit: 0 };
  };
  afterEach(() => simulator.close());

  it('sends any text or bytes to every socket', async () => {
    await start();
    const subscribers = await Promise.all([Subscriber.to(simulator), Subscriber.to(simulator)]);
    const spy = subscribers.map(({ client }) => once(client.ws, 'message'));
    assert.equal(simulator.sendRaw('{"event":5}'), 2);
    for (const [data, isBinary] of await Promise.all(spy)) {
      assert.deepEqual([String(data), isBinary], ['{"event":5}', false]);
    }
    const bytes = subscribers.map(({ client }) => once(client.ws, 'message'));
    simulator.sendRaw(Buffer.from([0, 255]));
    for (const [data, isBinary] of await Promise.all(bytes)) {
      assert.deepEqual([data, isBinary], [Buffer.from([0, 255]), true]);
    }
  });

  it('drops every socket with a close code', async () => {
    await start();
    const subscribers = await Promise.all([Subscriber.to(simulator, CHANNEL), Subscriber.to(simulator)]);
    const ends = subscribers.map(({ client }) => once(client.ws, 'close'));
    assert.equal(simulator.dropAll(4200), 2);
    assert.deepEqual([simulator.sockets, simulator.subscriptions(CHANNEL)], [0, 0]);
    assert.deepEqual(
      (await Promise.all(ends)).map(([code]: unknown[]) => code),
      [4200, 4200],
    );
  });

  it('drops every socket without a word', async () => {
    await start();
    const { client } = await Subscriber.to(simulator);
    const end = once(client.ws, 'close');
    simulator.dropAll();
    assert.equal((await end)[0], 1006);
  });

  it('freezes: sockets stay open, but nothing is answered, sent or greeted until it thaws', async () => {
    await start();
    const { client } = await Subscriber.to(simulator, CHANNEL);
    const framesBefore = simulator.frames.length;
    simulator.freeze();
    client.say({ event: 'pusher:ping' });
    let isAlive = false;
    const pong = once(client.ws, 'pong').then(() => (isAlive = true));
    client.ws.ping();
    assert.equal(simulator.announce(CHANNEL, 'lost', ENVELOPE), 0);
    assert.equal(simulator.sendRaw('lost'), 0);
    const late = new ProtocolClient(server);
    // The API goes on: by its answer the frozen socket has had its chance.
    assert.equal((await fetch(`${simulator.url}/v1/licenses`)).status, 403);
    assert.deepEqual([simulator.sockets, simulator.connections, simulator.frames.length], [1, 1, framesBefore]);
    assert.deepEqual([isAlive, late.ws.readyState], [false, late.ws.CONNECTING]);
    simulator.thaw();
    await pong;
    assert.deepEqual(await client.receive(), { event: 'pusher:pong' });
    await late.receive();
    assert.equal(simulator.announce(CHANNEL, 'message', ENVELOPE), 1);
  });

  it('drops frozen sockets too', async () => {
    await start();
    const { client } = await Subscriber.to(simulator);
    simulator.freeze();
    const end = once(client.ws, 'close');
    simulator.dropAll(4100);
    assert.equal((await end)[0], 4100);
  });

  it('silently unsubscribes a client that sent no ping for too long, busy or not', async () => {
    let now = 0;
    await start({ silentUnsubscribeAfter: 120_000, now: () => now });
    const silent = await Subscriber.to(simulator, CHANNEL);
    const lively = await Subscriber.to(simulator, CHANNEL);
    now = 90_000;
    lively.client.say({ event: 'pusher:ping' });
    await lively.client.receive();
    assert.equal(simulator.announce(CHANNEL, 'message', ENVELOPE), 2);
    now = 120_001;
    assert.equal(simulator.announce(CHANNEL, 'message', ENVELOPE), 1);
    assert.deepEqual([simulator.subscriptions(CHANNEL), simulator.sockets], [1, 2]);
    assert.equal((await silent.client.receiveAll()).length, 1);
  });

  it('tells those who wait that it has unsubscribed somebody', async () => {
    await start({ silentUnsubscribeAfter: 40 });
    await Subscriber.to(simulator, CHANNEL);
    await simulator.until((it) => it.subscriptions(CHANNEL) === 0);
    assert.equal(simulator.sockets, 1);
  });
});
