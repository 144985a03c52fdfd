import assert from 'node:assert/strict';
import PusherClient from 'pusher-js';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../simulator';
import { pusherFor } from './protocol-client';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

describe('the stock Pusher libraries work against the simulator', () => {
  let simulator: Simulator;
  let client: PusherClient | undefined;

  const connect = async (options: SimulatorOptions = {}): Promise<PusherClient> => {
    simulator = await startSimulator(options);
    client = new PusherClient(simulator.appKey, {
      cluster: 'unused',
      wsHost: '127.0.0.1',
      wsPort: simulator.port,
      forceTLS: false,
      enabledTransports: ['ws'],
      authEndpoint: `${simulator.url}/broadcasting/auth`,
      auth: { headers: { Authorization: simulator.account.accessToken } },
    });
    return client;
  };
  const spy = (from: PusherClient, channel: string, event: string): Promise<unknown> =>
    new Promise((resolve) => from.channel(channel).bind(event, resolve));

  afterEach(async () => {
    client?.disconnect();
    await simulator.close();
  });

  for (const style of ['laravel', 'soketi'] as const) {
    it(`pusher-js is authorised, subscribed and gets what is announced (${style})`, async () => {
      const pusher = await connect({ style });
      pusher.subscribe(CHANNEL);
      await simulator.until((it) => it.subscriptions(CHANNEL) === 1);
      const data = spy(pusher, CHANNEL, 'message');
      const item = simulator.message({ licenseId: 50101, messengerType: 'telegram', text: 'Здравствуйте / 🌷' });
      const meta = { type: 'message', licenseId: 50101, messengerType: 'telegram' };
      assert.deepEqual(await data, { queue: 'socket-events', payload: { data: [item], meta } });
    });
  }

  it('pusher-js gets what the server library triggers', async () => {
    const pusher = await connect();
    pusher.subscribe(CHANNEL);
    await simulator.until((it) => it.subscriptions(CHANNEL) === 1);
    const data = spy(pusher, CHANNEL, 'chatTag');
    const response = await pusherFor({ ...simulator, dataLimit: 0 }).trigger(CHANNEL, 'chatTag', {
      data: [1],
      meta: {},
    });
    assert.equal(response.status, 200);
    assert.deepEqual(await data, { data: [1], meta: {} });
  });

  it('pusher-js gets the refusal of a channel', async () => {
    const pusher = await connect();
    const channel = pusher.subscribe('private-v1.users.1');
    const error = await new Promise((resolve) => channel.bind('pusher:subscription_error', resolve));
    assert.match(JSON.stringify(error), /"status":403/);
  });

  it('pusher-js comes back after a drop and subscribes again', async () => {
    const pusher = await connect();
    pusher.subscribe(CHANNEL);
    await simulator.until((it) => it.subscriptions(CHANNEL) === 1);
    simulator.dropAll();
    await simulator.until((it) => it.connections === 2 && it.subscriptions(CHANNEL) === 1);
    assert.equal(simulator.requestsTo('/broadcasting/auth').length, 2);
  });
});
