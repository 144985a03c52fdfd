import assert from 'node:assert/strict';
import { Traces } from '../../src/feed/traces';

describe('the traces of what was delivered', () => {
  it('are found by their ids, with all that was noted, however many there are', () => {
    const traces = new Traces();
    const idOf = (number: number): number => (number * 2_654_435_761 * 1_000_003) % Number.MAX_SAFE_INTEGER;
    for (let number = 1; number <= 20_000; number += 1)
      traces.set(idOf(number), -number, number + 0.5, number % 3 === 0);
    assert.equal(traces.size, 20_000);
    for (let number = 1; number <= 20_000; number += 1) {
      const place = traces.find(idOf(number));
      assert.equal(traces.contentAt(place), -number);
      assert.equal(traces.timeAt(place), number + 0.5);
      assert.equal(traces.wasRecoveredAt(place), number % 3 === 0);
    }
    for (let number = 20_001; number < 21_000; number += 1) assert.equal(traces.find(idOf(number)), -1);
  });

  it('are told apart where their ids end alike', () => {
    const traces = new Traces();
    const ids = Array.from({ length: 100 }, (_, number) => 7 + number * 2 ** 40);
    for (const [number, id] of ids.entries()) traces.set(id, number, 0, false);
    for (const [number, id] of ids.entries()) assert.equal(traces.contentAt(traces.find(id)), number);
    assert.equal(traces.find(7 + 100 * 2 ** 40), -1);
  });

  it('are one where an id is noted anew', () => {
    const traces = new Traces();
    traces.set(5, 1, 10, true);
    traces.set(5, 2, 20, false);
    assert.equal(traces.size, 1);
    const place = traces.find(5);
    assert.deepEqual([traces.contentAt(place), traces.timeAt(place), traces.wasRecoveredAt(place)], [2, 20, false]);
  });

  it('take even an id of zero, and find nothing before the first', () => {
    const traces = new Traces();
    assert.equal(traces.find(0), -1);
    traces.set(0, 3, 4, false);
    assert.equal(traces.contentAt(traces.find(0)), 3);
  });
});
