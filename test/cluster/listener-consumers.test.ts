import assert from 'node:assert/strict';
import { removeConsumers } from '../../src/cluster/partition-consumer';
import { ClusterNats, until } from '../support/cluster-nats';
import { InstanceProcess } from '../support/instance-process';
import { Flows, LISTENER, ListenerInstance, Publisher } from '../support/listener-instance';

type Settings = ConstructorParameters<typeof ListenerInstance>[3];

describe('The consumers of a listener', () => {
  let nats: ClusterNats;
  let flows: Flows;
  let instances: ListenerInstance[];
  let publisher: Publisher;

  beforeEach(async function () {
    const opened = await ClusterNats.open();
    if (!opened) return this.skip();
    nats = opened;
    flows = new Flows();
    instances = [];
    publisher = new Publisher(await nats.connect());
  });

  afterEach(async () => {
    await Promise.all(instances.map((instance) => instance.stop()));
    await nats.end();
  });

  const start = async (id: string, settings?: Settings): Promise<ListenerInstance> => {
    const instance = new ListenerInstance(id, await nats.connect(), flows, settings);
    instances.push(instance);
    await instance.start();
    return instance;
  };
  const startAll = async (...ids: string[]): Promise<ListenerInstance[]> => {
    const started = await Promise.all(ids.map((id) => start(id)));
    const share = Math.floor(16 / ids.length);
    await until(() => started.every((instance) => instance.consumed >= share), 'each has its share');
    return started;
  };
  const leave = (instance: ListenerInstance): void => void instances.splice(instances.indexOf(instance), 1);
  const allDone = (limit?: number): Promise<number> =>
    until(() => flows.done.size === publisher.published, 'all events are done', limit).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${flows.missingOf(publisher.published).join()} of ${publisher.published}`);
    });
  const load = (perSecond: number): { end: () => Promise<void> } => {
    const controller = new AbortController();
    const running = publisher.publishUntil(controller.signal, perSecond);
    return {
      end: () => {
        controller.abort();
        return running;
      },
    };
  };
  const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it('deliver each event once and in order, on one instance or several', async () => {
    await startAll('a', 'b', 'c');
    await publisher.publish(2_000);
    await allDone();
    assert.equal(flows.repeated, 0);
    assert.equal(flows.outOfOrder, 0);
    const by = new Set([...flows.given.values()].map(([first]) => first?.instance));
    assert.equal(by.size, 3);
  });

  it('keep what was published since they were prepared', async () => {
    const first = await start('a');
    await publisher.publish(100);
    await allDone();
    leave(first);
    await first.stop();
    await publisher.publish(100);
    await start('b');
    await allDone();
    assert.equal(flows.repeated, 0);
    assert.equal(flows.outOfOrder, 0);
  });

  it('begin with what is published after they were made for the first time', async () => {
    await publisher.publish(50);
    await start('a');
    await publisher.publish(50);
    await until(() => flows.done.size === 50, 'the later ones are done');
    assert.deepEqual(
      flows.missingOf(100),
      Array.from({ length: 50 }, (_, number) => number),
    );
  });

  it('hand over in order when an instance joins under load', async () => {
    await startAll('a');
    const { end } = load(300);
    await pass(500);
    const second = await start('b');
    await until(() => second.consumed === 8, 'it has its share');
    const third = await start('c');
    await until(() => third.consumed >= 5, 'it has its share');
    await end();
    await allDone();
    assert.deepEqual(flows.unmarked, []);
    assert.equal(flows.repeated, 0);
    assert.equal(flows.outOfOrder, 0);
  });

  it('hand over at once and in order when an instance stops under load', async () => {
    const [first] = await startAll('a', 'b', 'c');
    assert.ok(first);
    for (const instance of instances) instance.takes = 50;
    const { end } = load(300);
    await pass(1_000);
    leave(first);
    const since = performance.now();
    await first.stop();
    await until(() => instances.reduce((sum, instance) => sum + instance.consumed, 0) === 16, 'the others have all');
    const took = performance.now() - since;
    await end();
    await allDone();
    assert.ok(took < 5_000, `${took} ms`);
    assert.deepEqual(flows.unmarked, []);
    assert.equal(flows.outOfOrder, 0);
  });

  it('stop in time while NATS is away, and go on where they were', async () => {
    const [first, second] = await startAll('a', 'b');
    assert.ok(first && second);
    first.takes = second.takes = 200;
    await publisher.publish(400);
    await nats.server.kill();
    const since = performance.now();
    leave(first);
    await first.stop();
    const took = performance.now() - since;
    assert.ok(took < 10_000, `${took} ms`);
    await nats.server.start();
    await allDone(60_000);
    assert.deepEqual(flows.unmarked, []);
    assert.equal(flows.outOfOrder, 0);
  });

  it('lose nothing, and repeat only what was in flight, marked, when an instance is killed under load', async () => {
    const [first] = await startAll('a', 'b', 'c');
    assert.ok(first);
    const { end } = load(300);
    await pass(1_000);
    leave(first);
    await first.kill();
    const took = await until(() => instances.reduce((sum, one) => sum + one.consumed, 0) === 16, 'the others have all');
    await end();
    await allDone();
    assert.ok(took < 10_000, `${took} ms`);
    assert.deepEqual(flows.unmarked, []);
    assert.equal(flows.outOfOrder, 0);
  });

  it('discard what they hold when their process was frozen', async () => {
    const [first, second] = await startAll('a', 'b');
    assert.ok(first && second);
    // Neither ends what it begins: all of the rest waits in the queues.
    first.takes = undefined;
    await publisher.publish(400);
    await until(() => flows.given.size >= 20, 'both have some');
    await pass(300);
    const before = [...flows.given.values()].filter((given) => given.some(({ instance }) => instance === 'a')).length;
    first.clock.jump(10_000);
    assert.equal(first.members.isIn(), false);
    assert.ok(first.queue.pending <= before, 'only what is in flight is left');
    first.takes = 5;
    await until(() => first.members.isIn() && first.consumed >= 8, 'it is back');
    await pass(100);
    assert.deepEqual(flows.unmarked, []);
  });

  it('repeat nothing unmarked when a process is frozen under load and goes on', async () => {
    const [first] = await startAll('a');
    assert.ok(first);
    first.takes = 50;
    const child = new InstanceProcess(nats.server.servers[0] ?? '', flows);
    try {
      await until(() => child.consumed === 8 && first.consumed === 8, 'both have their share');
      const { end } = load(300);
      await pass(500);
      child.kill('SIGSTOP');
      await until(() => first.consumed === 16, 'the other one has all');
      // It keeps what NATS sends to it meanwhile.
      await pass(2_000);
      child.kill('SIGCONT');
      await until(() => child.consumed === 8 && first.consumed === 8, 'both have their share again');
      await end();
      await allDone();
    } finally {
      await child.stop();
    }
    assert.deepEqual(flows.unmarked, []);
    assert.ok(flows.repeated < 50, `${flows.repeated} repeated`);
  });

  it('repeat nothing unmarked when NATS is killed under load', async () => {
    await startAll('a', 'b');
    const { end } = load(300);
    for (let round = 0; round < 4; round += 1) {
      await pass(700);
      await nats.server.kill();
      if (round === 3) await pass(2_500);
      await nats.server.start();
    }
    await pass(500);
    await end();
    await allDone(60_000);
    assert.deepEqual(flows.unmarked, []);
    assert.equal(flows.outOfOrder, 0);
  });

  it('make a consumer that was deleted again where it was', async () => {
    await startAll('a');
    const { manager, names } = await nats.connect();
    await publisher.publish(200);
    await allDone();
    const { end } = load(200);
    for (let partition = 0; partition < 16; partition += 1) {
      // It is gone also if nats-server 2.9 says that its folder was written to meanwhile.
      await manager.consumers.delete(names.stream, names.consumer('node-1', partition)).catch((error: unknown) => {
        if (!String(error).includes('directory not empty')) throw error;
      });
    }
    await pass(500);
    await end();
    await allDone();
    assert.deepEqual(flows.unmarked, []);
  });

  it('read a stream that was made again from its beginning', async () => {
    await startAll('a');
    await publisher.publish(100);
    await allDone();
    const { manager, names } = await nats.connect();
    await manager.streams.delete(names.stream);
    await manager.streams.add(nats.streamConfig);
    await publisher.publish(100);
    await allDone();
    assert.equal(flows.repeated, 0);
  });

  it('acknowledge what was handled before NATS has forgotten it', async () => {
    const [first] = await startAll('a');
    assert.ok(first);
    await publisher.publish(200);
    await allDone();
    const { manager, names } = await nats.connect();
    leave(first);
    await first.stop();
    // As a NATS that has lost the state of its consumers.
    for (let partition = 0; partition < 16; partition += 1) {
      const name = names.consumer('node-1', partition);
      const { config } = await manager.consumers.info(names.stream, name);
      await manager.consumers.delete(names.stream, name);
      await manager.consumers.add(names.stream, { ...config, opt_start_seq: 1 });
    }
    await startAll('b');
    await publisher.publish(50);
    await allDone();
    assert.equal(flows.repeated, 0);
  });

  it('count a failed attempt on another instance, and keep what failed in every attempt as a dead letter', async () => {
    const [first] = await startAll('a');
    assert.ok(first);
    first.takes = undefined;
    const { manager, names } = await nats.connect();
    await publisher.publish(1);
    await until(() => flows.given.size === 1, 'it is delivered');
    leave(first);
    await first.stop();
    let instance = first;
    for (let attempt = 2; attempt <= 5; attempt += 1) {
      instance = await start(`b${attempt}`);
      instance.takes = undefined;
      await until(() => flows.given.get(0)?.length === attempt, `attempt ${attempt}`);
      leave(instance);
      await instance.stop();
    }
    const attempts = flows.given.get(0)?.map((given) => given.attempt);
    assert.deepEqual(attempts, [1, 2, 3, 4, 5]);
    const last = await start('last');
    await until(() => last.errors.length > 0, 'it is reported');
    assert.equal(last.errors[0]?.code, 'DELIVERY_FAILED');
    const letter = await manager.streams.getMessage(names.stream, { last_by_subj: names.dead('node-1') });
    assert.equal(letter?.header.get('Chatapp-Reason'), 'attempts');
  });

  it('begin with new events after the listener was removed', async () => {
    const [first] = await startAll('a');
    assert.ok(first);
    await publisher.publish(100);
    await allDone();
    leave(first);
    await first.stop();
    const ready = await nats.connect();
    await removeConsumers(ready, LISTENER);
    assert.equal((await ready.manager.streams.info(ready.names.stream)).state.consumer_count, 0);
    await publisher.publish(100);
    await startAll('b');
    await publisher.publish(100);
    await until(() => flows.done.size === 200, 'the later ones are done');
    assert.deepEqual(
      flows.missingOf(300),
      Array.from({ length: 100 }, (_, number) => 100 + number),
    );
    assert.equal(flows.repeated, 0);
  });

  it('keep what cannot be read as a dead letter, and report it', async () => {
    const [first] = await startAll('a');
    assert.ok(first);
    const { js, manager, names } = await nats.connect();
    await js.publish(names.events('node-1', 3), 'nonsense');
    await until(() => first.errors[0]?.code === 'PAYLOAD_INVALID', 'it is reported');
    first.waiting = 1;
    await until(() => first.waiting === 0, 'nothing waits');
    const letter = await manager.streams.getMessage(names.stream, { last_by_subj: names.dead('node-1') });
    assert.equal(letter?.string(), 'nonsense');
  });

  it('give back what only a newer filter wants', async () => {
    const old = await start('old', { events: ['message'], filter: 1 });
    await until(() => old.consumed === 16, 'it has all');
    old.takes = undefined;
    await publisher.publish(100);
    const renewed = new ListenerInstance('new', await nats.connect(), flows, { filter: 2 });
    instances.push(renewed);
    renewed.members.start();
    await renewed.consumers.prepare();
    renewed.queue.attach({
      channel: { type: 'messenger' },
      events: [],
      direction: 'any',
      ack: 'done',
      onStatus: () => undefined,
      onError: () => undefined,
      onItem: (delivery) => {
        flows.give('new', delivery);
        setImmediate(() => renewed.finish(delivery));
      },
    });
    renewed.consumers.start(renewed.queue);
    await until(() => old.members.newestFilter('node-1') === 2, 'the new filter is known');
    await publisher.publish(100, { event: 'messageReaction' });
    await until(() => flows.done.size === 200, 'all events are done');
    assert.deepEqual(flows.unmarked, []);
    assert.deepEqual(old.errors, []);
  });

  it('report by count what was dropped before any flow has handled it', async () => {
    const [first] = await startAll('a');
    assert.ok(first);
    first.queue.detach();
    const { manager, names } = await nats.connect();
    await publisher.publish(2_000);
    await until(() => first.waiting === 2_000, 'all of them wait');
    const held = first.queue.pending;
    await manager.streams.purge(names.stream);
    await until(() => first.errors.length > 0, 'it is reported');
    const [error] = first.errors;
    assert.equal(`${error?.code} ${error?.reason}`, 'RECOVERY_FAILED expired');
    assert.equal(error?.params.count, 2_000 - held);
  });

  it('work on 100 events at a time', async () => {
    const [first] = await startAll('a');
    assert.ok(first);
    publisher = new Publisher(await nats.connect(), 2_000);
    first.takes = 100;
    await publisher.publish(2_000);
    await allDone();
    assert.equal(flows.maxInFlight, 100);
    assert.equal(flows.repeated, 0);
  });
});
