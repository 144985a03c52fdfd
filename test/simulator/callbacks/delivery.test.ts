import assert from 'node:assert/strict';
import { type CallbackOptions, type Simulator, startSimulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { ask } from '../api-client';
import { Receiver } from './receiver';

const TELEGRAM = { licenseId: 50101, messengerType: 'telegram' };
const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const PATH = '/v1/licenses/50101/messengers/telegram/callbackUrl';
const QUICK: CallbackOptions = { waitMs: 1 };

describe('callbacks of the simulator', () => {
  let simulator: Simulator;
  let receiver: Receiver;

  const start = async (callbacks: CallbackOptions = QUICK): Promise<void> => {
    simulator = await startSimulator({ callbacks, statusDelay: 0 });
    receiver = await Receiver.start();
  };
  const listen = async (...events: string[]): Promise<void> => {
    const answer = await ask(simulator, `PUT ${PATH}`, { body: { events, url: `${receiver.url}/hook` } });
    assert.equal(answer.status, 200);
  };
  const write = (text: string): void => void simulator.message({ ...TELEGRAM, text });
  const allOver = (): Promise<void> => simulator.until(({ callbacks }) => callbacks.waiting === 0);
  /** What was written, in the order in which it was posted. */
  const texts = (): unknown[] => {
    const bodies = receiver.bodies.flat().filter(isRecord);
    return bodies.flatMap(({ data }) => (Array.isArray(data) ? data.map((item) => textOf(item)) : []));
  };
  const deliveries = (): unknown[] =>
    simulator.callbacks.deliveries.map(({ event, attempt, status }) => [event, attempt, status]);

  afterEach(async () => {
    await simulator.close();
    receiver.close();
  });

  it('are the bare envelopes of what is announced in the messenger, of the chosen events alone', async () => {
    await start();
    await listen('message', 'chatTag');
    const envelope = { data: [{ type: 'add' }], meta: { type: 'chatTag', ...TELEGRAM } };
    simulator.announce(CHANNEL, 'chatTag', envelope);
    simulator.announce(CHANNEL, 'chatRead', envelope);
    simulator.announce('private-v1.licenses.50101.messengers.grWhatsApp', 'chatTag', envelope);
    simulator.announce('private-v1.users.7001', 'chatTag', envelope);
    await allOver();
    assert.deepEqual(receiver.bodies, [envelope]);
    const { url, ...delivery } = simulator.callbacks.deliveries.at(-1) ?? assert.fail();
    assert.equal(url, `${receiver.url}/hook`);
    const { at, ...rest } = delivery;
    assert.equal(typeof at, 'number');
    assert.deepEqual(rest, { method: 'POST', ...TELEGRAM, event: 'chatTag', attempt: 1, status: 200 });
    assert.deepEqual(deliveries(), [
      ['', 1, 200],
      ['chatTag', 1, 200],
    ]);
  });

  it('tell of what is sent and how it fares, as the socket does', async () => {
    await start();
    await listen('message', 'messageStatus');
    const chat = '/v1/licenses/50101/messengers/telegram/chats/77000000001';
    await ask(simulator, `POST ${chat}/messages/text`, { body: { text: 'x' } });
    await simulator.until(() => receiver.bodies.length === 4);
    const metas = receiver.bodies.filter(isRecord).map(({ meta }) => (isRecord(meta) ? meta.type : ''));
    assert.deepEqual(metas, ['message', 'messageStatus', 'messageStatus', 'messageStatus']);
  });

  it('come one after the other, each repeated until it is answered with 2xx', async () => {
    await start();
    await listen('message');
    let refusals = 2;
    receiver.answer = () => (refusals-- > 0 ? 500 : 204);
    for (const text of ['a', 'b', 'c']) write(text);
    await allOver();
    assert.deepEqual(texts(), ['a', 'a', 'a', 'b', 'c']);
    assert.deepEqual(deliveries().slice(1, 4), [
      ['message', 1, 500],
      ['message', 2, 500],
      ['message', 3, 204],
    ]);
  });

  it('are given up after three attempts, or after the number that was set', async () => {
    await start();
    await listen('message');
    receiver.answer = () => 404;
    write('a');
    await allOver();
    assert.deepEqual(texts(), ['a', 'a', 'a']);
    await simulator.close();
    receiver.close();
    await start({ ...QUICK, tries: 2 });
    await listen('message');
    receiver.answer = () => 302;
    write('a');
    await allOver();
    assert.deepEqual(texts(), ['a', 'a']);
  });

  it('are repeated where the receiver does not answer in time, or is not there', async () => {
    await start({ ...QUICK, timeoutMs: 1_000 });
    await listen('message');
    let silences = 1;
    receiver.answer = () => (silences-- > 0 ? undefined : 200);
    write('a');
    await allOver();
    assert.deepEqual(deliveries().slice(1), [
      ['message', 1, 0],
      ['message', 2, 200],
    ]);
    receiver.close();
    write('b');
    await allOver();
    assert.deepEqual(deliveries().slice(3), [
      ['message', 1, 0],
      ['message', 2, 0],
      ['message', 3, 0],
    ]);
  });

  it('go on while the sockets are frozen', async () => {
    await start();
    await listen('message');
    simulator.freeze();
    write('a');
    await allOver();
    assert.deepEqual(texts(), ['a']);
  });

  it('end when the address is removed', async () => {
    await start();
    await listen('message');
    await ask(simulator, `DELETE ${PATH}`);
    write('a');
    assert.equal(simulator.callbacks.waiting, 0);
    assert.deepEqual(simulator.callbacks.list, []);
  });

  it('do not keep the simulator from ending', async () => {
    await start({ tries: 3, waitMs: 60_000, timeoutMs: 60_000 });
    await listen('message');
    const arrived = new Promise<void>((resolve) => {
      receiver.answer = () => void resolve();
    });
    write('a');
    await arrived;
    const asked = performance.now();
    await simulator.close();
    assert.ok(performance.now() - asked < 5000);
    await receiver.ended();
  });

  describe('misbehave on command:', () => {
    beforeEach(async () => {
      await start();
      await listen('message');
    });

    it('each comes twice', async () => {
      simulator.faults.callbacksAs({ times: 2 });
      write('a');
      write('b');
      await allOver();
      assert.deepEqual(texts(), ['a', 'a', 'b', 'b']);
      simulator.faults.callbacksAs(undefined);
      write('c');
      await allOver();
      assert.deepEqual(texts().slice(4), ['c']);
    });

    it('they come late', async () => {
      simulator.faults.callbacksAs({ delayMs: 40 });
      const begun = performance.now();
      write('a');
      await allOver();
      assert.ok(performance.now() - begun >= 35);
      assert.deepEqual(texts(), ['a']);
    });

    it('they are lost', async () => {
      simulator.faults.callbacksAs({ down: true });
      write('a');
      await allOver();
      simulator.faults.callbacksAs(undefined);
      write('b');
      await allOver();
      assert.deepEqual(texts(), ['b']);
    });

    it('they are lost, though others wait that are not', async () => {
      simulator.faults.callbacksAs({ delayMs: 20 });
      write('a');
      simulator.faults.callbacksAs({ down: true });
      write('b');
      simulator.faults.callbacksAs(undefined);
      await allOver();
      assert.deepEqual(texts(), ['a']);
    });

    it('what waits already is lost as well', async () => {
      simulator.faults.callbacksAs({ delayMs: 20 });
      write('a');
      simulator.faults.callbacksAs({ down: true });
      await allOver();
      assert.deepEqual(texts(), []);
    });

    it('they come as a list', async () => {
      simulator.faults.callbacksAs({ form: 'array' });
      write('a');
      await allOver();
      const [body] = receiver.bodies;
      assert.ok(Array.isArray(body) && body.length === 1);
      assert.deepEqual(texts(), ['a']);
    });

    it('they do not wait for the answer, and are repeated', async () => {
      simulator.faults.callbacksAs({ hangUps: 1 });
      write('a');
      await allOver();
      assert.deepEqual(texts(), ['a', 'a']);
      assert.deepEqual(
        receiver.received.slice(1).map(({ isCutOff }) => isCutOff),
        [true, false],
      );
      assert.deepEqual(deliveries().slice(1), [
        ['message', 1, 0],
        ['message', 2, 200],
      ]);
    });
  });
});

describe("another integration's address at the simulator", () => {
  it('can be planted, stands in the list, and is never called outside this machine', async () => {
    const simulator = await startSimulator();
    const foreign = { ...TELEGRAM, events: ['message'], url: 'https://crm.example/hook' };
    simulator.callbacks.plant(foreign);
    simulator.callbacks.plant({ ...foreign, messengerType: 'grWhatsApp', url: 'no address' });
    assert.deepEqual(simulator.callbacks.list[0], foreign);
    const { data } = await ask(simulator, 'GET /v1/callbackUrls');
    assert.deepEqual(data, simulator.callbacks.list);
    simulator.message({ ...TELEGRAM, text: 'a' });
    simulator.message({ ...TELEGRAM, messengerType: 'grWhatsApp', text: 'a' });
    assert.deepEqual([simulator.callbacks.waiting, simulator.callbacks.deliveries.length], [0, 0]);
    assert.equal(simulator.callbacks.remove(50101, 'telegram'), true);
    assert.equal(simulator.callbacks.remove(50101, 'telegram'), false);
    await simulator.close();
  });
});

function textOf(item: unknown): unknown {
  return isRecord(item) && isRecord(item.message) ? item.message.text : undefined;
}
