import assert from 'node:assert/strict';
import { DeliveryHarness } from '../support/delivery-harness';

describe('DeliveryQueue whose events are withdrawn', () => {
  it('delivers the others, and leaves those that are withdrawn in the store', async () => {
    const harness = new DeliveryHarness();
    harness.attach({ inFlight: 1 });
    await harness.addStored('a1', 'a2', 'b1', 'c1');
    const isB = (sequence: number): boolean => harness.store.records.get(sequence)?.order === 'b';
    assert.deepEqual(harness.queue.withdraw(isB), [3]);
    assert.equal(harness.queue.pending, 3);
    for (const name of ['a1', 'c1', 'a2']) {
      harness.acknowledge(name, 'done');
      await harness.turns();
    }
    assert.deepEqual(harness.takeGiven(), ['a1', 'c1', 'a2']);
    assert.deepEqual([...harness.store.records.keys()], [3]);
    assert.deepEqual(harness.dropped, []);
  });

  it('says which of them a flow works on', async () => {
    const harness = new DeliveryHarness();
    harness.attach();
    await harness.addStored('a1', 'a2', 'b1');
    assert.deepEqual(
      harness.queue.withdraw((_, isInFlight) => !isInFlight),
      [2],
    );
    assert.equal(harness.acknowledge('a1', 'done'), true);
    assert.equal(harness.acknowledge('b1', 'done'), true);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
    assert.deepEqual([...harness.store.records.keys()], [2]);
  });

  it('forgets the attempts of those that a flow works on', async () => {
    const harness = new DeliveryHarness();
    harness.attach({ inFlight: 1 });
    await harness.addStored('a1', 'b1');
    harness.queue.withdraw((sequence) => sequence === 1);
    assert.equal(harness.acknowledge('a1', 'done'), false);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
    await harness.clock.pass(61_000);
    assert.equal(harness.queue.pending, 1);
  });

  it('does not try those again that wait for their next attempt', async () => {
    const harness = new DeliveryHarness();
    harness.attach();
    await harness.addStored('a1');
    harness.acknowledge('a1', 'failed');
    harness.queue.withdraw(() => true);
    await harness.clock.pass(60_000);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1']);
    assert.equal(harness.queue.pending, 0);
  });

  it('leaves alone what is in memory only', () => {
    const harness = new DeliveryHarness();
    harness.add('a1');
    assert.deepEqual(
      harness.queue.withdraw(() => true),
      [],
    );
    assert.equal(harness.queue.pending, 1);
  });
});

describe('DeliveryQueue that may not deliver', () => {
  it('begins no attempt until it may again', async () => {
    const harness = new DeliveryHarness();
    harness.mayDeliver = false;
    harness.attach();
    await harness.addStored('a1', 'b1');
    assert.deepEqual(harness.takeGiven(), []);
    harness.mayDeliver = true;
    await harness.addStored('c1');
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1', 'c1']);
  });

  it('delivers nothing either of what is acknowledged as soon as it is sent', async () => {
    const harness = new DeliveryHarness('sent');
    harness.mayDeliver = false;
    harness.attach({ ack: 'sent' });
    await harness.addStored('a1');
    assert.deepEqual(harness.takeGiven(), []);
    harness.mayDeliver = true;
    await harness.addStored('b1');
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
  });

  it('does not deliver what it was reading meanwhile', async () => {
    const harness = new DeliveryHarness();
    await harness.addStored('a1');
    harness.restart();
    harness.attach();
    harness.mayDeliver = false;
    await harness.turns();
    assert.equal(harness.store.reads, 1);
    assert.deepEqual(harness.takeGiven(), []);
    harness.mayDeliver = true;
    harness.attach();
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1 #2']);
  });
});
