import assert from 'node:assert/strict';
import { DeadLetters } from '../../src/inbox/dead-letters';
import { FakeClock } from '../support/fake-clock';
import { HOUR, retentionOf } from '../support/retention';

const MINUTE = 60_000;
const FACTS = { subscriber: 'node-1' };

describe('DeadLetters', () => {
  let clock: FakeClock;
  let removed: number[];
  let reports: number[];
  let letters: DeadLetters;
  beforeEach(() => {
    clock = new FakeClock();
    [removed, reports] = [[], []];
    letters = new DeadLetters({
      limit: { events: 3, bytes: 100 },
      retention: retentionOf(clock),
      clock,
      remove: (sequence) => removed.push(sequence),
      onRemoved: (count) => reports.push(count),
    });
  });

  it('removes the oldest if there are too many, and reports how many within a minute', async () => {
    for (const sequence of [1, 2, 3, 4, 5]) letters.add(sequence, 10, FACTS);
    assert.deepEqual([removed, reports], [[1, 2], []]);
    await clock.pass(MINUTE);
    assert.deepEqual(reports, [2]);
    await clock.pass(MINUTE);
    assert.deepEqual(reports, [2]);
  });

  it('removes the oldest if they take too much room', () => {
    letters.add(1, 60, FACTS);
    letters.add(2, 30, FACTS);
    letters.add(3, 11, FACTS);
    assert.deepEqual(removed, [1]);
    letters.add(4, 200, FACTS);
    assert.deepEqual(removed, [1, 2, 3, 4]);
  });

  it('removes each after the hours that it is kept, also one of an earlier run', async () => {
    letters.add(1, 10, FACTS, clock.now() / 1_000 - 23 * 3_600);
    letters.add(2, 10, FACTS);
    await clock.pass(HOUR);
    assert.deepEqual(removed, []);
    await clock.pass(MINUTE);
    assert.deepEqual([removed, reports], [[1], [1]]);
    await clock.pass(23 * HOUR);
    assert.deepEqual(
      [removed, reports],
      [
        [1, 2],
        [1, 1],
      ],
    );
    assert.equal(clock.pending, 0);
  });

  it('reports at once what was removed, and keeps no timer, when it is stopped', () => {
    for (const sequence of [1, 2, 3, 4]) letters.add(sequence, 10, FACTS);
    letters.stop();
    assert.deepEqual([reports, clock.pending], [[1], 0]);
  });
});
