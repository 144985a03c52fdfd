import assert from 'node:assert/strict';
import Pusher from 'pusher-js';
import { channelAuth } from '../simulator/pusher/signature';
import type { Simulator } from '../simulator';
import type { Clock } from '../src/clock';
import { ConnectionHarness } from './support/connection-harness';
import { ListenerSpy } from './support/listener-spy';

/** Time runs 60 times as fast: a second stands for a minute. */
const FASTER = 60;
const SECOND = 1_000 / FASTER;
const EVENTS = 90;
const EVERY = 2 * SECOND;
const LINE = 'private-v1.licenses.50718.messengers.telegram';

const begin = Date.now();
const fastClock: Clock = {
  now: () => begin + (Date.now() - begin) * FASTER,
  monotonic: () => performance.now() * FASTER,
  after(delay, run) {
    const handle = setTimeout(run, delay / FASTER);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Announces an event every 2 s for 3 min. */
function announceSteadily(simulator: Simulator): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const timer = setInterval(() => {
      simulator.announce(LINE, 'chatRead', { data: [{ chat: { id: count } }], meta: {} });
      count += 1;
      if (count < EVENTS) return;
      clearInterval(timer);
      resolve();
    }, EVERY);
  });
}

/** Stock pusher-js as its manual says, on the same channel. */
function stockClient(simulator: Simulator, onEvent: () => void): { subscribed: Promise<void>; pusher: Pusher } {
  const { appKey: key, appId: id, secret, port } = simulator;
  const pusher: Pusher = new Pusher(key, {
    cluster: '',
    wsHost: '127.0.0.1',
    wsPort: port,
    forceTLS: false,
    enabledTransports: ['ws'],
    channelAuthorization: {
      transport: 'ajax',
      endpoint: '',
      customHandler: ({ socketId, channelName }, callback) =>
        callback(null, { auth: channelAuth({ id, key, secret }, socketId, channelName) }),
    },
  });
  const channel = pusher.subscribe(LINE);
  channel.bind('chatRead', onEvent);
  return {
    pusher,
    subscribed: new Promise((resolve) => void channel.bind('pusher:subscription_succeeded', () => resolve())),
  };
}

describe('a server that silently unsubscribes a client that has not pinged for 120 s', () => {
  let harness: ConnectionHarness;
  let stock: Pusher;
  const spy = new ListenerSpy({ type: 'messenger', licenseId: '50718', messengerType: 'telegram' });
  let stockEvents = 0;
  /** How many sockets and statuses there were when all was ready. */
  let connections = 0;
  let statuses = 0;

  before(async () => {
    const silentUnsubscribeAfter = 120 * SECOND;
    // Pongs may take longer than 5 s: the machine that runs this is not 60 times as fast.
    const settings = { clock: fastClock, pongWithin: 14_000 };
    harness = await ConnectionHarness.start({ silentUnsubscribeAfter, activityTimeout: 30 / FASTER }, () => settings);
    const client = stockClient(harness.simulator, () => (stockEvents += 1));
    stock = client.pusher;
    await Promise.all([harness.listen(spy), client.subscribed]);
    ({ connections } = harness.simulator);
    statuses = spy.statuses.length;
    await announceSteadily(harness.simulator);
  });
  after(async () => {
    stock.disconnect();
    Pusher.instances.splice(Pusher.instances.indexOf(stock), 1);
    await harness.close();
  });

  it('keeps us: every event of 3 busy minutes arrives, over one socket', async () => {
    await spy.until(({ items }) => items.length === EVENTS);
    assert.deepEqual(
      spy.items,
      Array.from({ length: EVENTS }, (_, id) => ({ chat: { id } })),
    );
    assert.equal(harness.simulator.connections, connections);
    assert.ok(spy.kinds.slice(statuses).every((kind) => kind === 'listening'));
  });

  it('loses a stock pusher-js, which still believes to be subscribed', () => {
    assert.ok(stockEvents > 0 && stockEvents < EVENTS * 0.8, `${stockEvents} of ${EVENTS}`);
    assert.equal(stock.connection.state, 'connected');
    assert.equal(stock.channel(LINE).subscribed, true);
  });
});
