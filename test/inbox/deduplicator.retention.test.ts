import assert from 'node:assert/strict';
import { readSavedKeys, type SavedKeys } from '../../src/inbox/saved-keys';
import { Deduplicating } from '../support/deduplicating';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [A, B, C] = [11, 22, 33];

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

describe('exported keys', () => {
  /** As a store has them. */
  const stored = (keys: Deduplicating, since?: number): SavedKeys[] => {
    const read: unknown = JSON.parse(JSON.stringify(keys.deduplicator.export(since)));
    assert.ok(Array.isArray(read));
    return read.map((entry) => readSavedKeys(entry) ?? assert.fail());
  };

  it('are known to the next run, with edits and how far each source was', () => {
    const keys = new Deduplicating();
    for (let id = 1; id <= 100; id += 1) keys.add(id);
    for (const edit of [A, B, A]) keys.add(1, edit, 'socket');
    keys.add(1, A, 'webhook');
    keys.event = 'messageStatus';
    keys.add(500);
    const next = new Deduplicating();
    next.deduplicator.import(stored(keys));
    for (let id = 2; id <= 100; id += 1) assert.ok(!next.add(id));
    assert.ok(!next.add(1, B, 'webhook') && !next.add(1, A, 'webhook'));
    assert.ok(next.add(1, B, 'socket'));
    assert.ok(next.add(1, C, 'history'));
    assert.ok(next.add(500));
    next.event = 'messageStatus';
    assert.ok(!next.add(500));
  });

  it('are as old in the next run as they were', async () => {
    const keys = new Deduplicating();
    keys.add(1);
    await keys.clock.pass(20 * MINUTE);
    keys.add(2);
    const next = new Deduplicating();
    next.deduplicator.import(stored(keys));
    await next.clock.pass(15 * MINUTE);
    assert.ok(next.add(1));
    assert.ok(!next.add(2));
  });

  it('may be only those since a checkpoint', async () => {
    const keys = new Deduplicating();
    keys.add(1);
    await keys.clock.pass(20 * MINUTE);
    const since = keys.clock.monotonic();
    assert.deepEqual(stored(keys, since), []);
    keys.add(2);
    const next = new Deduplicating();
    next.deduplicator.import(stored(keys, since));
    assert.ok(next.add(1));
    assert.ok(!next.add(2));
  });

  it('of another version are compared by their ids', () => {
    const keys = new Deduplicating();
    keys.add(1, A);
    const next = new Deduplicating();
    next.deduplicator.import(stored(keys).map((saved) => ({ ...saved, version: 0 })));
    assert.ok(!next.add(1) && !next.add(1, B, 'history'));
    assert.ok(next.add(1, B));
  });

  it('are found after a hundred restarts, and do not slow the search down', async () => {
    const { clock } = new Deduplicating();
    let keys = new Deduplicating({ clock, hasWebhooks: true });
    for (let run = 1; run <= 100; run += 1) {
      keys.add(run, run === 1 ? A : 0);
      await clock.pass(MINUTE);
      const next = new Deduplicating({ clock, hasWebhooks: true });
      next.deduplicator.import(stored(keys));
      keys = next;
    }
    assert.ok(stored(keys).length <= 64);
    for (let run = 1; run <= 100; run += 1) assert.ok(!keys.add(run), `${run}`);
    assert.ok(!keys.add(1, A, 'webhook'));
  });

  it('are at most as many as may be kept', () => {
    const keys = new Deduplicating();
    for (let id = 1; id <= 1_000; id += 1) keys.add(id);
    const next = new Deduplicating({ maxKeys: 500 });
    next.deduplicator.import(stored(keys));
    assert.ok(next.deduplicator.size <= 500);
    assert.deepEqual(next.limits, [500]);
  });

  it('are read only if they are what was exported', () => {
    const keys = new Deduplicating();
    keys.add(1, A);
    const [saved] = keys.deduplicator.export();
    assert.deepEqual(readSavedKeys(saved), saved);
    const wrong = [undefined, null, [], {}, ...Object.keys(saved ?? {}).map((name) => ({ ...saved, [name]: ['x'] }))];
    for (const value of wrong) assert.equal(readSavedKeys(value), undefined);
  });
});
