import assert from 'node:assert/strict';
import { DeliveryHarness } from '../support/delivery-harness';

describe('DeliveryQueue with ack: done', () => {
  let harness: DeliveryHarness;
  beforeEach(() => (harness = new DeliveryHarness()));
  afterEach(() => harness.queue.close());

  it('delivers the next event of a chat when the one before is acknowledged, and those of other chats at once', async () => {
    harness.attach();
    await harness.addStored('a1', 'a2', 'b1');
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
    assert.equal(harness.acknowledge('a1', 'done'), true);
    assert.deepEqual(harness.takeGiven(), ['a2']);
    assert.deepEqual([...harness.store.records.keys()], [2, 3]);
  });

  it('has at most inFlight events unacknowledged', async () => {
    harness.attach({ inFlight: 2 });
    await harness.addStored('a1', 'b1', 'c1', 'd1');
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
    harness.acknowledge('b1', 'done');
    assert.deepEqual(harness.takeGiven(), ['c1']);
    assert.equal(harness.queue.pending, 3);
  });

  it('reads at most inFlight bodies at a time', async () => {
    for (const name of ['a1', 'b1', 'c1', 'd1']) {
      const sequence = await harness.store.append('node-1', name, harness.event(name).delivery);
      harness.queue.add({ attempt: 1, order: name, sequence });
    }
    harness.attach({ inFlight: 2 });
    await harness.turns();
    assert.deepEqual([harness.store.reads, harness.takeGiven()], [2, ['a1', 'b1']]);
    harness.acknowledge('a1', 'done');
    await harness.turns();
    assert.deepEqual([harness.store.reads, harness.takeGiven()], [3, ['c1']]);
  });

  it('waits 5 s, 30 s, 2 min and 10 min before the attempts 2 to 5, and notes each attempt in the store', async () => {
    harness.attach();
    await harness.addStored('a1');
    for (const [index, wait] of [5, 30, 120, 600].entries()) {
      harness.acknowledge('a1', 'failed');
      assert.equal(harness.queue.nextAttempt, harness.clock.monotonic() + wait * 1_000);
      await harness.clock.pass(wait * 1_000 - 1);
      assert.equal(harness.given.length, index + 1);
      await harness.clock.pass(1);
      await harness.turns();
      assert.equal(harness.given.length, index + 2);
      assert.equal(harness.store.records.get(1)?.attempt, index + 2);
    }
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1 #2', 'a1 #3', 'a1 #4', 'a1 #5']);
    assert.equal(harness.queue.nextAttempt, undefined);
  });

  it('keeps an event as a dead letter at once if it is given up, says why, and goes on with its chat', async () => {
    harness.attach();
    await harness.addStored('a1', 'a2');
    harness.acknowledge('a1', 'failed', { cause: 'status 503' });
    await harness.clock.pass(5_000);
    await harness.turns();
    assert.equal(harness.acknowledge('a1', 'giveUp', { cause: 'status 422' }), true);
    await harness.turns();
    assert.deepEqual(harness.givenUp, ['a1 after 2: status 422']);
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1 #2', 'a2']);
    assert.equal(harness.acknowledge('a1', 'done'), false, 'nothing waits for it any more');
  });

  it('does not report why an earlier attempt failed if nobody said so of the last one', async () => {
    harness.attach();
    await harness.addStored('a1');
    for (const wait of [5, 30, 120, 600]) {
      harness.acknowledge('a1', 'failed', { cause: 'status 503' });
      await harness.clock.pass(wait * 1_000);
      await harness.turns();
    }
    await harness.clock.pass(60_000);
    await harness.turns();
    assert.deepEqual(harness.givenUp, ['a1 after 5']);
  });

  it('keeps an event as a dead letter after the fifth attempt, reports it, and goes on with its chat', async () => {
    harness.attach({ ackSeconds: 3_600 });
    await harness.addStored('a1', 'a2');
    for (let attempt = 1; attempt <= 5; attempt++) {
      assert.deepEqual(harness.givenUp, []);
      harness.acknowledge('a1', 'failed');
      await harness.clock.pass(600_000);
      await harness.turns();
    }
    assert.deepEqual(harness.givenUp, ['a1 after 5']);
    assert.deepEqual(harness.store.deadLetters, [harness.event('a1').delivery]);
    assert.deepEqual(harness.takeGiven().at(-1), 'a2');
    assert.deepEqual([...harness.store.records.keys()], [2]);
    assert.equal(harness.acknowledge('a1', 'done'), false);
  });

  it('waits as long as the flow asks for, if that is longer than the usual wait', async () => {
    harness.attach();
    await harness.addStored('a1', 'b1');
    harness.acknowledge('a1', 'failed', { retryAfter: 20_000 });
    harness.acknowledge('b1', 'failed', { retryAfter: 1_000 });
    await harness.clock.pass(5_000);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1', 'b1 #2']);
    await harness.clock.pass(15_000);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1 #2']);
  });

  it('does not count a wait against inFlight: other chats go on, later events of its chat wait', async () => {
    harness.attach({ inFlight: 1 });
    await harness.addStored('a1', 'a2', 'b1');
    harness.acknowledge('a1', 'failed');
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
  });

  it('counts an attempt as failed after ackSeconds', async () => {
    harness.attach({ ackSeconds: 10 });
    await harness.addStored('a1');
    await harness.clock.pass(14_999);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1']);
    await harness.clock.pass(1);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1 #2']);
  });

  it('acknowledges an event by a late done of an earlier attempt, also while the next one waits', async () => {
    harness.attach({ ackSeconds: 10 });
    await harness.addStored('a1', 'a2', 'b1');
    const [first, second] = harness.given;
    await harness.clock.pass(11_000);
    assert.equal(harness.queue.acknowledge(first?.id ?? 0, 1, 'done'), true);
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1', 'a2']);
    await harness.clock.pass(5_000);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['b1 #2']);
    assert.equal(harness.queue.acknowledge(second?.id ?? 0, 1, 'done'), true);
    assert.deepEqual([...harness.store.records.keys()], [2]);
  });

  it('ignores failed of an earlier attempt and a second outcome of the same attempt', async () => {
    harness.attach();
    await harness.addStored('a1');
    const id = harness.given[0]?.id ?? 0;
    assert.equal(harness.queue.acknowledge(id, 1, 'failed'), true);
    assert.equal(harness.queue.acknowledge(id, 1, 'failed'), false);
    await harness.clock.pass(5_000);
    await harness.turns();
    assert.equal(harness.queue.acknowledge(id, 1, 'failed'), false);
    assert.equal(harness.queue.acknowledge(id, 2, 'done'), true);
    assert.equal(harness.queue.acknowledge(id, 2, 'done'), false);
    assert.equal(harness.queue.acknowledge(id, 2, 'failed'), false);
    assert.equal(harness.queue.acknowledge(4_711, 1, 'done'), false);
    await harness.clock.pass(60_000);
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1 #2']);
  });

  it('does not count an attempt if the next node was closed before it got the event', async () => {
    harness.attach();
    await harness.addStored('a1');
    harness.beginDeploy();
    await harness.turns();
    harness.attach();
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1']);
    await harness.clock.pass(59_999);
    assert.equal(harness.acknowledge('a1', 'done'), true);
  });

  it('keeps waiting for what the flow has got when the node is deployed again', async () => {
    harness.attach();
    await harness.addStored('a1', 'a2');
    await harness.turns();
    harness.beginDeploy();
    harness.attach();
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1']);
    assert.equal(harness.acknowledge('a1', 'done'), true);
    assert.deepEqual(harness.takeGiven(), ['a2']);
  });

  it('gives each attempt the event as it came, whatever the flow made of it, also if it is in memory only', async () => {
    harness.store.isRefusing = true;
    harness.attach();
    harness.add('a1');
    Object.assign(harness.given[0]?.delivery.item ?? {}, { name: 'changed' });
    assert.equal(harness.queue.acknowledge(harness.given[0]?.id ?? 0, 1, 'failed'), true);
    await harness.clock.pass(5_000);
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1 #2']);
  });

  it('drops what the new filter of the node does not want, and goes on behind it', async () => {
    await harness.addStored('a1', 'a2');
    harness.attach({ events: ['a2'] });
    assert.deepEqual(harness.takeGiven(), ['a2']);
    await harness.clock.pass(1_000);
    assert.deepEqual([harness.dropped, [...harness.store.records.keys()]], [['1 unwanted'], [2]]);
  });
});
