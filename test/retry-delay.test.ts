import assert from 'node:assert/strict';
import { retryDelay } from '../src/retry-delay';

describe('the waits before one channel is asked for again', () => {
  it('double up to the longest, spread by a quarter either way', () => {
    const waits = (chance: number): number[] =>
      [0, 1, 2, 3, 4, 99].map((attempt) => retryDelay(attempt, 500, 4_000, () => chance));
    assert.deepEqual(waits(0.5), [500, 1_000, 2_000, 4_000, 4_000, 4_000]);
    assert.deepEqual(waits(0), [375, 750, 1_500, 3_000, 3_000, 3_000]);
    assert.deepEqual(waits(1), [625, 1_250, 2_500, 5_000, 5_000, 5_000]);
    assert.equal(
      retryDelay(99_999, 500, 4_000, () => 1),
      5_000,
    );
  });
});
