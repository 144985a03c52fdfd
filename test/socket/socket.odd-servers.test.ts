import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { WebSocket } from 'ws';
import { FakeClock } from '../support/fake-clock';
import { SocketSpy } from '../support/socket-spy';
import { closedUrl, WsServer } from '../support/ws-server';

const CHANNEL = 'private-v1.users.9041';
const ESTABLISHED = { event: 'pusher:connection_established', data: '{"socket_id":"12.34","activity_timeout":30}' };

/** What servers and proxies have been seen to send besides the protocol; most of it ends a stock pusher-js. */
const ODD: readonly (string | Buffer)[] = [
  '{}',
  '[]',
  '[1]',
  'null',
  'true',
  '17',
  '"text"',
  'text',
  '',
  '{"event":null}',
  '{"event":17,"data":"{}"}',
  '{"event":{},"channel":"x"}',
  '{"event":"message"}',
  '{"event":"message","channel":17,"data":"{}"}',
  '{"event":"pusher:unknown-event","data":null}',
  '{"event":"pusher:error","data":null}',
  '{"event":"pusher:error"}',
  '{"event":"pusher_internal:subscription_succeeded"}',
  '{"event":"pusher_internal:subscription_succeeded","channel":"never-asked-for"}',
  '{"event":"pusher_internal:member_added","channel":17}',
  '{"event":"pusher:subscription_error","channel":"never-asked-for"}',
  '{"event":"pusher:subscription_error"}',
  '{"event":"pusher:connection_established","data":null}',
  Buffer.from([0, 255, 1, 254]),
  Buffer.from('{"event":"message","channel":"private-v1.users.9041","data":"{}"}'),
  'x'.repeat(1_000_000),
  '['.repeat(1_000_000),
];

