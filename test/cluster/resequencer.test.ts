import assert from 'node:assert/strict';
import { Resequencer, type ConsumerState } from '../../src/cluster/resequencer';
import { silentLog } from '../../src/log';
import { ClusterNats, until } from '../support/cluster-nats';
import { FakeClock } from '../support/fake-clock';
import { Flows, LISTENER, ListenerInstance, Publisher } from '../support/listener-instance';

describe('The order of the events of a partition', () => {
  let clock: FakeClock;
  let state: ConsumerState | undefined;
  let held: Set<number>;
  let delivered: number[];
  let order: Resequencer;

  const stateOf = (last: number, unacknowledged: number, deliveries = last): ConsumerState => ({
    delivered: { stream_seq: last, consumer_seq: deliveries },
    num_ack_pending: unacknowledged,
  });
  /** NATS delivers an event. */
  const receive = (sequence: number, delivery: number): void => {
    order.onDelivery(delivery);
    held.add(sequence);
    order.add({ sequence, order: 'chat', attempt: 1 });
  };
  const pass = (ms: number): Promise<void> => clock.pass(ms);

  beforeEach(() => {
    clock = new FakeClock();
    held = new Set();
    delivered = [];
    order = new Resequencer({
      state: () => Promise.resolve(state),
      countHeld: (last) => [...held].filter((sequence) => sequence <= last).length,
      onEvent: ({ sequence }) => void delivered.push(sequence),
      clock,
      log: silentLog,
    });
  });

  it('is that of NATS, at once, if nothing is unacknowledged', () => {
    order.begin(stateOf(7, 0));
    receive(8, 8);
    receive(9, 9);
    assert.deepEqual(delivered, [8, 9]);
  });

  it('has what another instance had before what is newer', async () => {
    order.begin(stateOf(7, 2));
    state = stateOf(9, 4, 9);
    receive(8, 8);
    receive(9, 9);
    await pass(10);
    await pass(20);
    assert.deepEqual(delivered, []);
    receive(6, 10);
    receive(5, 11);
    state = stateOf(9, 4, 11);
    await pass(100);
    assert.deepEqual(delivered, [5, 6, 8, 9]);
    receive(10, 12);
    assert.deepEqual(delivered.at(-1), 10);
  });

  it('waits no longer if somebody has acknowledged what is missing', async () => {
    order.begin(stateOf(7, 1));
    receive(8, 8);
    state = stateOf(8, 1);
    await pass(10);
    assert.deepEqual(delivered, [8]);
  });

  it('is kept if a delivery went to somebody else', async () => {
    order.begin(stateOf(7, 0));
    receive(8, 8);
    receive(10, 10);
    state = stateOf(10, 3);
    await pass(10);
    assert.deepEqual(delivered, [8]);
    receive(9, 11);
    state = stateOf(10, 3, 11);
    await pass(20);
    assert.deepEqual(delivered, [8, 9, 10]);
  });

  it('does not count what was delivered after NATS has answered', async () => {
    order.begin(stateOf(7, 1));
    receive(8, 8);
    receive(9, 9);
    // The answer is from before the second one.
    state = stateOf(8, 2);
    await pass(10);
    assert.deepEqual(delivered, []);
  });

  it('is given up after 10 s, also if NATS cannot be asked', async () => {
    order.begin(stateOf(7, 1));
    receive(8, 8);
    state = stateOf(8, 2);
    for (let ms = 0; ms < 9_900; ms += 10) await pass(10);
    assert.deepEqual(delivered, []);
    state = undefined;
    for (let ms = 0; ms < 200; ms += 10) await pass(10);
    assert.deepEqual(delivered, [8]);
  });

  it('keeps all for the instance that gets the partition', async () => {
    order.begin(stateOf(7, 0));
    order.stop();
    receive(8, 8);
    receive(10, 10);
    await pass(5_000);
    assert.deepEqual(delivered, []);
    assert.ok(order.has(8));
    assert.deepEqual(order.clear(), [8, 10]);
    assert.ok(!order.has(8));
  });
});

describe('The order of the events of a listener', () => {
  let nats: ClusterNats;
  let flows: Flows;
  let publisher: Publisher;
  let instance: ListenerInstance | undefined;

  beforeEach(async function () {
    const opened = await ClusterNats.open(1);
    if (!opened) return this.skip();
    nats = opened;
    flows = new Flows();
    publisher = new Publisher(await nats.connect());
    instance = undefined;
  });

  afterEach(async () => {
    await instance?.stop();
    await nats.end();
  });

  const start = async (): Promise<ListenerInstance> => {
    instance = new ListenerInstance('a', await nats.connect(), flows);
    await instance.start();
    return instance;
  };
  /** A process that receives events and never acknowledges one. */
  const take = async (count: number): Promise<void> => {
    const { js, names } = await nats.connect();
    const consumer = await js.consumers.get(names.stream, names.consumer(LISTENER, 0));
    const messages = await consumer.fetch({ max_messages: count, expires: 5_000 });
    const received: number[] = [];
    for await (const { seq } of messages) received.push(seq);
    assert.equal(received.length, count);
  };
  const allDone = (): Promise<number> => until(() => flows.done.size === publisher.published, 'all events are done');

  it('holds although NATS delivers what a killed instance had after newer events', async () => {
    const first = await start();
    await first.stop();
    await publisher.publish(100);
    await take(60);
    const second = new ListenerInstance('b', await nats.connect(), flows);
    instance = second;
    await second.start();
    await publisher.publish(100);
    await allDone();
    assert.equal(flows.outOfOrder, 0);
    assert.deepEqual(flows.unmarked, []);
  });

  it('holds although a process that is gone takes events out of the middle', async () => {
    const { members } = await start();
    await until(() => members.mayConsume(LISTENER, 0), 'it consumes');
    const taken = take(10);
    for (let round = 0; round < 20; round += 1) await publisher.publish(20);
    await taken;
    await allDone();
    assert.equal(flows.outOfOrder, 0);
  });
});
