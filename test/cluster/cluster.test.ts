import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { startSimulator } from '../../simulator';
import { createConnection } from '../../src/connection';
import { channelName, sampleEnvelope } from '../../src/events';
import { ClusterHarness, LINE } from '../support/cluster-harness';
import { ACCOUNT } from '../support/connection-harness';
import { RestartablePort } from '../support/restartable-port';
import { TcpProxy } from '../support/tcp-proxy';

const WITHOUT_ID = {
  channel: { type: 'messenger', ...LINE },
  events: [],
  direction: 'any',
  onItem: () => undefined,
  onStatus: () => undefined,
  onError: () => undefined,
} as const;

describe('A cluster of instances on one account', function () {
  let harness: ClusterHarness;
  let isStarted = false;

  before(async function () {
    const started = await ClusterHarness.start();
    if (!started) {
      console.log('      no nats-server: install it, or name it in NATS_SERVER');
      return this.skip();
    }
    harness = started;
    isStarted = true;
  });
  afterEach(async () => {
    if (isStarted) await harness.reset();
  });
  after(async () => {
    if (isStarted) await harness.end();
  });

  it('handles each message once, shares the work and logs in once', async () => {
    const [one, other] = [harness.add(), harness.add()];
    await harness.isReady();
    const sent = harness.write(5);
    // Each takes its partitions when it is its turn. So many chats are in partitions of both instances.
    while (one.messages.length === 0 || other.messages.length === 0) {
      sent.push(...harness.write(100, 100));
      await harness.until(() => harness.delivered.length >= sent.length);
    }
    assert.deepEqual(harness.delivered.toSorted(), sent.toSorted());
    assert.deepEqual([one.status?.kind, other.status?.kind].toSorted(), ['leading', 'standingBy']);
    assert.deepEqual([one.status?.instances, other.status?.instances], [2, 2]);
    assert.equal(harness.simulator.requestsTo('/v1/tokens').length, 1);
    assert.deepEqual([...one.errors, ...other.errors], []);
  });

  it('loses nothing when the leader stops', async () => {
    for (let count = 0; count < 3; count += 1) harness.add();
    await harness.isReady();
    const sent = harness.write(50);
    const { leader } = harness;
    assert.ok(leader);
    const closed = leader.connection.close();
    sent.push(...harness.write(50));
    await closed;
    const others = harness.instances.filter((instance) => instance !== leader);
    await harness.until(() => others.some(({ status }) => status?.kind === 'leading'));
    sent.push(...harness.write(50));
    await harness.until(() => harness.delivered.length >= sent.length);
    assert.deepEqual(harness.delivered.toSorted(), sent.toSorted());
  });

  it('shows since when NATS is lost, and delivers once and in order what came meanwhile', async () => {
    const [one, other] = [harness.add(), harness.add()];
    await harness.isReady();
    await harness.nats.kill();
    await harness.until(() => [one, other].every(({ status }) => status?.kind === 'clusterLost'));
    const sent = harness.write(50);
    await harness.nats.start();
    await harness.until(() => harness.delivered.length >= sent.length);
    assert.deepEqual(harness.delivered.toSorted(), sent.toSorted());
    for (const { messages } of [one, other]) {
      // Chat by chat: those of five chats were written in turns.
      for (let chat = 0; chat < 5; chat += 1) {
        const written = sent.filter((id, index) => index % 5 === chat && messages.includes(id));
        assert.deepEqual(
          messages.filter((id) => written.includes(id)),
          written,
          'in order',
        );
      }
    }
    await harness.isReady();
  });

  it('stops in time while NATS is away', async () => {
    const instance = harness.add();
    await harness.isReady();
    harness.write(5);
    await harness.nats.kill();
    const before = performance.now();
    await Promise.all([instance.connection.flush(), instance.connection.close()]);
    const took = performance.now() - before;
    await harness.nats.start();
    assert.ok(took < 14_000, `${took} ms, and Node-RED waits 15 s for a node`);
  });

  it('lets another instance lead if the leader has lost its socket, and loses nothing', async () => {
    const { port } = new URL(harness.simulator.socketUrl);
    const proxy = await TcpProxy.start(Number(port));
    try {
      const first = harness.add({}, { socketUrl: `ws://127.0.0.1:${proxy.port}` });
      await harness.until(() => first.status?.kind === 'leading');
      const second = harness.add();
      await harness.isReady();
      await proxy.down();
      const sent = harness.write(30);
      await harness.until(() => second.status?.kind === 'leading');
      sent.push(...harness.write(30));
      await harness.until(() => harness.delivered.length >= sent.length);
      assert.deepEqual(harness.delivered.toSorted(), sent.toSorted());
    } finally {
      await proxy.down();
    }
  });

  it('loses no event without history if the leader has lost its socket, and delivers none twice', async () => {
    const { port } = new URL(harness.simulator.socketUrl);
    const proxy = await TcpProxy.start(Number(port));
    const events = ['chatTag'];
    const channel = channelName({ type: 'messenger', ...LINE });
    const { data, meta } = sampleEnvelope('chatTag');
    const announce = (): void => void harness.simulator.announce(channel, 'chatTag', { data, meta: { ...meta } });
    try {
      const first = harness.add({ events }, { socketUrl: `ws://127.0.0.1:${proxy.port}` });
      await harness.until(() => first.status?.kind === 'leading');
      const second = harness.add({ events });
      await harness.isReady();
      const count = (): number => harness.instances.reduce((sum, { deliveries }) => sum + deliveries.length, 0);
      for (let announced = 0; announced < 20; announced += 1) announce();
      await proxy.down();
      for (let announced = 0; announced < 20; announced += 1) announce();
      await harness.until(() => second.status?.kind === 'leading');
      for (let announced = 0; announced < 20; announced += 1) announce();
      await harness.until(() => count() >= 60);
      assert.equal(count(), 60);
    } finally {
      await proxy.down();
    }
  });

  it('receives for a listener that only another instance has', async () => {
    const one = harness.add();
    await harness.until(() => one.status?.kind === 'leading');
    const other = harness.add({ id: 'telegram', channel: { type: 'messenger', ...LINE, messengerType: 'telegram' } });
    await harness.isReady();
    const sent = [1, 2, 3].map((count) => {
      const line = { ...LINE, messengerType: 'telegram' };
      return harness.simulator.message({ ...line, text: String(count) }).id;
    });
    await harness.until(() => other.messages.length >= sent.length);
    assert.deepEqual(other.messages, sent);
    assert.deepEqual(one.messages, []);
  });

  it('delivers again what a flow could not handle, with the number of the attempt', async () => {
    const attempts: (number | undefined)[] = [];
    const instance = harness.add({
      id: 'with.dots.1',
      ack: 'done',
      onItem: ({ attempt, deliveryToken = '' }) => {
        attempts.push(attempt);
        instance.connection.acknowledge(deliveryToken, attempt === 1 ? 'failed' : 'done');
        harness.changes.happened();
      },
    });
    await harness.isReady();
    harness.write(1);
    await harness.until(() => attempts.length === 2);
    assert.deepEqual(attempts, [1, 2]);
    assert.equal(instance.connection.acknowledge('nobody.1.1', 'done'), false);
  });

  it('delivers what came while all instances were stopped', async () => {
    harness.add();
    await harness.isReady();
    const sent = harness.write(10);
    await harness.until(() => harness.delivered.length >= 10);
    const before = harness.delivered;
    await harness.stop();
    sent.push(...harness.write(10));
    harness.add();
    await harness.until(() => before.length + harness.delivered.length >= sent.length);
    assert.deepEqual([...before, ...harness.delivered].toSorted(), sent.toSorted());
  });

  it('refuses a listener without an id, malformed ids, and webhooks', () => {
    const instance = harness.add();
    assert.throws(() => instance.connection.listen(WITHOUT_ID), RangeError);
    assert.throws(() => instance.listen({ channel: { type: 'user', userId: 'x y' } }), RangeError);
    const { url: apiUrl, socketUrl } = harness.simulator;
    const credentials = { kind: 'token', accessToken: 'x' } as const;
    const cluster = { servers: harness.nats.servers };
    const more = { receive: 'both', callbackUrl: 'https://flows.example.com/', onError: () => undefined } as const;
    assert.throws(() => createConnection({ credentials, apiUrl, socketUrl, cluster, ...more }), /webhook/i);
  });
});

describe('An instance whose NATS never answers', () => {
  it('closes without an unhandled rejection, which would end Node-RED', async () => {
    const simulator = await startSimulator({ account: ACCOUNT });
    const silent = new RestartablePort(createServer);
    await silent.open();
    await silent.close();
    const rejections: unknown[] = [];
    const note = (reason: unknown): void => void rejections.push(reason);
    process.prependListener('unhandledRejection', note);
    const connection = createConnection({
      credentials: { kind: 'token', accessToken: simulator.account.accessToken },
      apiUrl: simulator.url,
      socketUrl: simulator.socketUrl,
      cluster: { servers: [`nats://127.0.0.1:${silent.number}`] },
      onError: () => undefined,
    });
    connection.listen({ ...WITHOUT_ID, id: 'listener' });
    await connection.close();
    await simulator.close();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(rejections, []);
  });
});
