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
  it('are half a second, then a second for 15 s, then 3 s for 2 min, then 30 s', () => {
    const soon = Array<number>(15).fill(1_000);
    const later = Array<number>(35).fill(3_000);
    assert.deepEqual(waitsOf(54, 0.5), [500, ...soon, 2_000, ...later, 30_000, 30_000]);
  });

  it('never exceed 5 s in the first 2 min, and differ from client to client', () => {
    let [downFor, slowAttempt] = [0, 0];
    for (let attempt = 0; downFor < 120_000; attempt += 1) {
      const waits = [0, 0.5, 1].map((chance) => {
        return reconnectDelay({ attempt, slowAttempt, downFor, random: () => chance });
      });
      const [least = NaN, usual = NaN, most = NaN] = waits.map(({ wait }) => wait);
      assert.ok(most < 5_000, `${most} ms after ${downFor} ms`);
      assert.deepEqual([least, most], [usual / 2, usual * 1.5]);
      downFor += usual;
      if (waits[1]?.slow) slowAttempt += 1;
    }
  });

  it('are spread by half, either way', () => {
    assert.deepEqual(waitsOf(3, 0), [250, 500, 500]);
    assert.deepEqual(waitsOf(3, 1), [750, 1_500, 1_500]);
    assert.deepEqual(waitsOf(35, 0).slice(30), [500, 1_000, 1_500, 1_500, 1_500]);
    assert.deepEqual(waitsOf(14, 1).slice(10), [1_500, 3_000, 4_500, 4_500]);
    assert.equal(waitsOf(200, 0).at(-1), 15_000);
    assert.equal(waitsOf(200, 1).at(-1), 45_000);
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
