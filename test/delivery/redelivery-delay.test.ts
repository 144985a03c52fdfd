import assert from 'node:assert/strict';
import { MAX_ATTEMPTS, redeliveryDelay } from '../../src/delivery/redelivery-delay';

const MINUTE = 60_000;

describe('redeliveryDelay', () => {
  it('spreads each wait by a fifth either way', () => {
    const seconds = [5, 30, 120, 600].map((_, index) =>
      [0, 0.5, 0.999_999].map((random) => Math.round((redeliveryDelay(index + 1, 0, () => random) ?? 0) / 10) / 100),
    );
    assert.deepEqual(seconds, [
      [4, 5, 6],
      [24, 30, 36],
      [96, 120, 144],
      [480, 600, 720],
    ]);
  });

  it('ends after five attempts', () => {
    assert.equal(MAX_ATTEMPTS, 5);
    for (const attempt of [5, 6, 100])
      assert.equal(
        redeliveryDelay(attempt, MINUTE, () => 0.5),
        undefined,
      );
  });

  it('is at least what the server asks for, up to an hour', () => {
    assert.equal(
      redeliveryDelay(1, MINUTE, () => 0.5),
      MINUTE,
    );
    assert.equal(
      redeliveryDelay(1, 24 * 60 * MINUTE, () => 0.5),
      60 * MINUTE,
    );
    assert.equal(
      redeliveryDelay(4, MINUTE, () => 0.5),
      10 * MINUTE,
    );
  });
});
