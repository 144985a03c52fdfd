import assert from 'node:assert/strict';
import { DeliveryHarness } from '../support/delivery-harness';

const SENT = { ack: 'sent' } as const;

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

describe('DeliveryQueue with ack: sent', () => {
  it('sends events at once and in order', () => {
    const harness = new DeliveryHarness('sent');
    harness.attach(SENT);
    harness.add('a1', 'b1', 'a2');
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1', 'a2']);
    assert.equal(harness.queue.pending, 0);
  });

  it('counts an event as delivered one turn of the event loop after it was sent', async () => {
    const harness = new DeliveryHarness('sent');
    harness.attach(SENT);
    harness.add('a1');
    assert.deepEqual(harness.secured, []);
    await harness.turns(1);
    assert.deepEqual(harness.secured, ['a1']);
  });

  it('confirms each event in a turn after its own, also if an earlier one was sent in the same turn', async () => {
    const harness = new DeliveryHarness('sent');
    const passedOn: string[] = [];
    const early: string[] = [];
    harness.attach({
      ...SENT,
      // As Node-RED does it.
      onItem: ({ event }) => void setImmediate(() => passedOn.push(event)),
      trackDelivery:
        ({ event }) =>
        () => {
          if (!passedOn.includes(event)) early.push(event);
          return true;
        },
    });
    harness.add('a1', 'a2', 'a3');
    await harness.turns(1);
    assert.deepEqual([passedOn, early], [['a1', 'a2', 'a3'], []]);
  });

  it('delivers to the successor what the closed next node did not get, before what came later', async () => {
    const harness = new DeliveryHarness('sent');
    harness.attach(SENT);
    harness.add('a1', 'a2');
    harness.beginDeploy();
    harness.add('a3');
    await harness.turns();
    assert.deepEqual([harness.takeGiven(), harness.secured, harness.queue.pending], [['a1', 'a2'], [], 3]);
    harness.attach(SENT);
    assert.deepEqual(harness.takeGiven(), ['a1', 'a2', 'a3']);
    await harness.turns();
    assert.deepEqual(harness.secured, ['a1', 'a2', 'a3']);
  });

  it('lets no event overtake an undelivered one, though the node is there all the time', async () => {
    const harness = new DeliveryHarness('sent');
    harness.attach(SENT);
    harness.add('a1');
    harness.generation += 1;
    // Between the turn of the first event and that of the second, a third one comes.
    setImmediate(() => harness.add('a3'));
    harness.add('a2');
    harness.generation += 1;
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'a2', 'a1', 'a2', 'a3']);
    assert.deepEqual(harness.secured, ['a1', 'a2', 'a3']);
  });

  it('holds events while the node is away and delivers them when it is back', async () => {
    const harness = new DeliveryHarness('sent');
    harness.add('a1', 'b1');
    assert.equal(harness.queue.pending, 2);
    harness.attach(SENT);
    harness.queue.detach();
    harness.add('a2');
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
    await harness.turns();
    harness.attach(SENT);
    assert.deepEqual(harness.takeGiven(), ['a2']);
  });

  it('delivers a backlog in portions of 100 per turn, and later events behind it', async () => {
    const harness = new DeliveryHarness('sent');
    harness.add(...numbered('a', 250));
    harness.attach(SENT);
    assert.equal(harness.takeGiven().length, 100);
    harness.add('z1');
    assert.deepEqual(harness.takeGiven(), []);
    await harness.turns(1);
    assert.equal(harness.takeGiven().length, 100);
    await harness.turns();
    const names = harness.given.map(({ name }) => name);
    assert.deepEqual(names, [...numbered('a', 250), 'z1']);
  });

  it('drops what the new filter of the node does not want, and reports how many', async () => {
    const harness = new DeliveryHarness('sent');
    harness.add(...numbered('a', 300), 'b1');
    harness.attach({ ...SENT, events: ['b1'] });
    await harness.turns(5);
    assert.deepEqual([harness.takeGiven(), harness.dropped], [['b1'], []]);
    await harness.clock.pass(1_000);
    assert.deepEqual([harness.dropped, harness.secured.length], [['300 unwanted'], 301]);
  });

  it('goes on if the node throws', async () => {
    const harness = new DeliveryHarness('sent');
    const onItem = (): never => {
      throw new TypeError('a secret');
    };
    harness.attach({ ...SENT, onItem });
    harness.add('a1', 'a2');
    await harness.turns();
    assert.deepEqual(harness.secured, ['a1', 'a2']);
    assert.deepEqual(harness.warnings, Array(2).fill('A listener of private-v1.users.1 failed on an event: TypeError'));
  });

  it('removes stored events from the store once they are delivered', async () => {
    const harness = new DeliveryHarness('sent');
    await harness.addStored('a1', 'a2');
    harness.attach(SENT);
    assert.equal(harness.store.records.size, 2);
    await harness.turns();
    assert.equal(harness.store.records.size, 0);
  });
});

describe('DeliveryQueue if a node is made again within one turn', () => {
  it('sends nothing before it is known whether the last events of the predecessor arrived', async () => {
    const harness = new DeliveryHarness('sent');
    harness.attach(SENT);
    harness.add('a1');
    harness.beginDeploy();
    harness.attach(SENT);
    harness.add('a2');
    assert.deepEqual(harness.takeGiven(), ['a1']);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'a2']);
  });
});

describe('DeliveryQueue if the kind of acknowledgement changes', () => {
  it('delivers what waits for a further attempt as sent at once', async () => {
    const harness = new DeliveryHarness();
    harness.attach();
    await harness.addStored('a1', 'a2');
    harness.acknowledge('a1', 'failed');
    harness.queue.detach();
    harness.attach(SENT);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1 #2', 'a2']);
    harness.queue.close();
    assert.deepEqual([harness.queue.pending, harness.store.records.size, harness.clock.pending], [0, 0, 0]);
  });

  it('counts what is in flight as a further attempt', async () => {
    const harness = new DeliveryHarness();
    harness.attach();
    await harness.addStored('a1');
    harness.attach(SENT);
    await harness.turns();
    assert.deepEqual(harness.takeGiven(), ['a1', 'a1 #2']);
  });

  it('delivers one event per chat from then on if the flow has to acknowledge', () => {
    const harness = new DeliveryHarness('sent');
    harness.add('a1', 'a2', 'b1');
    harness.attach();
    assert.deepEqual(harness.takeGiven(), ['a1', 'b1']);
  });

  it('reads a body that is being read only once more, and delivers it once', async () => {
    const harness = new DeliveryHarness();
    await harness.store.append('node-1', 'a', harness.event('a1').delivery);
    harness.queue.add({ attempt: 1, order: 'a', sequence: 1 });
    harness.attach();
    harness.attach(SENT);
    harness.attach();
    await harness.turns(5);
    assert.deepEqual(harness.takeGiven(), ['a1']);
  });
});
