import assert from 'node:assert/strict';
import { Deduplicating } from '../support/deduplicating';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const A = 11;

describe('the keys of a deduplicator', () => {
  it('are kept for 30 min, and not much longer', async () => {
    const keys = new Deduplicating();
    for (const event of ['message', 'messageStatus']) {
      keys.event = event;
      assert.ok(keys.add(1));
      await keys.clock.pass(29 * MINUTE);
      assert.ok(!keys.add(1));
      await keys.clock.pass(8 * MINUTE);
      assert.ok(keys.add(1), event);
    }
  });

  it('go after 30 min of silence, and leave no timer behind', async () => {
    const keys = new Deduplicating();
    for (let id = 1; id <= 1_000; id += 1) keys.add(id);
    await keys.clock.pass(29 * MINUTE);
    assert.equal(keys.deduplicator.size, 1_000);
    await keys.clock.pass(8 * MINUTE);
    assert.equal(keys.deduplicator.size, 0);
    assert.equal(keys.clock.pending, 0);
    keys.add(1);
    keys.deduplicator.stop();
    assert.equal(keys.clock.pending, 0);
    keys.add(2);
    assert.equal(keys.clock.pending, 0, 'after the end nothing is left to be done');
  });

  it('are kept for 24 h with webhooks', async () => {
    const keys = new Deduplicating({ hasWebhooks: true });
    for (const event of ['message', 'messageStatus']) {
      keys.event = event;
      assert.ok(keys.add(1));
      await keys.clock.pass(24 * HOUR - 1);
      assert.ok(!keys.add(1));
      await keys.clock.pass(5 * HOUR);
      assert.ok(keys.add(1), event);
    }
  });

  it('of messages are kept while a gap is open, if the history reaches so far back', async () => {
    const keys = new Deduplicating({ recoverHours: 6 });
    keys.gapSince = keys.clock.monotonic();
    assert.ok(keys.add(1));
    for (let hour = 1; hour < 6; hour += 1) {
      await keys.clock.pass(HOUR);
      assert.ok(!keys.add(1, 0, 'history'));
      keys.add(100 + hour);
    }
    await keys.clock.pass(3 * HOUR);
    assert.ok(keys.add(1, 0, 'history'), 'the history does not reach so far back any more');
    assert.ok(!keys.add(105));
    keys.gapSince = undefined;
    await keys.clock.pass(MINUTE);
    assert.ok(keys.add(105), 'the gap is closed');
  });

  it('of messages that came in the minutes before a gap are kept while it is open', async () => {
    const keys = new Deduplicating();
    keys.add(1);
    await keys.clock.pass(11 * MINUTE);
    keys.gapSince = keys.clock.monotonic();
    for (const hours of [0.5, 0.5, 1, 10]) {
      await keys.clock.pass(hours * HOUR);
      assert.ok(!keys.add(1, 0, 'history'));
    }
  });

  it('of an edit are kept as long as others, although the message is older', async () => {
    const keys = new Deduplicating();
    keys.add(1);
    await keys.clock.pass(20 * MINUTE);
    assert.ok(keys.add(1, A));
    await keys.clock.pass(20 * MINUTE);
    assert.ok(!keys.add(1, A, 'webhook'));
    assert.ok(!keys.add(1, 0, 'webhook'));
  });

  it('do not depend on the time of day', async () => {
    const keys = new Deduplicating();
    keys.add(1);
    await keys.clock.pass(MINUTE);
    for (const days of [3, -3]) {
      keys.clock.setTo(keys.clock.now() + days * 24 * HOUR);
      await keys.clock.pass(MINUTE);
      assert.ok(!keys.add(1));
    }
  });

  it('are dropped, the oldest first, if there are too many, and that is reported once', async () => {
    const keys = new Deduplicating({ maxKeys: 160 });
    for (let id = 1; id <= 160; id += 1) {
      keys.event = id % 2 ? 'message' : 'messageStatus';
      assert.ok(keys.add(id));
    }
    assert.deepEqual(keys.limits, []);
    for (let id = 161; id <= 1_000; id += 1) {
      assert.ok(keys.add(id));
      assert.ok(keys.deduplicator.size <= 160);
    }
    assert.deepEqual(keys.limits, [160]);
    assert.ok(!keys.add(1_000) && !keys.add(900));
    assert.ok(keys.add(2));
    await keys.clock.pass(HOUR);
    for (let id = 2_001; id <= 2_161; id += 1) keys.add(id);
    assert.deepEqual(keys.limits, [160, 160], 'another incident');
  });

  it('include edits in their number', () => {
    const keys = new Deduplicating({ maxKeys: 160 });
    for (let edit = 0; edit <= 160; edit += 1) keys.add(1, edit);
    assert.deepEqual(keys.limits, [160]);
  });
});
