import assert from 'node:assert/strict';
import { DeliveryHarness, nameOf } from '../support/delivery-harness';

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

function storedNames({ store }: DeliveryHarness): string[] {
  return [...store.records.values()].map(({ delivery }) => nameOf(delivery));
}

describe('DeliveryQueue and its store', () => {
  let harness: DeliveryHarness;
  beforeEach(() => (harness = new DeliveryHarness()));
  afterEach(() => harness.queue.close());

  it('stores what has waited for a second, in order, and removes it when it is delivered', async () => {
    harness = new DeliveryHarness('sent');
    harness.add('a1', 'b1', 'a2');
    await harness.clock.pass(999);
    assert.equal(harness.store.records.size, 0);
    await harness.clock.pass(1);
    assert.deepEqual(storedNames(harness), ['a1', 'b1', 'a2']);
    assert.deepEqual(harness.secured, ['a1', 'b1', 'a2']);
    harness.attach({ ack: 'sent' });
    await harness.turns();
    assert.deepEqual([storedNames(harness), harness.secured.length], [[], 3]);
  });

  it('does not leave in the store what was delivered while it was being stored', async () => {
    let open = (): void => undefined;
    harness.store.gate = new Promise((resolve) => (open = resolve));
    harness.add('a1');
    await harness.clock.pass(1_000);
    harness.attach({ ack: 'sent' });
    await harness.turns();
    open();
    await harness.turns();
    assert.deepEqual([harness.takeGiven(), storedNames(harness), harness.secured], [['a1'], [], ['a1']]);
  });

  it('stores an event once, however often it is asked to', async () => {
    harness.add('a1', 'a2');
    await Promise.all([harness.queue.store(), harness.queue.store(), harness.clock.pass(2_000)]);
    assert.deepEqual(storedNames(harness), ['a1', 'a2']);
  });

  it('stores at the end what was sent in this turn and may not have arrived', async () => {
    harness.attach({ ack: 'sent' });
    harness.add('a1');
    harness.beginDeploy();
    harness.add('a2');
    await harness.queue.store();
    harness.restart();
    harness.attach({ ack: 'sent' });
    await harness.turns(6);
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1 #2', 'a2 #2']);
  });

  it('does not leave in the store what is confirmed after it was closed', async () => {
    harness.attach({ ack: 'sent' });
    harness.add('a1');
    const stored = harness.queue.store();
    harness.queue.close();
    await stored;
    await harness.turns();
    assert.deepEqual([storedNames(harness), harness.secured], [[], ['a1']]);
  });

  it('leaves bodies beyond 1,000 to the store and reads them in order', async () => {
    const names = numbered('a', 1_500);
    await harness.addStored(...names);
    assert.equal(harness.store.reads, 0);
    harness.attach({ ack: 'sent' });
    await harness.turns(2_000);
    assert.deepEqual(harness.takeGiven(), names);
    assert.deepEqual([harness.store.reads, harness.store.records.size], [500, 0]);
  });

  it('skips what cannot be read, and reads again if the disk has failed', async () => {
    await harness.store.append('node-1', 'a', harness.event('a1').delivery);
    await harness.store.append('node-1', 'a', harness.event('a2').delivery);
    harness.store.isUnreadable = true;
    harness.attach();
    for (const sequence of [99, 1, 2]) harness.queue.add({ attempt: 1, order: 'a', sequence });
    await harness.turns();
    harness.store.isUnreadable = false;
    assert.equal(harness.queue.pending, 3);
    await harness.clock.pass(5_000);
    await harness.turns();
    assert.deepEqual([harness.takeGiven(), harness.queue.pending], [['a1'], 2]);
  });

  it('keeps in memory what the store refuses, drops the oldest of more than 10,000, and stores the rest later', async () => {
    harness.store.isRefusing = true;
    harness.add(...numbered('a', 10_100));
    await harness.clock.pass(1_000);
    assert.equal(harness.queue.pending, 9_999);
    harness.add('z1');
    await harness.clock.pass(1_000);
    assert.deepEqual([harness.queue.pending, harness.dropped], [10_000, ['101 overflow']]);
    harness.store.isRefusing = false;
    await harness.clock.pass(1_000);
    await harness.queue.store();
    assert.deepEqual(storedNames(harness), [...numbered('a', 10_100).slice(101), 'z1']);
  });

  it('gives up an event whose attempts were used up before Node-RED was started again', async () => {
    await harness.addStored('a1');
    harness.store.noteAttempt(1, 5);
    harness.restart();
    harness.attach();
    await harness.turns();
    assert.deepEqual([harness.takeGiven(), harness.givenUp], [[], ['a1 after 5']]);
    assert.equal(harness.store.deadLetters.length, 1);
  });

  it('accepts a late done after Node-RED was started again', async () => {
    harness.attach();
    await harness.addStored('a1', 'b1');
    harness.restart();
    assert.equal(harness.acknowledge('a1', 'done'), true);
    harness.attach();
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1', 'b1 #2']);
  });

  it('does not take an acknowledgement for an event of an earlier queue as one of its own', () => {
    harness.store.isRefusing = true;
    harness.attach();
    harness.add('a1');
    harness.random = 0.25;
    harness.restart();
    harness.attach();
    harness.add('b1');
    assert.equal(harness.acknowledge('a1', 'done'), false);
  });

  it('drops everything if it is cleared, in the store too', async () => {
    harness.attach();
    await harness.addStored('a1', 'a2', 'b1');
    harness.acknowledge('b1', 'failed');
    assert.equal(harness.queue.clear(), 3);
    assert.deepEqual([harness.queue.pending, storedNames(harness), harness.queue.nextAttempt], [0, [], undefined]);
    await harness.clock.pass(60_000);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
  });

  it('drops what was still being stored when it was cleared', async () => {
    harness.queue.clear();
    harness.queue.close();
    await harness.addStored('a1');
    assert.deepEqual([harness.queue.pending, storedNames(harness), harness.secured], [0, [], ['a1']]);
  });

  it('keeps no timer when it is closed, and still takes a late done', async () => {
    harness.attach();
    await harness.addStored('a1', 'b1');
    harness.acknowledge('a1', 'failed');
    harness.queue.close();
    assert.equal(harness.acknowledge('b1', 'failed'), false);
    assert.equal(harness.clock.pending, 0);
    assert.equal(harness.acknowledge('b1', 'done'), true);
    assert.deepEqual(storedNames(harness), ['a1']);
  });
});
