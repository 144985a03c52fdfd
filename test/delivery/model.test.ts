import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DeliveryHarness } from '../support/delivery-harness';

const ACK = fc.constantFrom('sent' as const, 'done' as const);
const CHAT = fc.constantFrom('a', 'b', 'c');

const STEP = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), chat: CHAT, isStored: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), pick: fc.nat(), isDone: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('attach' as const), ack: ACK }) },
  fc.record({ do: fc.constant('deploy' as const) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(10, 1_000, 6_000, 60_000, 700_000) }),
);

type Step = typeof STEP extends fc.Arbitrary<infer T> ? T : never;

/** Takes the steps, and then delivers and acknowledges all that is pending. Returns the names of the events in order. */
async function play(harness: DeliveryHarness, steps: readonly Step[]): Promise<string[]> {
  const added: string[] = [];
  for (const step of steps) {
    if (step.do === 'add') {
      const name = `${step.chat}${added.push(`${step.chat}${added.length}`) - 1}`;
      if (step.isStored) await harness.addStored(name);
      else harness.add(name);
    } else if (step.do === 'settle') {
      const given = harness.given[step.pick % Math.max(1, harness.given.length)];
      // A flow does not know what it did not get.
      if (given?.isLost === false) harness.queue.acknowledge(given.id, given.attempt, step.isDone ? 'done' : 'failed');
    } else if (step.do === 'attach') harness.attach({ ack: step.ack, ackSeconds: 60 });
    else if (step.do === 'deploy') harness.beginDeploy();
    else if (step.do === 'turn') await harness.turns(1);
    else await harness.clock.pass(step.ms);
  }
  await harness.turns();
  harness.attach({ ackSeconds: 86_400 });
  for (let rounds = 0; harness.queue.pending > 0; rounds++) {
    assert.ok(rounds < 1_000, `${harness.queue.pending} events are stuck`);
    await harness.turns();
    for (const { id, attempt } of harness.given) harness.queue.acknowledge(id, attempt, 'done');
    await harness.clock.pass(60_000);
  }
  await harness.turns();
  return added;
}

function firstDeliveries({ given }: DeliveryHarness, isOfChat: (name: string) => boolean): string[] {
  return [...new Set(given.filter(({ name, isLost }) => isOfChat(name) && !isLost).map(({ name }) => name))];
}

describe('DeliveryQueue under any sequence of events, outcomes and deploys', () => {
  it('loses nothing, repeats only what is marked as a further attempt, and keeps the order of each chat', async () => {
    const steps = fc.array(STEP, { maxLength: 40, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, ACK, async (sequence, ack) => {
        const harness = new DeliveryHarness(ack);
        try {
          const added = await play(harness, sequence);
          for (const chat of ['a', 'b', 'c']) {
            const isOfChat = (name: string): boolean => name.startsWith(chat);
            assert.deepEqual(firstDeliveries(harness, isOfChat), added.filter(isOfChat), 'in order, none lost');
          }
          const highest = new Map<string, number>();
          for (const { name, attempt, isLost } of harness.given) {
            assert.ok(attempt > (highest.get(name) ?? 0), `${name} is delivered twice as attempt ${attempt}`);
            if (!isLost) highest.set(name, attempt);
          }
          assert.deepEqual(harness.secured.toSorted(), added.toSorted(), 'each event is secured once');
          assert.equal(harness.store.records.size, 0);
        } finally {
          harness.queue.close();
        }
      }),
      { numRuns: 300 },
    );
  });
});
