import assert from 'node:assert/strict';
import { HandledEvents } from '../../src/cluster/handled-events';
import { ClusterNats } from '../support/cluster-nats';

describe('What was handled of a partition', () => {
  let nats: ClusterNats;

  beforeEach(async function () {
    const opened = await ClusterNats.open();
    if (!opened) return this.skip();
    nats = opened;
  });

  afterEach(() => nats.end());

  const of = async (instance: string, stream = 'today'): Promise<HandledEvents> =>
    new HandledEvents(await nats.connect(), 'node-1', 3, stream, instance);

  it('is known to the next owner', async () => {
    const first = await of('a');
    await first.own(0);
    first.raiseFloor(5);
    for (const sequence of [7, 9]) first.add(sequence);
    first.noteAttempt(8, 2);
    await first.release();
    const second = await of('b');
    await second.own(12);
    assert.deepEqual(
      [4, 5, 6, 7, 8, 9].filter((sequence) => second.has(sequence)),
      [4, 5, 7, 9],
    );
    assert.equal(second.attemptOf(8), 2);
    assert.equal(second.mayBeRepeated(12), false);
  });

  it('is uncertain after an owner that has not released it, also for those after the next one', async () => {
    await (await of('a')).own(0);
    const second = await of('b');
    await second.own(12);
    assert.equal(second.mayBeRepeated(12), true);
    assert.equal(second.mayBeRepeated(13), false);
    await second.release();
    const third = await of('c');
    await third.own(20);
    assert.equal(third.mayBeRepeated(12), true);
    assert.equal(third.mayBeRepeated(13), false);
    third.raiseFloor(12);
    await third.release();
    const fourth = await of('d');
    await fourth.own(20);
    assert.equal(fourth.mayBeRepeated(12), false);
  });

  it('is added by a former owner that does not become the owner again by that', async () => {
    const first = await of('a');
    await first.own(0);
    const second = await of('b');
    await second.own(12);
    first.add(3);
    await first.save();
    const third = await of('c');
    await third.load();
    assert.equal(third.has(3), true);
    // `b` has the partition: what it has handled since is uncertain for `a`.
    await first.own(15);
    assert.equal(first.mayBeRepeated(15), true);
  });

  it('means nothing for another stream', async () => {
    const first = await of('a');
    await first.own(0);
    first.raiseFloor(5);
    await first.release();
    const second = await of('b', 'tomorrow');
    assert.equal(await second.load(), 'otherStream');
    assert.equal(second.has(5), false);
  });
});
