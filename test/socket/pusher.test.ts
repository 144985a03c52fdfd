import assert from 'node:assert/strict';
import { install } from '@sinonjs/fake-timers';
import Pusher from 'pusher-js';
import WebSocket from 'ws';
import { startSimulator, type Simulator } from '../../simulator';
import { FrameGate } from '../../src/socket/gate';
import { openPusher } from '../../src/socket/pusher';
import { closedUrl, WsServer } from '../support/ws-server';

const nothing = (): void => undefined;

function gateOver(ws: WebSocket): FrameGate {
  const handlers = { onActivity: nothing, onProtocol: nothing, onNoise: nothing, onEnd: nothing };
  return new FrameGate(ws, { ...handlers, receiver: { isWanted: () => true, onEvent: nothing } });
}

const gateTo = (url: string): FrameGate => gateOver(new WebSocket(url));

/** What pusher-js keeps for all of its users: its factory of sockets, its instances, its network's callbacks. */
function sharedState(): unknown {
  const network = Pusher.Runtime.getNetwork();
  return {
    createWebSocket: Object.getOwnPropertyDescriptor(Pusher.Runtime, 'createWebSocket'),
    instances: instancesOf(Pusher).length,
    instancesBeneath: instancesOf(Reflect.getPrototypeOf(Pusher) ?? {}).length,
    ownBind: Object.hasOwn(network, 'bind'),
    callbacks: Object.values(callbacksOf(network)).flat().length,
  };
}

/** What the export calls its instances; the class beneath it, whose constructor fills the list, has the same. */
function instancesOf(constructor: object): readonly unknown[] {
  const instances: unknown = Reflect.get(constructor, 'instances');
  assert.ok(Array.isArray(instances));
  return instances;
}

function callbacksOf(network: object): object {
  const registry: unknown = Reflect.get(network, 'callbacks');
  assert.ok(typeof registry === 'object' && registry !== null);
  const callbacks: unknown = Reflect.get(registry, '_callbacks');
  assert.ok(typeof callbacks === 'object' && callbacks !== null);
  return callbacks;
}

/** Another package's pusher-js: the same loaded copy, used as its manual says. */
function stockPusher({ appKey, port }: Simulator): Pusher {
  return new Pusher(appKey, {
    cluster: '',
    wsHost: '127.0.0.1',
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
  });
}

/** What a user of stock pusher-js never does: takes its instances off the list that holds them for ever. */
function forgetStock(theirs: readonly Pusher[]): void {
  for (const one of theirs) Pusher.instances.splice(Pusher.instances.indexOf(one), 1);
  const network = Pusher.Runtime.getNetwork();
  for (const event of Object.keys(callbacksOf(network))) Reflect.deleteProperty(callbacksOf(network), event);
}

const connected = (pusher: Pusher): Promise<void> =>
  new Promise((resolve) => void pusher.connection.bind('connected', () => resolve()));

describe('our use of pusher-js', () => {
  let server: WsServer;
  before(async () => {
    server = await WsServer.start();
  });
  after(() => server.close());

  it('opens its socket through our gate before it returns, and leaves pusher-js as it was', () => {
    const before = sharedState();
    const queries: string[] = [];
    for (const secure of [true, false]) {
      const pusher = openPusher({
        appKey: 'a key',
        secure,
        openGate: (query) => {
          queries.push(query);
          return gateTo(server.url);
        },
        signatureOf: () => '',
      });
      assert.deepEqual(sharedState(), before);
      pusher.disconnect();
    }
    assert.deepEqual(sharedState(), before);
    assert.equal(queries.length, 2);
    for (const query of queries) assert.match(query, /^\?protocol=7&client=js&version=[\d.]+/);
  });

  it('leaves pusher-js as it was where the gate cannot be made', () => {
    const before = sharedState();
    const openGate = (): never => {
      throw new Error('no gate');
    };
    openPusher({ appKey: 'a key', secure: true, openGate, signatureOf: () => '' }).disconnect();
    assert.deepEqual(sharedState(), before);
  });

  it('leaves nothing behind, however many were made', () => {
    const before = sharedState();
    for (let count = 0; count < 20; count += 1) {
      const openGate = (): FrameGate => gateTo(server.url);
      openPusher({ appKey: 'a key', secure: false, openGate, signatureOf: () => '' }).disconnect();
    }
    assert.deepEqual(sharedState(), before);
  });

  it('lets another package’s pusher-js keep its own sockets, before, beside and after ours', async () => {
    const simulator = await startSimulator();
    const openGate = (): FrameGate => gateTo(server.url);
    const opened = server.sockets.length;
    const theirs = [stockPusher(simulator)];
    const ours = openPusher({ appKey: 'a key', secure: false, openGate, signatureOf: () => '' });
    theirs.push(stockPusher(simulator));
    await Promise.all(theirs.map(connected));
    ours.disconnect();
    const last = stockPusher(simulator);
    theirs.push(last);
    await connected(last);
    assert.equal(simulator.connections, 3);
    assert.ok(server.sockets.length <= opened + 1);
    assert.ok(
      theirs.every((one) => Pusher.instances.includes(one)),
      'their list is theirs',
    );
    for (const one of theirs) one.disconnect();
    forgetStock(theirs);
    await simulator.close();
  });

  for (const secure of [true, false]) {
    it(`opens no second socket by itself, however slow the first is (${secure ? 'wss' : 'ws'})`, async () => {
      const url = await closedUrl();
      const own = Object.getOwnPropertyDescriptor(Pusher.Runtime, 'createWebSocket');
      assert.ok(own);
      const strays: string[] = [];
      Pusher.Runtime.createWebSocket = (stray) => {
        strays.push(stray);
        return gateTo(url);
      };
      const time = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
      try {
        const ws = new WebSocket(url);
        const closed = new Promise((resolve) => ws.once('close', resolve));
        const openGate = (): FrameGate => gateOver(ws);
        const pusher = openPusher({ appKey: 'a key', secure, openGate, signatureOf: () => '' });
        time.tick(9_999);
        pusher.disconnect();
        assert.deepEqual(strays, []);
        assert.equal(time.countTimers(), 0);
        await closed;
      } finally {
        time.uninstall();
        Object.defineProperty(Pusher.Runtime, 'createWebSocket', own);
      }
    });
  }
});
