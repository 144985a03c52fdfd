import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { DeliveryHarness } from '../support/delivery-harness';

const EVENTS = 50_000;
const CHATS = 20_000;
/** How many events one turn of the event loop may deliver. */
const MAX_PER_TURN = 100;

async function addBacklog(harness: DeliveryHarness): Promise<void> {
  for (let index = 0; index < EVENTS; index++) {
    const name = String(index);
    const sequence = await harness.store.append('node-1', name, harness.event(name).delivery);
    harness.queue.add({ attempt: 1, order: String(index % CHATS), sequence });
  }
}

/** The most events that one turn of the event loop delivered until none was pending. */
async function mostInOneTurn(harness: DeliveryHarness, act: () => void): Promise<number> {
  let most = 0;
  while (harness.queue.pending > 0) {
    const before = harness.given.length;
    act();
    await turn();
    most = Math.max(most, harness.given.length - before);
  }
  return most;
}

describe('DeliveryQueue with a backlog of 50,000 events', () => {
  it('delivers all of them in portions with ack: sent', async () => {
    const harness = new DeliveryHarness('sent');
    await addBacklog(harness);
    harness.attach({ ack: 'sent' });
    assert.ok((await mostInOneTurn(harness, () => undefined)) <= MAX_PER_TURN);
    assert.equal(harness.given.length, EVENTS);
  });

  it('delivers all of them in portions with ack: done', async () => {
    const harness = new DeliveryHarness();
    await addBacklog(harness);
    harness.attach();
    let settled = 0;
    const settle = (): void => {
      for (const { id } of harness.given.slice(settled)) harness.queue.acknowledge(id, 1, 'done');
      settled = harness.given.length;
    };
    assert.ok((await mostInOneTurn(harness, settle)) <= 2 * MAX_PER_TURN);
    assert.equal(harness.given.length, EVENTS);
  });
});
