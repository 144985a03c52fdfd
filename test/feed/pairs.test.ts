import assert from 'node:assert/strict';
import { Pairs, type Door } from '../../src/feed/pairs';
import { FakeClock } from '../support/fake-clock';

const ITEM = { chat: { id: 7, name: 'Ana' }, read: true };

describe('the pairs of events without id and time that come by two doors', () => {
  let clock: FakeClock;
  let pairs: Pairs;
  const comes = (door: Door, item: object = ITEM, isCopyDue = true): boolean =>
    pairs.isNew(door, 'chatRead', { ...item }, isCopyDue);
  beforeEach(() => {
    clock = new FakeClock();
    pairs = new Pairs(clock);
  });

  it('are one event, whichever door is faster', () => {
    assert.deepEqual([comes('socket'), comes('webhook')], [true, false]);
    assert.deepEqual([comes('webhook'), comes('socket')], [true, false]);
  });

  it('leave equal announcements by one door alone: each has a copy of its own', () => {
    assert.deepEqual([comes('socket'), comes('socket'), comes('socket')], [true, true, true]);
    assert.deepEqual(
      [comes('webhook'), comes('webhook'), comes('webhook'), comes('webhook')],
      [false, false, false, true],
    );
  });

  it('do not depend on the order of fields', () => {
    assert.ok(comes('socket'));
    assert.ok(!comes('webhook', { read: true, chat: { name: 'Ana', id: 7 } }));
    assert.ok(comes('socket', { list: [1, 2] }));
    assert.ok(comes('webhook', { list: [2, 1] }), 'the order of a list does count');
  });

  it('are told apart by event and content', () => {
    assert.ok(comes('socket'));
    assert.ok(comes('webhook', { ...ITEM, read: false }));
    assert.ok(pairs.isNew('webhook', 'chatUnread', ITEM, true));
    assert.ok(!comes('webhook'));
  });

  it('are not awaited where the other door is shut, but found where the first copy came before', () => {
    assert.ok(comes('webhook', ITEM, false));
    assert.ok(comes('socket'), 'another one');
    assert.ok(!comes('webhook', ITEM, false), 'the copy of that');
  });

  it('make up for a copy that one door has lost: the next announcement comes through once', () => {
    assert.ok(comes('socket'), 'its copy never comes');
    assert.ok(comes('socket'));
    assert.ok(!comes('webhook'));
  });

  it('do not carry a lost copy on for ever, however many equal ones follow', async () => {
    comes('socket');
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.pass(60_000);
      assert.deepEqual([comes('socket'), comes('webhook')], [true, false]);
    }
    assert.ok(comes('webhook', ITEM, false), 'none is awaited any more');
  });

  it('come within 2 min, or are two events', async () => {
    comes('socket');
    await clock.pass(119_000);
    assert.ok(!comes('webhook'));
    comes('socket');
    await clock.pass(120_000);
    assert.ok(comes('webhook'));
  });

  it('are forgotten when there are too many, the oldest first', () => {
    for (let id = 0; id <= 5_000; id += 1) assert.ok(comes('socket', { id }));
    assert.ok(comes('webhook', { id: 0 }), 'the oldest is forgotten');
    assert.ok(!comes('webhook', { id: 5_000 }));
    assert.ok(!comes('webhook', { id: 2 }));
  });
});
