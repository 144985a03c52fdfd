import assert from 'node:assert/strict';
import { BurstLimiter } from '../../src/inbox/burst-limiter';
import { HeldEvents } from '../../src/inbox/held-events';
import { FakeClock } from '../support/fake-clock';

/** How long an event waits at most, in ms. */
const LIMIT = 30_000;

describe('HeldEvents', () => {
  let clock: FakeClock;
  let held: HeldEvents;
  /** The events that did not wait, or wait no more. */
  let released: string[];
  /** Resolves when the keys of what was released are stored. */
  let stored: Promise<void>;
  beforeEach(() => {
    clock = new FakeClock();
    held = new HeldEvents(clock, new BurstLimiter(() => stored));
    stored = Promise.resolve();
    released = [];
  });

  const arrive = (event: string, ...chats: string[]): void => {
    if (!held.hold(chats, () => released.push(event))) released.push(event);
  };

  it('releases many events a few at a time, and nothing overtakes them in their chats', async () => {
    held.begin();
    for (let event = 1; event <= 10; event += 1) arrive(String(event), event % 2 ? 'A' : 'B');
    let store = (): void => undefined;
    stored = new Promise((resolve) => (store = resolve));
    held.end();
    assert.equal(released.join(), '1,2,3,4');
    assert.ok(held.isHolding);
    arrive('11', 'A');
    arrive('other', 'C');
    assert.equal(released.join(), '1,2,3,4,other');
    assert.deepEqual(held.chats, new Set(), 'they wait for nothing that is to be read');
    stored = new Promise(() => undefined);
    store();
    await clock.settle();
    assert.equal(released.join(), '1,2,3,4,other,5,6,7,8');
    held.begin();
    arrive('12', 'A');
    stored = Promise.resolve();
    assert.deepEqual(held.chats, new Set(['A']));
  });

  it('holds nothing until it begins', () => {
    arrive('one', 'A');
    assert.deepEqual(released, ['one']);
  });

  it('holds the events of all chats while it is not known which are to be read', () => {
    held.begin();
    arrive('one', 'A');
    arrive('two');
    assert.deepEqual(released, []);
    assert.deepEqual(held.chats, new Set(['A']));
  });

  it('releases the events of chats that are not to be read, in the order of arrival', () => {
    held.begin();
    for (const [event, chat] of [
      ['one', 'A'],
      ['two', 'B'],
      ['three', 'C'],
    ] as const)
      arrive(event, chat);
    held.holdOnly(['B']);
    arrive('four', 'A');
    arrive('five', 'B');
    assert.deepEqual(released, ['one', 'three', 'four']);
  });

  it('releases the events of a chat once that is read', () => {
    held.begin();
    held.holdOnly(['A', 'B']);
    arrive('one', 'A');
    arrive('two', 'B');
    arrive('three', 'A');
    held.releaseChat('A');
    arrive('four', 'A');
    assert.deepEqual(released, ['one', 'three', 'four']);
  });

  it('holds an event of several chats until all of them are read', () => {
    held.begin();
    held.holdOnly(['A', 'B']);
    arrive('both', 'A', 'B');
    held.releaseChat('A');
    assert.deepEqual(released, []);
    held.releaseChat('B');
    assert.deepEqual(released, ['both']);
  });

  it('lets no event overtake one of its chat that waits for another chat', () => {
    held.begin();
    arrive('both', 'A', 'B');
    arrive('one', 'B');
    held.holdOnly(['A']);
    arrive('two', 'B');
    assert.deepEqual(released, []);
    held.releaseChat('A');
    assert.deepEqual(released, ['both', 'one', 'two']);
  });

  it('releases all events when it ends', () => {
    held.begin();
    held.holdOnly(['A']);
    arrive('one', 'A');
    held.end();
    arrive('two', 'A');
    assert.deepEqual(released, ['one', 'two']);
    assert.equal(clock.pending, 0);
  });

  it('ends 30 s after the first event if the chats are not known by then', async () => {
    held.begin();
    arrive('one', 'A');
    await clock.pass(LIMIT - 1);
    arrive('two', 'B');
    assert.deepEqual(released, []);
    await clock.pass(1);
    assert.deepEqual(released, ['one', 'two']);
    held.holdOnly(['A']);
    arrive('three', 'A');
    assert.deepEqual(released, ['one', 'two', 'three']);
  });

  it('gives up the order of a chat after 30 s, and of no other', async () => {
    held.begin();
    held.holdOnly(['A', 'B']);
    arrive('one', 'A');
    await clock.pass(1_000);
    arrive('two', 'B');
    arrive('three', 'A');
    await clock.pass(LIMIT - 1_000);
    assert.deepEqual(released, ['one', 'three']);
    arrive('four', 'A');
    await clock.pass(1_000);
    assert.deepEqual(released, ['one', 'three', 'four', 'two']);
  });

  it('does not hold a chat again that it has given up', async () => {
    held.begin();
    held.holdOnly(['A']);
    arrive('one', 'A');
    await clock.pass(LIMIT);
    held.holdOnly(['A']);
    arrive('two', 'A');
    assert.deepEqual(released, ['one', 'two']);
    held.begin();
    held.holdOnly(['A']);
    arrive('three', 'A');
    assert.deepEqual(released, ['one', 'two']);
  });

  it('counts the 30 s of each event from its own arrival', async () => {
    held.begin();
    arrive('one', 'A');
    held.holdOnly([]);
    await clock.pass(LIMIT - 1_000);
    held.begin();
    arrive('two', 'A');
    await clock.pass(LIMIT - 1);
    assert.deepEqual(released, ['one']);
    await clock.pass(1);
    assert.deepEqual(released, ['one', 'two']);
  });

  it('holds 10,000 events and releases the oldest ones beyond that', () => {
    held.begin();
    for (let index = 0; index < 10_001; index += 1) arrive(String(index), 'A');
    assert.deepEqual(released, ['0']);
  });
});
