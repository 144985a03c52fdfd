import assert from 'node:assert/strict';
import type { WebSocket } from 'ws';
import { type Simulator, startSimulator } from '../../simulator';
import { ask } from './api-client';
import { ProtocolClient } from './protocol-client';
import { selfSigned } from './self-signed';
import { Subscriber } from './subscriber';

const CHANNEL = 'private-v1.users.7001';
const START = 1_790_000_000_000;

const closed = (ws: WebSocket): Promise<void> => new Promise((resolve) => ws.once('close', () => resolve()));

describe('the simulator records what happened', () => {
  let simulator: Simulator;

  beforeEach(async () => {
    simulator = await startSimulator({ now: () => START });
  });
  afterEach(() => simulator.close());

  it('lists what the API received, with its answers', async () => {
    await ask(simulator, 'GET /v1/licenses?x=1');
    await ask(simulator, 'POST /v1/tokens', { body: {} });
    await ask(simulator, 'POST /v1/tokens/refresh');
    await ask(simulator, 'GET /simulator/state');
    await simulator.until((it) => it.requests.every(({ status }) => status > 0));
    assert.deepEqual(simulator.requests, [
      { method: 'GET', path: '/v1/licenses', query: '?x=1', at: START, status: 200 },
      { method: 'POST', path: '/v1/tokens', query: '', at: START, status: 422 },
      { method: 'POST', path: '/v1/tokens/refresh', query: '', at: START, status: 403 },
    ]);
    assert.equal(simulator.requestsTo('/v1/tokens').length, 1);
  });

  it('lists what clients sent, odd frames without a name', async () => {
    const { client, socketId } = await Subscriber.to(simulator, CHANNEL);
    client.say({ event: 'pusher:ping', data: {} });
    client.say('nonsense');
    await client.receiveAll();
    assert.deepEqual(simulator.frames.slice(0, 3), [
      { socketId, event: 'pusher:subscribe', channel: CHANNEL, at: START },
      { socketId, event: 'pusher:ping', at: START },
      { socketId, event: '', at: START },
    ]);
  });

  it('counts sockets so far and now, and subscriptions', async () => {
    const first = await Subscriber.to(simulator, CHANNEL);
    await Subscriber.to(simulator, CHANNEL);
    assert.deepEqual([simulator.connections, simulator.sockets, simulator.subscriptions(CHANNEL)], [2, 2, 2]);
    first.end();
    await simulator.until((it) => it.sockets === 1);
    assert.deepEqual([simulator.connections, simulator.subscriptions(CHANNEL)], [2, 1]);
  });

  it('lets a test wait for a change, and no longer than it says', async () => {
    await simulator.until(() => true);
    const waiting = simulator.until((it) => it.sockets === 1);
    await Subscriber.to(simulator);
    await waiting;
    await assert.rejects(
      simulator.until((it) => it.sockets === 2, 20),
      /within 20 ms \(1 sockets open of 1, 0 requests, 0 frames\)/,
    );
    await assert.rejects(
      simulator.until(() => {
        throw new Error('a mistake in the test');
      }),
      /a mistake/,
    );
  });

  it('calls its listeners until they are removed', () => {
    let changes = 0;
    const stop = simulator.onChange(() => (changes += 1));
    simulator.announce(CHANNEL, 'x', { data: [], meta: {} });
    assert.ok(changes > 0);
    stop();
    const before = changes;
    simulator.announce(CHANNEL, 'x', { data: [], meta: {} });
    assert.equal(changes, before);
  });
});

describe('the simulator', () => {
  it('ends within a second, whatever is open: sockets, frozen ones, upgrades and requests without an answer', async () => {
    const simulator = await startSimulator();
    const { client } = await Subscriber.to(simulator);
    const unknown = new ProtocolClient({ ...simulator, dataLimit: 0 }, '/app/NoSuchKey');
    await unknown.receive();
    simulator.answerAuthWith('hang');
    const request = fetch(`${simulator.url}/broadcasting/auth`, { method: 'POST' }).catch(() => 'ended');
    await simulator.until((it) => it.requests.length === 1);
    simulator.freeze();
    const late = new ProtocolClient({ ...simulator, dataLimit: 0 });
    late.ws.on('error', () => undefined);
    const ends = [client, unknown, late].map(({ ws }) => closed(ws));
    const asked = performance.now();
    await simulator.close();
    assert.ok(performance.now() - asked < 1000);
    assert.equal(await request, 'ended');
    await Promise.all(ends);
  });

  it('says that a port is taken', async () => {
    const simulator = await startSimulator();
    await assert.rejects(startSimulator({ port: simulator.port }), { code: 'EADDRINUSE' });
    await simulator.close();
  });

  it('speaks https and wss with a certificate', async () => {
    const { key, cert } = selfSigned('127.0.0.1');
    const simulator = await startSimulator({ tls: { key, cert } });
    assert.match(simulator.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    assert.match(simulator.socketUrl, /^wss:/);
    const client = new ProtocolClient({ ...simulator, dataLimit: 0 }, `/app/${simulator.appKey}`, { ca: cert });
    assert.match(JSON.stringify(await client.receive()), /connection_established/);
    client.end();
    await simulator.close();
  });
});
