import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { FrameGate, type GateEnd } from '../../src/socket/gate';
import { closedUrl, WsServer } from '../support/ws-server';

const CHANNEL = 'private-v1.users.9041';
const UNWANTED = 'chatRead';

/** A gate, and everything that it reported, in order. */
function gateTo(url: string): { gate: FrameGate; ws: WebSocket; reported: unknown[]; end: Promise<GateEnd> } {
  const reported: unknown[] = [];
  const ws = new WebSocket(url);
  let ended: (end: GateEnd) => void = () => undefined;
  const end = new Promise<GateEnd>((resolve) => (ended = resolve));
  const gate = new FrameGate(ws, {
    receiver: { isWanted: (_channel, event) => event !== UNWANTED, onEvent: (...event) => reported.push(event) },
    onActivity: () => reported.push('activity'),
    onProtocol: (frame) => reported.push(frame),
    onNoise: () => reported.push('noise'),
    onEnd: (how) => {
      reported.push('end');
      ended(how);
    },
  });
  return { gate, ws, reported, end };
}

/** `once` would give up at the error that comes before. */
const closeOf = (ws: WebSocket): Promise<void> => new Promise((resolve) => void ws.once('close', () => resolve()));

describe('the frame gate', () => {
  let server: WsServer;
  beforeEach(async () => {
    server = await WsServer.start();
  });
  afterEach(() => server.close());

  it('reads nothing of an event that nobody wants, and counts it as a sign of life', async () => {
    const { reported, end } = gateTo(server.url);
    const socket = await server.socket();
    // If it were read, it would be reported as malformed: it is not valid JSON.
    socket.send(`{"event":"${UNWANTED}","channel":"${CHANNEL}","data":"{`);
    socket.send(`{"channel":"${CHANNEL}","event":"${UNWANTED}","data":"{`);
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL, data: 1 }));
    socket.close();
    await end;
    assert.deepEqual(reported, ['activity', 'activity', 'activity', [CHANNEL, 'message', 1], 'end']);
  });

  it('passes on no event that nobody wants, in whatever order its fields are', async () => {
    const { reported, end } = gateTo(server.url);
    const socket = await server.socket();
    for (const event of [UNWANTED, 'message']) socket.send(JSON.stringify({ data: 1, event, channel: CHANNEL }));
    socket.close();
    await end;
    assert.deepEqual(reported, ['activity', 'activity', [CHANNEL, 'message', 1], 'end']);
  });

  it('hands events, frames of the protocol and noise to different hands, each a sign of life', async () => {
    const { reported, end } = gateTo(server.url);
    const socket = await server.socket();
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL, data: '{"data":[]}' }));
    socket.send('{"event":"pusher:pong"}');
    for (const odd of ['{}', '[1]', 'null', '7', '{"event":7}', '', 'text']) socket.send(odd);
    socket.send(Buffer.from('{"event":"pusher:pong"}'));
    socket.send(Buffer.alloc(1_000_000, 'x').toString());
    socket.close(1000);
    await end;
    assert.deepEqual(
      reported.filter((one) => one !== 'activity' && one !== 'noise'),
      [[CHANNEL, 'message', '{"data":[]}'], { kind: 'protocol', event: 'pusher:pong', data: undefined }, 'end'],
    );
    assert.equal(reported.filter((one) => one === 'activity').length, 11);
    assert.equal(reported.filter((one) => one === 'noise').length, 9);
  });

  it('gives nothing to pusher-js but what is passed on', async () => {
    const { gate, end } = gateTo(server.url);
    const seen: string[] = [];
    gate.onmessage = ({ data }) => seen.push(data);
    const socket = await server.socket();
    socket.send('{}');
    socket.send(JSON.stringify({ event: 'message', channel: CHANNEL, data: '{}' }));
    socket.send('{"event":"pusher:error","data":null}');
    socket.close();
    await end;
    assert.deepEqual(seen, []);
    gate.pass({ event: 'pusher_internal:subscription_succeeded', channel: CHANNEL, data: {} });
    assert.deepEqual(seen, [`{"event":"pusher_internal:subscription_succeeded","channel":"${CHANNEL}","data":{}}`]);
  });

  it('lets pusher-js send while the socket is open, and swallows it otherwise', async () => {
    const { gate, ws } = gateTo(server.url);
    gate.send('too early');
    const opened = new Promise<void>((resolve) => (gate.onopen = resolve));
    await opened;
    gate.send('in time');
    await server.spy((frames) => frames.length > 0);
    gate.close();
    gate.send('too late');
    await closeOf(ws);
    assert.deepEqual(server.frames, ['in time']);
  });

  for (const code of [1000, 1001, 1011, 4001, 4100, 4200]) {
    it(`tells a close with ${code}`, async () => {
      const { end } = gateTo(server.url);
      (await server.socket()).close(code);
      assert.deepEqual(await end, { code });
    });
  }

  it('tells a close frame without a code, and an end without a close frame', async () => {
    const without = gateTo(server.url);
    (await server.socket(0)).close();
    assert.deepEqual(await without.end, { code: 1005 });
    const dropped = gateTo(server.url);
    (await server.socket(1)).terminate();
    assert.deepEqual(await dropped.end, { code: 1006 });
  });

  it('tells the status of an answer in place of an upgrade', async () => {
    for (const status of [302, 404, 503]) {
      const refusing = await WsServer.start(status);
      assert.deepEqual(await gateTo(refusing.url).end, { status });
      await refusing.close();
    }
  });

  it('tells the error where there is no server', async () => {
    const { end } = gateTo(await closedUrl());
    const { error, code, status } = await end;
    assert.match(String(error), /ECONNREFUSED/);
    assert.deepEqual([code, status], [undefined, undefined]);
  });

  it('tells an error of the protocol of WebSockets, once', async () => {
    const { ws, end, reported } = gateTo(server.url);
    const closed = closeOf(ws);
    const socket = await server.socket();
    // A text frame that is no UTF-8.
    socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false });
    assert.match(String((await end).error), /UTF-8/i);
    await closed;
    assert.deepEqual(reported, ['end']);
  });

  it('tells nothing any more once it was closed', async () => {
    const { gate, ws, reported } = gateTo(server.url);
    const socket = await server.socket();
    await new Promise<void>((resolve) => (gate.onopen = resolve));
    gate.close();
    socket.send('{"event":"pusher:ping"}');
    socket.close(4200);
    await closeOf(ws);
    assert.deepEqual(reported, []);
  });

  it('can be closed before it is open', async () => {
    const hanging = await WsServer.start('hang');
    const { gate, ws, reported } = gateTo(hanging.url);
    gate.close();
    await closeOf(ws);
    assert.deepEqual(reported, []);
    await hanging.close();
  });
});
