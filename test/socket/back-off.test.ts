import assert from 'node:assert/strict';
import { reconnectDelay } from '../../src/socket/back-off';

/** The waits of an outage in which nothing works and each try fails at once, in ms. */
function waitsOf(tries: number, chance: number): number[] {
  let [downFor, slowAttempt] = [0, 0];
  return Array.from({ length: tries }, (_, attempt) => {
    const { wait, slow } = reconnectDelay({ attempt, slowAttempt, downFor, random: () => chance });
    downFor += wait;
    if (slow) slowAttempt += 1;
    return wait;
  });
}

describe('the waits before the socket is opened again', () => {
  it('are half a second, then a second for 15 s, then double up to 30 s', () => {
    const soon = Array<number>(15).fill(1_000);
    assert.deepEqual(waitsOf(22, 0.5), [500, ...soon, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('are spread by half, either way', () => {
    assert.deepEqual(waitsOf(3, 0), [250, 500, 500]);
    assert.deepEqual(waitsOf(3, 1), [750, 1_500, 1_500]);
    assert.deepEqual(
      waitsOf(40, 0).slice(30),
      [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000, 15_000],
    );
    assert.deepEqual(
      waitsOf(20, 1).slice(10),
      [1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000, 45_000, 45_000],
    );
  });

  it('are short at the first loss, however long all losses have lasted', () => {
    assert.deepEqual(reconnectDelay({ attempt: 0, slowAttempt: 0, downFor: 99_000, random: () => 0.5 }), {
      wait: 500,
      slow: false,
    });
  });

  it('stay bounded for ever', () => {
    const { wait } = reconnectDelay({ attempt: 9_999, slowAttempt: 9_999, downFor: 1e12, random: () => 0.5 });
    assert.equal(wait, 30_000);
  });
});
