import assert from 'node:assert/strict';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator';
import { channelAuth } from '../../simulator/pusher/signature';
import { SocketSpy } from '../support/socket-spy';

const USER = 'private-v1.users.9041';
const line = (type: string): string => `private-v1.licenses.1.messengers.${type}`;
const [LINE_A, LINE_B, LINE_C, LINE_D] = [line('a'), line('b'), line('c'), line('d')];
const ENVELOPE = { data: [{ id: '7', text: 'Привет / «ё»' }], meta: { type: 'message' } };

for (const style of ['laravel', 'soketi'] as const) {
  describe(`a socket to a server of the kind of ${style}`, () => {
    let simulator: Simulator;
    const ears: SocketSpy[] = [];

    const start = async (options: SimulatorOptions = {}): Promise<void> => {
      simulator = await startSimulator({ style, ...options });
    };
    const spy = async (
      settings: { appKey?: string; pingEvery?: number; pongWithin?: number } = {},
    ): Promise<SocketSpy> => {
      const made = new SocketSpy({ socketUrl: simulator.socketUrl, ...settings });
      ears.push(made);
      if (settings.appKey === undefined) await made.open();
      return made;
    };
    const sign = ({ socket }: SocketSpy, channel: string): string => {
      const { appId: id, appKey: key, secret } = simulator;
      return channelAuth({ id, key, secret }, socket.socketId, channel);
    };

    beforeEach(() => start());
    afterEach(async () => {
      for (const { socket } of ears.splice(0)) socket.close();
      await simulator.close();
    });

    it('is established under the server’s name for it', async () => {
      const { socket, established } = await spy();
      assert.equal(established, 1);
      assert.match(socket.socketId, /^\d+\.\d+$/);
    });

    it('joins a channel, brings its events untouched, and leaves it', async () => {
      const one = await spy();
      one.socket.subscribe(USER, sign(one, USER));
      await one.until(({ subscribed }) => subscribed.length > 0);
      for (const dataAs of ['object', 'string', 'escaped-string'] as const) {
        simulator.announce(USER, 'message', ENVELOPE, { wire: 'bare', dataAs });
      }
      await one.until(({ events }) => events.length === 3);
      assert.deepEqual(one.events[0], [USER, 'message', ENVELOPE]);
      assert.deepEqual(one.events[1], [USER, 'message', JSON.stringify(ENVELOPE)]);
      assert.match(String(one.events[2]?.[2]), /\\u041f.*\\\//);
      one.socket.unsubscribe(USER);
      await simulator.until(() => simulator.subscriptions(USER) === 0);
      assert.deepEqual(one.subscribed, [USER]);
    });

    it('reports which subscriptions were refused, in whatever order they were asked for', async () => {
      const one = await spy();
      for (const channel of [LINE_A, LINE_B, LINE_C, LINE_D]) {
        one.socket.subscribe(channel, channel === LINE_A || channel === LINE_C ? sign(one, channel) : 'key:bad');
      }
      await one.until(({ subscribed, refused }) => subscribed.length + refused.length === 4);
      assert.deepEqual(
        [one.subscribed, one.refused],
        [
          [LINE_A, LINE_C],
          [LINE_B, LINE_D],
        ],
      );
      assert.deepEqual(one.ends, []);
    });

    it('joins a channel that was refused before, as soon as the signature is good', async () => {
      const one = await spy();
      one.socket.subscribe(USER, 'key:bad');
      await one.until(({ refused }) => refused.length === 1);
      one.socket.subscribe(USER, sign(one, USER));
      await one.until(({ subscribed }) => subscribed.length === 1);
      assert.equal(simulator.subscriptions(USER), 1);
    });

    it('asks again where the answer to the first question never came', async () => {
      const one = await spy();
      simulator.freeze();
      one.socket.subscribe(USER, sign(one, USER));
      one.socket.unsubscribe(USER);
      one.socket.subscribe(USER, sign(one, USER));
      simulator.thaw();
      await simulator.until(() => simulator.frames.filter(({ event }) => event === 'pusher:subscribe').length === 2);
      await one.until(({ subscribed }) => subscribed.length > 0);
      assert.equal(simulator.subscriptions(USER), 1);
      assert.deepEqual(one.subscribed, [USER]);
    });

    it('ends permanently where the app key is refused', async () => {
      const { detail, final, refusal } = await (await spy({ appKey: 'wrong / key' })).end();
      assert.deepEqual(
        [detail, final, refusal?.code, refusal?.reason],
        ['error 4001', true, 'CONNECTION_REFUSED', 'appKey'],
      );
    });

    for (const [code, detail] of [
      [4200, 'close 4200'],
      [1001, 'close 1001'],
      [undefined, 'close 1006'],
    ] as const) {
      it(`ends once when the server goes (${detail})`, async () => {
        const one = await spy();
        simulator.dropAll(code);
        assert.deepEqual(await one.end(), { detail, final: false });
        assert.equal(one.ends.length, 1);
      });
    }

    it('pings in its own rhythm, whatever the traffic, and lives', async () => {
      const one = await spy({ pingEvery: 40, pongWithin: 30 });
      one.socket.subscribe(USER, sign(one, USER));
      await one.until(({ subscribed }) => subscribed.length > 0);
      const pings = (): number => simulator.frames.filter(({ event }) => event === 'pusher:ping').length;
      const traffic = setInterval(() => simulator.announce(USER, 'message', ENVELOPE), 5);
      await simulator.until(() => pings() >= 4);
      clearInterval(traffic);
      assert.deepEqual(one.ends, []);
      assert.ok(one.events.length > 4);
      assert.ok(one.alive.length >= 3);
    });

    it('ends when the server falls silent', async () => {
      const one = await spy({ pingEvery: 40, pongWithin: 30 });
      simulator.freeze();
      assert.deepEqual(await one.end(), { detail: 'no answer to ping', final: false });
      simulator.thaw();
    });

    it('tells nothing any more once it was closed', async () => {
      const one = await spy();
      one.socket.subscribe(USER, sign(one, USER));
      await one.until(({ subscribed }) => subscribed.length > 0);
      one.socket.close();
      simulator.announce(USER, 'message', ENVELOPE);
      await simulator.until(() => simulator.sockets === 0);
      assert.deepEqual([one.events, one.ends], [[], []]);
    });
  });
}