describe('a socket to an odd server', () => {
  let server: WsServer;
  let spy: SocketSpy | undefined;

  const listen = async (clock = new FakeClock()): Promise<{ spy: SocketSpy; socket: WebSocket; clock: FakeClock }> => {
    spy = new SocketSpy({ socketUrl: server.url, clock });
    return { spy, socket: await server.socket(), clock };
  };
  const established = async (): Promise<{ spy: SocketSpy; socket: WebSocket; clock: FakeClock }> => {
    const all = await listen();
    all.socket.send(JSON.stringify(ESTABLISHED));
    await all.spy.open();
    return all;
  };

  beforeEach(async () => {
    server = await WsServer.start();
  });
  afterEach(async () => {
    spy?.socket.close();
    await server.close();
  });

  it('asks for the app by its key, in whatever characters it is written', async () => {
    spy = new SocketSpy({ socketUrl: `${server.url}/some/path/`, appKey: 'key/with ё' });
    await server.socket();
    assert.match(server.paths[0] ?? '', /^\/some\/path\/app\/key%2Fwith%20%D1%91\?protocol=7&client=js/);
  });

  it('survives every odd frame, before and after the handshake, and receives the next good event', async () => {
    const { spy, socket } = await listen();
    for (const odd of ODD.filter((one) => !/error|connection_established/.test(String(one)))) socket.send(odd);
    socket.send(JSON.stringify(ESTABLISHED));
    for (const odd of ODD) socket.send(odd);
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL, data: '{"data":[]}' }));
    await spy.until(({ events }) => events.length > 0);
    assert.deepEqual(spy.events, [[CHANNEL, 'message', '{"data":[]}']]);
    assert.deepEqual([spy.established, spy.subscribed, spy.refused, spy.ends], [1, [], [], []]);
  });

  it('ends, and parses nothing, if a frame is larger than any event', async () => {
    const { spy, socket } = await established();
    socket.send(`{"event":"message","channel":"${CHANNEL}","data":[${'{},'.repeat(1_000_000)}{}]}`);
    assert.equal((await spy.end()).detail, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
    assert.deepEqual(spy.events, []);
  });

  it('writes of noise once, and not a word of it', async () => {
    const { spy, socket } = await established();
    for (const odd of ['my secret', '{}', 'my secret']) socket.send(odd);
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL }));
    await spy.until(({ events }) => events.length > 0);
    assert.equal(spy.log.length, 1);
    assert.doesNotMatch(spy.log.join(), /secret/);
  });

  it('answers the server’s ping', async () => {
    const { socket } = await established();
    socket.send('{"event":"pusher:ping","data":{}}');
    await server.spy((frames) => frames.some((frame) => frame.includes('pusher:pong')));
  });

  it('reports a channel as refused, once, if the server ends a subscription that it had confirmed', async () => {
    const { spy, socket } = await established();
    spy.socket.subscribe(CHANNEL, 'key:1');
    await server.spy((frames) => frames.some((frame) => frame.includes('pusher:subscribe')));
    socket.send(JSON.stringify({ event: 'pusher_internal:subscription_succeeded', channel: CHANNEL }));
    for (const channel of ['other', CHANNEL, CHANNEL])
      socket.send(JSON.stringify({ event: 'pusher:subscription_error', channel, data: { status: 403 } }));
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL }));
    await spy.until(({ events }) => events.length > 0);
    assert.deepEqual([spy.subscribed, spy.refused, spy.ends], [[CHANNEL], [CHANNEL], []]);
  });

  it('takes an answer for the channel that it is for, each once', async () => {
    const { spy, socket } = await established();
    spy.socket.subscribe(CHANNEL, 'key:1');
    await server.spy((frames) => frames.some((frame) => frame.includes('pusher:subscribe')));
    const success = { event: 'pusher_internal:subscription_succeeded', channel: CHANNEL, data: '{}' };
    for (const channel of ['other', CHANNEL, CHANNEL]) socket.send(JSON.stringify({ ...success, channel }));
    socket.send(JSON.stringify({ event: 'pusher:error', data: { code: 4009 } }));
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL }));
    await spy.until(({ events }) => events.length > 0);
    assert.deepEqual([spy.subscribed, spy.refused, spy.ends], [[CHANNEL], [], []]);
  });

  it('asks for a channel again, with another signature, where the first question was never answered', async () => {
    const { spy } = await established();
    for (const auth of ['key:1', 'key:2']) spy.socket.subscribe(CHANNEL, auth);
    await server.spy((frames) => frames.some((frame) => frame.includes('key:2')));
    const asked = server.frames.filter((frame) => frame.includes('pusher:subscribe'));
    assert.equal(asked.length, 2);
  });

  it('sends the signature that was made for the channel', async () => {
    const { spy } = await established();
    spy.socket.subscribe(CHANNEL, 'key:abc');
    await server.spy((frames) => frames.length > 0);
    const frame: unknown = JSON.parse(server.frames[0] ?? '');
    assert.deepEqual(frame, { event: 'pusher:subscribe', data: { auth: 'key:abc', channel: CHANNEL } });
  });

  for (const data of ['{}', '{"socket_id":""}', '{"socket_id":7}', 'null', 'no JSON', '[]']) {
    it(`ends where the handshake is ${data}`, async () => {
      const { spy, socket } = await listen();
      socket.send(JSON.stringify({ ...ESTABLISHED, data }));
      assert.deepEqual(await spy.end(), { detail: 'unreadable handshake', final: false });
    });
  }

  it('reports a handshake once, even if the server repeats it', async () => {
    const { spy, socket } = await established();
    socket.send(JSON.stringify({ ...ESTABLISHED, data: '{"socket_id":"56.78"}' }));
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL }));
    await spy.until(({ events }) => events.length > 0);
    assert.deepEqual([spy.established, spy.socket.socketId], [1, '12.34']);
  });

  for (const what of ['never speaks', 'never upgrades'] as const) {
    it(`gives a server up that ${what}, after 10 s`, async () => {
      if (what === 'never upgrades') {
        await server.close();
        server = await WsServer.start('hang');
      }
      const clock = new FakeClock();
      spy = new SocketSpy({ socketUrl: server.url, clock });
      if (what === 'never speaks') await server.socket();
      await clock.pass(9_999);
      assert.deepEqual(spy.ends, []);
      await clock.pass(1);
      assert.deepEqual(spy.ends, [{ detail: 'no handshake', final: false }]);
      assert.equal(clock.pending, 0);
    });
  }

  it('gives a server up that greets in no words of the protocol, after a second', async () => {
    const clock = new FakeClock();
    spy = new SocketSpy({ socketUrl: server.url, clock });
    const socket = await server.socket();
    socket.send('Hello?');
    // The answer to a ping comes after what was sent before it: by then the greeting has been read.
    socket.ping();
    await once(socket, 'pong');
    await clock.pass(999);
    assert.deepEqual(spy.ends, []);
    await clock.pass(1);
    assert.deepEqual(spy.ends, [{ detail: 'no handshake', final: false }]);
  });

  it('leaves no timer behind when it is closed, whatever it waits for', async () => {
    const before = await listen();
    before.spy.socket.close();
    assert.equal(before.clock.pending, 0);
    const after = new FakeClock();
    const later = new SocketSpy({ socketUrl: server.url, clock: after });
    (await server.socket(1)).send(JSON.stringify(ESTABLISHED));
    await later.open();
    await after.pass(16_000);
    later.socket.close();
    assert.equal(after.pending, 0);
  });

  it('reports why where there is no server, or another one', async () => {
    spy = new SocketSpy({ socketUrl: await closedUrl() });
    assert.deepEqual(await spy.end(), { detail: 'ECONNREFUSED', final: false });
    for (const [status, refused] of [
      [404, true],
      [502, false],
    ] as const) {
      const other = await WsServer.start(status);
      const end = await new SocketSpy({ socketUrl: other.url }).end();
      assert.deepEqual([end.detail, end.refusal?.reason], [`HTTP ${status}`, refused ? 'address' : undefined]);
      await other.close();
    }
  });
});
