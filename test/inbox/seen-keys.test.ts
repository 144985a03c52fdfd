import assert from 'node:assert/strict';
import { KeySegment } from '../../src/inbox/seen-keys';

/** Spread over 53 bits, as hashes are. */
const idOf = (number: number): number => (number * 2_654_435_761 * 1_000_003) % Number.MAX_SAFE_INTEGER;
const segmentOf = (ids: readonly number[]): KeySegment => {
  const segment = new KeySegment(0, 1);
  for (const id of ids) segment.add(id);
  return segment;
};

describe('a key segment', () => {
  it('has the ids that were added, and no others, however many there are', () => {
    const ids = Array.from({ length: 20_000 }, (_, number) => idOf(number + 1));
    const segment = segmentOf(ids);
    assert.ok(ids.every((id) => segment.has(id)));
    for (let number = 20_001; number < 30_000; number += 1) assert.ok(!segment.has(idOf(number)));
    assert.deepEqual([...segment.ids].sort(), [...ids].sort());
    assert.equal(segment.count, 20_000);
  });

  it('tells ids with the same last bits apart, also after one of them is removed', () => {
    const ids = Array.from({ length: 100 }, (_, number) => 7 + number * 2 ** 40);
    const segment = segmentOf(ids);
    segment.remove(7);
    segment.remove(8);
    assert.deepEqual([...segment.ids].sort(), ids.slice(1).sort());
    assert.ok(!segment.has(7));
    assert.ok(ids.slice(1).every((id) => segment.has(id)));
  });

  it('takes a removed id again', () => {
    const segment = segmentOf([5]);
    segment.remove(5);
    segment.add(5);
    assert.ok(segment.has(5));
    assert.deepEqual(segment.ids, [5]);
  });

  it('is not filled by one id that is added and removed again and again', () => {
    const segment = segmentOf([]);
    for (let turn = 0; turn < 1_000; turn += 1) {
      segment.add(5);
      segment.remove(5);
    }
    assert.ok(!segment.has(5) && !segment.has(6));
  });
});
