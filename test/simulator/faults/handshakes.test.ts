import assert from 'node:assert/strict';
import { once } from 'node:events';
import { startSimulator, type Simulator } from '../../../simulator';
import { ProtocolClient } from '../protocol-client';
import { Subscriber } from '../subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

describe('the simulator breaks handshakes on command', () => {
  let simulator: Simulator;
  const newcomer = (): ProtocolClient => new ProtocolClient({ ...simulator, dataLimit: 0 });

  beforeEach(async () => (simulator = await startSimulator()));
  afterEach(() => simulator.close());

  it('takes a request for an upgrade and never answers it', async () => {
    simulator.faults.receiveWith('no-upgrade');
    const { ws } = newcomer();
    await simulator.until((it) => it.faults.received === 1);
    // The API goes on: by its answer the newcomer has had its chance.
    await fetch(`${simulator.url}/v1/licenses`);
    assert.equal(ws.readyState, ws.CONNECTING);
    ws.on('error', () => undefined);
    ws.terminate();
  });

  it('upgrades and never says a word, even when asked', async () => {
    simulator.faults.receiveWith('silence');
    const client = newcomer();
    await once(client.ws, 'open');
    client.say({ event: 'pusher:ping' });
    client.ws.ping();
    await once(client.ws, 'pong');
    assert.equal(client.ws.readyState, client.ws.OPEN);
    assert.deepEqual([simulator.connections, simulator.frames.length], [0, 0]);
  });

  for (const status of [404, 502, 503]) {
    it(`answers HTTP ${status} in place of the upgrade`, async () => {
      simulator.faults.receiveWith({ status });
      const { ws } = newcomer();
      assert.match(String((await once(ws, 'error'))[0]), new RegExp(`Unexpected server response: ${status}`));
    });
  }

  it('greets with any text', async () => {
    simulator.faults.receiveWith({ frame: '<html>' });
    const { ws } = newcomer();
    assert.equal(String((await once(ws, 'message'))[0]), '<html>');
  });

  for (const error of [4001, 4100, 4200]) {
    it(`greets with error ${error}, and stays open or closes with the same code`, async () => {
      simulator.faults.receiveWith({ error, closes: false });
      const staying = newcomer();
      const data = { message: `The simulator says ${error}.`, code: error };
      assert.deepEqual(await staying.receive(), { event: 'pusher:error', data });
      assert.equal(await staying.closeCode(), undefined);

      simulator.faults.receiveWith({ error, closes: true });
      const leaving = newcomer();
      const closed = once(leaving.ws, 'close');
      assert.deepEqual(await leaving.receive(), { event: 'pusher:error', data });
      assert.deepEqual((await closed)[0], error);
    });
  }

  it('welcomes as usual again when the fault is over, and leaves alone who was there before', async () => {
    const before = await Subscriber.to(simulator, CHANNEL);
    simulator.faults.receiveWith({ status: 503 });
    const turnedAway = newcomer();
    await once(turnedAway.ws, 'error');
    simulator.faults.receiveWith(undefined);
    await Subscriber.to(simulator, CHANNEL);
    assert.equal(simulator.announce(CHANNEL, 'message', { data: [{}], meta: {} }), 2);
    assert.equal((await before.next()).event, 'message');
    assert.equal(simulator.faults.received, 1);
  });
});
