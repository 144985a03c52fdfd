import assert from 'node:assert/strict';
import { Outage } from '../../src/socket/outage';

const half = (): number => 0.5;

describe('an outage', () => {
  it('is reported once, until there is a socket again', () => {
    const outage = new Outage();
    assert.deepEqual([outage.down(1_000), outage.down(2_000), outage.down(9_000)], [true, false, false]);
    assert.equal(outage.downFor(1_500), 500);
    outage.up(10_000);
    assert.equal(outage.downFor(10_500), 0);
    assert.equal(outage.down(11_000), true);
    assert.equal(outage.downFor(11_200), 200);
  });

  it('lasts as long as its periods without a socket together, less those with one', () => {
    const outage = new Outage();
    assert.equal(outage.length(5_000), 0);
    outage.down(10_000);
    assert.equal(outage.length(14_000), 4_000);
    outage.up(15_000);
    assert.equal(outage.length(17_000), 5_000);
    outage.down(17_000);
    assert.equal(outage.length(24_000), 10_000);
  });

  it('is not ended by a shorter period with a socket: the waits keep growing', () => {
    const outage = new Outage();
    const waits: number[] = [];
    let now = 0;
    for (let round = 0; round < 55; round += 1) {
      outage.down(now);
      const wait = outage.nextDelay(now, half);
      waits.push(wait);
      now += wait;
      outage.up(now);
      now += 10;
    }
    assert.deepEqual(waits.slice(16, 20), [2_000, 3_000, 3_000, 3_000]);
    assert.deepEqual(waits.slice(-2), [30_000, 30_000]);
    assert.equal(outage.isUnreported('x'), true);
    outage.down(now);
    assert.equal(outage.isUnreported('x'), false);
  });

  it('is over once the socket has held for as long as it was missing: regular drops cost half a second each', () => {
    const outage = new Outage();
    let now = 0;
    for (let drop = 0; drop < 100; drop += 1) {
      outage.down(now);
      const wait = outage.nextDelay(now, half);
      assert.equal(wait, 500);
      assert.ok(outage.isUnreported('x'));
      now += wait;
      outage.up(now);
      now += 20_000;
    }
  });

  it('is forgotten after 60 s with a socket', () => {
    const outage = new Outage();
    outage.down(0);
    for (let attempt = 0; attempt < 9; attempt += 1) outage.nextDelay(100_000, half);
    outage.isUnreported('lost');
    outage.up(100_000);
    outage.down(160_000);
    assert.equal(outage.length(160_000), 0);
    assert.equal(outage.nextDelay(160_000, half), 500);
    assert.equal(outage.nextDelay(161_000, half), 1_000);
    assert.equal(outage.isUnreported('lost'), true);
  });

  it('tells each thing once', () => {
    const outage = new Outage();
    outage.down(0);
    assert.deepEqual(
      ['a', 'b', 'a', 'b', 'c'].map((what) => outage.isUnreported(what)),
      [true, true, false, false, true],
    );
  });
});
