import assert from 'node:assert/strict';
import { FakeClock } from '../support/fake-clock';
import { HOUR, retentionOf } from '../support/retention';

const HOURS = 24;
/** In unix seconds. */
const STORED = 1_800_000_000;

describe('Retention', () => {
  let clock: FakeClock;
  /** ChatApp's time now. */
  let time: number | undefined;
  beforeEach(() => {
    clock = new FakeClock();
    time = undefined;
  });
  const isOver = (kept: { since: number; storedTime?: number }): boolean =>
    retentionOf(clock, { hours: HOURS, serverTime: () => time }).isOver(kept);

  it('keeps what this run has stored for the hours, by the clock that never jumps', async () => {
    const since = clock.monotonic();
    await clock.pass(HOURS * HOUR);
    clock.setTo(clock.now() + 365 * 24 * HOUR);
    assert.equal(isOver({ since }), false);
    await clock.pass(1);
    assert.equal(isOver({ since }), true);
  });

  it('knows the age of what an earlier run has stored by the time of ChatApp', () => {
    const since = clock.monotonic();
    time = STORED + HOURS * 3_600;
    assert.equal(isOver({ since, storedTime: STORED }), false);
    time += 1;
    assert.equal(isOver({ since, storedTime: STORED }), true);
    assert.equal(isOver({ since }), false);
  });

  it('counts from the start as long as the time of ChatApp is not known, or is earlier', async () => {
    const since = clock.monotonic();
    clock.setTo(clock.now() + 365 * 24 * HOUR);
    assert.equal(isOver({ since, storedTime: STORED }), false);
    time = STORED - 1_000_000;
    assert.equal(isOver({ since, storedTime: STORED }), false);
    await clock.pass(HOURS * HOUR + 1);
    assert.equal(isOver({ since, storedTime: STORED }), true);
  });

  it('stamps nothing with a time that is not known', () => {
    const retention = retentionOf(clock, { serverTime: () => time });
    assert.equal(retention.time, undefined);
    time = STORED + 0.7;
    assert.equal(retention.time, STORED);
  });
});
