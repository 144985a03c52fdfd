import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { ProtocolClient } from '../protocol-client';
import { Subscriber } from '../subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const LINE = { licenseId: 50101, messengerType: 'telegram' };

describe('the simulator goes down and comes back', () => {
  let simulator: Simulator;
  const start = async (options: SimulatorOptions = {}): Promise<void> =>
    void (simulator = await startSimulator(options));
  const ask = (path: string): Promise<Response> =>
    fetch(simulator.url + path, { headers: { authorization: simulator.account.accessToken } });
  const isRefused = (error: unknown): boolean => String(error).includes('ECONNREFUSED');
  const refusedSocket = async (): Promise<boolean> => {
    const { ws } = new ProtocolClient({ ...simulator, dataLimit: 0 });
    return isRefused((await once(ws, 'error'))[0]);
  };
  afterEach(() => simulator.close());

  it('refuses everything on its port, and is back there with the same state', async () => {
    await start();
    const { client } = await Subscriber.to(simulator, CHANNEL);
    const ended = once(client.ws, 'close');
    await simulator.faults.down();
    assert.equal((await ended)[0], 1006);
    assert.equal(simulator.sockets, 0);
    assert.ok(await refusedSocket());
    await assert.rejects(ask('/v1/licenses'), (error: Error) => isRefused(error.cause));
    simulator.message({ ...LINE, text: 'written meanwhile' });

    await simulator.faults.up();
    const path = '/v1/licenses/50101/messengers/telegram/chats';
    const body: unknown = await (await ask(path)).json();
    const items = isRecord(body) && isRecord(body.data) ? body.data.items : undefined;
    assert.ok(Array.isArray(items) && items.length === 1);
    const again = await Subscriber.to(simulator, CHANNEL);
    const { id } = simulator.message({ ...LINE, text: 'written afterwards' });
    assert.equal((await again.nextItem()).id, id);
  });

  it('has sockets and API on ports of their own where that is wanted: each goes down alone', async () => {
    await start({ socketPort: 0 });
    assert.notEqual(new URL(simulator.url).port, new URL(simulator.socketUrl).port);
    await simulator.faults.down('socket');
    assert.ok(await refusedSocket());
    assert.equal((await ask('/v1/licenses')).status, 200);
    await simulator.faults.up();

    await simulator.faults.down('api');
    await assert.rejects(ask('/v1/licenses'), (error: Error) => isRefused(error.cause));
    await Subscriber.to(simulator, CHANNEL);
  });

  it('refuses to take down one of two things on one port', async () => {
    await start();
    await assert.rejects(simulator.faults.down('socket'), /share one port/);
  });

  it('is a black hole: it accepts connections and does nothing more', async () => {
    await start({ socketPort: 0 });
    await simulator.faults.down('socket', 'mute');
    const { port } = new URL(simulator.socketUrl);
    const socket = connect(Number(port), '127.0.0.1');
    let spy = '';
    socket.on('data', (data) => (spy += String(data)));
    await once(socket, 'connect');
    socket.write('GET /app/key HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal((await ask('/v1/licenses')).status, 200);
    assert.deepEqual([spy, socket.destroyed], ['', false]);
    const ended = once(socket, 'close');
    socket.on('error', () => undefined);
    await simulator.faults.up();
    await ended;
    await Subscriber.to(simulator, CHANNEL);
  });

  it('closes while it is down', async () => {
    await start({ socketPort: 0 });
    await simulator.faults.down();
    await simulator.close();
    await assert.rejects(ask('/v1/licenses'), (error: Error) => isRefused(error.cause));
  });
});
