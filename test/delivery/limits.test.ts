import assert from 'node:assert/strict';
import { DeliveryQueue } from '../../src/delivery/delivery-queue';
import { silentLog } from '../../src/log';
import { DeliveryHarness } from '../support/delivery-harness';
import { FakePendingStore } from '../support/fake-pending-store';
import { HOUR, limitsOf, retentionOf } from '../support/retention';

const MINUTE = 60_000;

/** How much ten events with names of two letters take. */
async function bytesOfTen(): Promise<number> {
  const harness = new DeliveryHarness();
  const sequence = await harness.store.append('node-1', 'a', harness.event('a1').delivery);
  return 10 * harness.store.bytesOf(sequence);
}

describe('DeliveryQueue and its limits', () => {
  let harness: DeliveryHarness;
  let ten: number;
  before(async () => (ten = await bytesOfTen()));
  afterEach(() => harness.queue.close());

  const names = (): string[] => [...harness.store.records.values()].map(({ delivery }) => String(delivery.item.name));

  describe('of time', () => {
    it('drops what has waited in the store for longer than the hours kept, and reports how many', async () => {
      harness = new DeliveryHarness();
      await harness.addStored('a1', 'b1');
      await harness.clock.pass(HOUR);
      await harness.addStored('a2');
      await harness.clock.pass(23 * HOUR + MINUTE);
      await harness.clock.pass(1_000);
      assert.deepEqual([names(), harness.dropped, harness.queue.pending], [['a2'], ['2 outdated'], 1]);
      assert.deepEqual(harness.secured, ['a1', 'b1']);
    });

    it('drops what waits in memory, since nothing can be stored, after the same time', async () => {
      harness = new DeliveryHarness();
      harness.store.isRefusing = true;
      harness.add('a1');
      await harness.clock.pass(24 * HOUR + 2 * MINUTE);
      assert.deepEqual([harness.queue.pending, harness.dropped], [0, ['1 outdated']]);
    });

    it('leaves what the flow works on to it, and drops it if the attempt fails', async () => {
      harness = new DeliveryHarness();
      harness.attach({ ackSeconds: 100 * 3_600 });
      await harness.addStored('a1', 'a2');
      await harness.clock.pass(25 * HOUR);
      assert.deepEqual([harness.dropped, harness.queue.pending], [['1 outdated'], 1]);
      assert.equal(harness.acknowledge('a1', 'failed', { retryAfter: HOUR }), true);
      await harness.clock.pass(MINUTE + 1_000);
      assert.deepEqual([harness.dropped, harness.queue.pending], [['1 outdated', '1 outdated'], 0]);
      await harness.clock.pass(2 * HOUR);
      assert.deepEqual(harness.takeGiven(), ['a1']);
    });

    it('drops what an earlier run has stored so long ago before it is delivered', async () => {
      harness = new DeliveryHarness();
      harness.attach();
      const { store, clock } = harness;
      const now = clock.now() / 1_000;
      for (const [name, age] of [['a1', 25 * 3_600] as const, ['b1', 23 * 3_600] as const]) {
        const sequence = await store.append('node-1', name, harness.event(name).delivery);
        harness.queue.add({ attempt: 2, order: name, sequence, storedTime: now - age });
      }
      await harness.turns();
      await clock.pass(1_000);
      assert.deepEqual([harness.takeGiven(), harness.dropped], [['b1 #2'], ['1 outdated']]);
    });

    it('delivers it if the time of ChatApp is not known, though the clock of the machine says that it is old', async () => {
      harness = new DeliveryHarness('done', new FakePendingStore(), {
        retention: retentionOf(new DeliveryHarness().clock, { serverTime: () => undefined }),
      });
      harness.attach();
      const sequence = await harness.store.append('node-1', 'a', harness.event('a1').delivery);
      harness.queue.add({ attempt: 2, order: 'a', sequence, storedTime: 1 });
      await harness.turns();
      assert.deepEqual([harness.takeGiven(), harness.dropped], [['a1 #2'], []]);
    });
  });

  describe('of size on disk', () => {
    beforeEach(() => (harness = new DeliveryHarness('done', new FakePendingStore(), { stored: limit(ten) })));

    it('drops the oldest beyond it, but not what the flow works on, and reports how many', async () => {
      harness.attach({ inFlight: 1 });
      await harness.addStored('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1', 'j1');
      assert.deepEqual(harness.dropped, []);
      await harness.addStored('k1', 'l1');
      await harness.clock.pass(1_000);
      const left = ['a1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1', 'j1', 'k1', 'l1'];
      assert.deepEqual([names().slice(-9), harness.dropped], [left.slice(-9), [`${12 - names().length} full`]]);
      assert.equal(names()[0], 'a1');
    });

    it('reports 80 % once, and again after it was less than 70 %', async () => {
      harness.attach({ inFlight: 1 });
      await harness.addStored('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1');
      assert.deepEqual(harness.errors, []);
      await harness.addStored('i1', 'j1');
      assert.deepEqual(harness.errors, ['STORE_FAILED.almostFull']);
      for (const name of ['a1', 'b1']) harness.acknowledge(name, 'done');
      await harness.addStored('k1');
      assert.deepEqual(harness.errors, ['STORE_FAILED.almostFull']);
      for (const name of ['c1', 'd1', 'e1']) harness.acknowledge(name, 'done');
      await harness.addStored('l1', 'm1', 'n1');
      assert.deepEqual(harness.errors, ['STORE_FAILED.almostFull', 'STORE_FAILED.almostFull']);
    });

    it('counts what all listeners of the connection have, and drops the oldest of all', async () => {
      const other = new DeliveryQueue({
        subscriber: 'node-2',
        ack: 'done',
        clock: harness.clock,
        random: () => 0.5,
        log: silentLog,
        store: harness.store,
        limits: harness.limits,
        onGivenUp: () => undefined,
        onDelivered: () => undefined,
        onDropped: (reason, count) => harness.dropped.push(`${count} ${reason} of the other`),
        onState: () => undefined,
        onClosed: () => undefined,
      });
      const sequences: number[] = [];
      for (const name of ['x1', 'x2'])
        sequences.push(await harness.store.append('node-2', 'x', harness.event(name).delivery));
      await harness.addStored('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1');
      for (const sequence of sequences) other.add({ attempt: 1, order: 'x', sequence });
      await harness.addStored('i1');
      await harness.clock.pass(1_000);
      assert.equal(names()[0], 'a1');
      assert.deepEqual([harness.dropped, other.pending], [['2 full of the other'], 0]);
      other.close();
    });

    it('counts nothing of a queue that is closed', async () => {
      await harness.addStored('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1');
      harness.restart();
      assert.deepEqual(harness.errors, ['STORE_FAILED.almostFull', 'STORE_FAILED.almostFull']);
      assert.equal(harness.queue.pending, 9);
      harness.queue.close();
      assert.equal(harness.clock.pending, 0);
    });
  });

  it('drops the oldest of what takes too much memory while nothing can be stored', async () => {
    harness = new DeliveryHarness('sent', new FakePendingStore(), { unstored: limit(ten) });
    harness.store.isRefusing = true;
    harness.add('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1');
    assert.deepEqual(harness.errors, []);
    await harness.clock.pass(1_000);
    assert.deepEqual([harness.errors, harness.queue.pending], [['STORE_FAILED.memoryAlmostFull'], 9]);
    harness.add('j1', 'k1');
    await harness.clock.pass(1_000);
    assert.deepEqual([harness.queue.pending, harness.dropped], [9, ['2 overflow']]);
    harness.store.isRefusing = false;
    await harness.clock.pass(1_000);
    assert.deepEqual(names(), ['c1', 'd1', 'e1', 'f1', 'g1', 'h1', 'i1', 'j1', 'k1']);
  });

  it('names limits in what is reported', () => {
    harness = new DeliveryHarness();
    const limits = limitsOf(harness.clock);
    assert.deepEqual(limits.errorOf('full', 3).params, { count: 3, megabytes: 500 });
    assert.deepEqual(limits.errorOf('overflow', 3).params, { count: 3, limit: 10_000, megabytes: 64 });
    assert.deepEqual(limits.errorOf('outdated', 3).params, { count: 3, hours: 24 });
  });
});

function limit(bytes: number): { events: number; bytes: number } {
  return { events: Infinity, bytes };
}
