import assert from 'node:assert/strict';
import { CrossSourceDeduplicator } from '../../src/inbox/cross-source-deduplicator';
import type { LiveSource } from '../../src/events';
import { FakeClock } from '../support/fake-clock';

describe('a cross-source deduplicator', () => {
  let clock: FakeClock;
  let deduplicator: CrossSourceDeduplicator;
  const comes = (source: LiveSource, hash = 7, isCopyDue = true): boolean =>
    deduplicator.add('channel', hash, source, isCopyDue);
  beforeEach(() => {
    clock = new FakeClock();
    deduplicator = new CrossSourceDeduplicator(clock);
  });

  it('lets an event pass once that comes by both sources, whichever is faster', () => {
    assert.deepEqual([comes('socket'), comes('webhook')], [true, false]);
    assert.deepEqual([comes('webhook'), comes('socket')], [true, false]);
  });

  it('lets equal events by one source pass: each has a copy of its own', () => {
    assert.deepEqual([comes('socket'), comes('socket'), comes('socket')], [true, true, true]);
    assert.deepEqual(
      [comes('webhook'), comes('webhook'), comes('webhook'), comes('webhook')],
      [false, false, false, true],
    );
  });

  it('tells channels and contents apart', () => {
    assert.ok(comes('socket'));
    assert.ok(comes('webhook', 8));
    assert.ok(deduplicator.add('another', 7, 'webhook', true));
    assert.ok(!comes('webhook'));
  });

  it('expects no copy while the other source is down, but finds one that came before', () => {
    assert.ok(comes('webhook', 7, false));
    assert.ok(comes('socket'), 'another one');
    assert.ok(!comes('webhook', 7, false), 'the copy of that');
  });

  it('lets the next event pass once if one source has lost a copy', () => {
    assert.ok(comes('socket'), 'its copy never comes');
    assert.ok(comes('socket'));
    assert.ok(!comes('webhook'));
  });

  it('waits for a lost copy for 2 min only, however many equal events follow', async () => {
    comes('socket');
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.pass(60_000);
      assert.deepEqual([comes('socket'), comes('webhook')], [true, false]);
    }
    assert.ok(comes('webhook', 7, false), 'none is waited for any more');
  });

  it('takes a copy that comes later than 2 min for another event, whatever the time of day says', async () => {
    comes('socket');
    clock.setTo(clock.now() + 86_400_000);
    await clock.pass(119_000);
    assert.ok(!comes('webhook'));
    comes('socket');
    clock.setTo(clock.now() - 86_400_000);
    await clock.pass(120_000);
    assert.ok(comes('webhook'));
  });

  it('waits for 50,000 copies at most, and gives up the oldest first', () => {
    for (let hash = 0; hash <= 50_000; hash += 1) assert.ok(comes('socket', hash));
    assert.ok(comes('webhook', 0), 'the oldest is forgotten');
    assert.ok(!comes('webhook', 50_000));
    assert.ok(!comes('webhook', 2));
  });
});
