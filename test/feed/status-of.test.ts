import assert from 'node:assert/strict';
import { sameStatus, statusOf } from '../../src/feed/status-of';
import type { SubscriptionState } from '../../src/feed/subscription';
import { FakeSocket } from '../support/fake-socket';

const OPEN = { kind: 'open', socket: new FakeSocket('1.1') } as const;
const KNOWN = { kind: 'known', lines: [] } as const;
const SUBSCRIBED: SubscriptionState = { kind: 'subscribed' };
const AUTHORISING: SubscriptionState = { kind: 'authorising' };
const waiting = (nextTry: number): SubscriptionState => ({ kind: 'waiting', nextTry });
const refused = (nextTry: number): SubscriptionState => ({ kind: 'refused', nextTry });
const tokenInvalid = (nextTry: number): SubscriptionState => ({ kind: 'tokenInvalid', nextTry });

describe('what a status follows from', () => {
  it('is the socket, for as long as there is none', () => {
    const subscriptions = [SUBSCRIBED];
    assert.deepEqual(statusOf({ socket: { kind: 'idle' }, subscriptions }), { kind: 'stopped' });
    for (const socket of [
      { kind: 'connecting' },
      { kind: 'waiting', nextTry: 7 },
      { kind: 'refused', nextTry: 8 },
    ] as const) {
      assert.deepEqual(statusOf({ socket, subscriptions }), socket);
    }
  });

  it('is the reading of the lines, for as long as they are not known', () => {
    assert.deepEqual(statusOf({ socket: OPEN, subscriptions: [], lines: { kind: 'reading' } }), {
      kind: 'authorising',
    });
    for (const kind of ['waiting', 'tokenInvalid'] as const) {
      const lines = { kind, nextTry: 9 };
      assert.deepEqual(statusOf({ socket: OPEN, subscriptions: [], lines }), lines);
    }
  });

  it('is the channels: listening as soon as one is, with their number where they follow from the lines', () => {
    const subscriptions = [refused(1), SUBSCRIBED, waiting(2)];
    assert.deepEqual(statusOf({ socket: OPEN, subscriptions }), { kind: 'listening' });
    assert.deepEqual(statusOf({ socket: OPEN, subscriptions, lines: KNOWN, lastEvent: 5 }), {
      kind: 'listening',
      lastEvent: 5,
      channels: { listening: 1, total: 3 },
    });
  });

  it('is a recovery, while missed messages are fetched', () => {
    const circumstances = { socket: OPEN, subscriptions: [SUBSCRIBED], recovered: 0, lastEvent: 5 };
    assert.deepEqual(statusOf(circumstances), { kind: 'recovering', recovered: 0 });
    assert.deepEqual(statusOf({ ...circumstances, subscriptions: [AUTHORISING] }), { kind: 'authorising' });
  });

  it('is otherwise what most needs someone to act, with its soonest next try', () => {
    const all = [AUTHORISING, waiting(5), waiting(4), refused(9), refused(3), tokenInvalid(8), tokenInvalid(6)];
    const of = (subscriptions: SubscriptionState[]): unknown => statusOf({ socket: OPEN, subscriptions });
    assert.deepEqual(of(all), { kind: 'tokenInvalid', nextTry: 6 });
    assert.deepEqual(of(all.slice(0, 5)), { kind: 'refused', nextTry: 3 });
    assert.deepEqual(of(all.slice(0, 3)), { kind: 'waiting', nextTry: 4 });
    assert.deepEqual(of(all.slice(0, 1)), { kind: 'authorising' });
    assert.deepEqual(of([{ kind: 'idle' }]), { kind: 'authorising' });
  });

  it('is the account, where no line fits', () => {
    assert.deepEqual(statusOf({ socket: OPEN, subscriptions: [], lines: KNOWN }), { kind: 'refused' });
  });
});

describe('two statuses', () => {
  it('are the same where a user sees no difference: the last event counts to the minute', () => {
    const at = (lastEvent: number): { kind: 'listening'; lastEvent: number } => ({ kind: 'listening', lastEvent });
    assert.equal(sameStatus(at(60_000), at(119_999)), true);
    assert.equal(sameStatus(at(60_000), at(120_000)), false);
    assert.equal(sameStatus({ kind: 'listening' }, at(60_000)), false);
    assert.equal(sameStatus(undefined, { kind: 'stopped' }), false);
    assert.equal(sameStatus({ kind: 'waiting', nextTry: 1 }, { kind: 'waiting', nextTry: 2 }), false);
    assert.equal(sameStatus({ kind: 'waiting', nextTry: 1 }, { kind: 'refused', nextTry: 1 }), false);
    const counting = (
      listening: number,
      total: number,
    ): { kind: 'listening'; channels: { listening: number; total: number } } => ({
      kind: 'listening',
      channels: { listening, total },
    });
    assert.equal(sameStatus(counting(1, 2), counting(1, 2)), true);
    assert.equal(sameStatus(counting(1, 2), counting(2, 2)), false);
    assert.equal(sameStatus(counting(1, 2), counting(1, 3)), false);
  });
});
