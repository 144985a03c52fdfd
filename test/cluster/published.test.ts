import assert from 'node:assert/strict';
import { Published } from '../../src/cluster/published';
import { markOf } from '../../src/cluster/wire';
import type { Delivery } from '../../src/inbox/delivery';
import { messageIn, readIn } from '../support/deliveries';
import { FakeClock } from '../support/fake-clock';

const SUBJECT = 'stream.events.one.3';

/** What was published, and what is asked about it. */
function stage(...deliveries: readonly Delivery[]): {
  clock: FakeClock;
  has: (delivery: Delivery, on?: string) => boolean;
} {
  const clock = new FakeClock();
  const published = new Published(clock);
  for (const delivery of deliveries) published.note(SUBJECT, markOf(delivery));
  return { clock, has: (delivery, on = SUBJECT) => published.has(on, markOf(delivery)) };
}

const edited = (delivery: Delivery): Delivery => ({ ...delivery, item: { ...delivery.item, edited: true } });
const otherwise = (delivery: Delivery): Delivery => ({ ...delivery, item: { ...delivery.item, type: 'other' } });

describe('what was published before', () => {
  it('is known by its identity, for its listener and channel', () => {
    const { has } = stage(messageIn('7', 1));
    assert.ok(has(messageIn('7', 1, { receivedAt: 1 })));
    assert.ok(!has(messageIn('7', 2)));
    assert.ok(!has(messageIn('8', 1)));
    assert.ok(!has(messageIn('7', 1), 'stream.events.two.3'));
    assert.ok(!has(messageIn('7', 1, { channel: 'private-v1.companies.1.users.2' })));
  });

  it('is known when the history writes it a little differently, but an edit is news', () => {
    const { has } = stage(messageIn('7', 1));
    assert.ok(has(otherwise(messageIn('7', 1, { recovered: true }))));
    assert.ok(!has(edited(messageIn('7', 1, { recovered: true }))));
    assert.ok(has(edited(messageIn('7', 1))));
  });

  it('is known the other way about: recovered then, heard now', () => {
    const { has } = stage(messageIn('7', 1, { recovered: true }));
    assert.ok(has(otherwise(messageIn('7', 1))));
    assert.ok(!has(edited(messageIn('7', 1))));
  });

  it('is known edit by edit, also if a text comes twice', () => {
    const edits = ['a', 'b', 'a'].map((text) =>
      edited({ ...messageIn('7', 1), item: { ...messageIn('7', 1).item, message: { text } } }),
    );
    const { has } = stage(...edits);
    assert.deepEqual(
      edits.map((edit) => has(edit)),
      [true, true, true],
    );
  });

  it('counts what is asked for as published from then on', () => {
    const { has } = stage();
    assert.deepEqual([has(messageIn('7', 1)), has(messageIn('7', 1))], [false, true]);
  });

  it('takes away one equal item without an identity for each, and no more', () => {
    const { has } = stage(readIn('7'), readIn('7'), readIn('8'));
    assert.deepEqual(
      [has(readIn('7')), has(readIn('7')), has(readIn('7')), has(readIn('8'))],
      [true, true, false, true],
    );
  });

  it('takes away no equal item that was heard at another time: that is another announcement', () => {
    const { receivedAt } = readIn('7');
    const { has } = stage(readIn('7'));
    assert.ok(!has(readIn('7', { receivedAt: receivedAt + 5_001 })));
    assert.ok(has(readIn('7', { receivedAt: receivedAt - 4_999 })));
  });

  it('matters for ten minutes', async () => {
    const { clock, has } = stage(messageIn('7', 1), messageIn('7', 2));
    await clock.pass(10 * 60_000);
    assert.ok(has(messageIn('7', 1)));
    await clock.pass(1);
    assert.ok(!has(messageIn('7', 2)));
  });
});
