import assert from 'node:assert/strict';
import type { SubscriptionState } from '../../src/channels/subscription';
import { ChatAppError } from '../../src/errors';
import { sameStatus, statusOf, type ListenerCircumstances } from '../../src/channels/listener-status';
import type { Status } from '../../src/status';
import type { CallbackState } from '../../src/webhook/callback-state';
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

  it('says so while nothing can be stored', () => {
    const circumstances = { socket: OPEN, subscriptions: [SUBSCRIBED], isUnstored: true };
    assert.deepEqual(statusOf(circumstances), { kind: 'listening', isUnstored: true });
    assert.deepEqual(statusOf({ ...circumstances, recovered: 0 }), { kind: 'recovering', recovered: 0 });
    assert.equal(sameStatus({ kind: 'listening' }, { kind: 'listening', isUnstored: true }), false);
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

describe('what the status of a listener with webhooks follows from', () => {
  const error = (code: 'WEBHOOK_FAILED' | 'API_FAILED' | 'TOKEN_INVALID'): ChatAppError =>
    code === 'WEBHOOK_FAILED'
      ? ChatAppError.of(code, 'probe')
      : code === 'API_FAILED'
        ? ChatAppError.of(code, 'timeout')
        : ChatAppError.of(code, 'pasted');
  const SET = { kind: 'set' } as const;
  const SETTING = { kind: 'setting' } as const;
  const TAKEN = { kind: 'taken', host: 'crm.test', error: ChatAppError.of('WEBHOOK_TAKEN', 'other') } as const;
  const failed = (code: Parameters<typeof error>[0], nextTry = 7): CallbackState => ({
    kind: 'failed',
    error: error(code),
    nextTry,
  });
  const DOWN = { kind: 'waiting', nextTry: 9 } as const;

  describe('with both sources', () => {
    const of = (callbacks: (CallbackState | undefined)[], more: Partial<ListenerCircumstances> = {}): Status =>
      statusOf({ socket: OPEN, subscriptions: callbacks.map(() => SUBSCRIBED), receive: 'both', callbacks, ...more });

    it('is green while both are open, and while the webhook is only being set', () => {
      assert.deepEqual(of([SET], { lastEvent: 5 }), { kind: 'listening', lastEvent: 5 });
      assert.deepEqual(of([SETTING]), { kind: 'listening' });
      assert.deepEqual(of([]), { kind: 'refused' });
      assert.deepEqual(of([undefined]), { kind: 'listening' }, 'a channel without webhooks');
    });

    it('says so where only the socket is open, and whose the webhook is', () => {
      assert.deepEqual(of([SET, failed('WEBHOOK_FAILED')]), { kind: 'socketOnly' });
      assert.deepEqual(of([failed('API_FAILED'), TAKEN]), { kind: 'socketOnly', host: 'crm.test' });
    });

    it('says so where only the webhook is open', () => {
      for (const socket of [DOWN, { kind: 'connecting' }, { kind: 'refused', nextTry: 9 }] as const) {
        assert.deepEqual(of([SET], { socket }), { kind: 'webhookOnly' });
      }
      assert.deepEqual(of([SET], { subscriptions: [refused(3)] }), { kind: 'webhookOnly' });
      assert.deepEqual(of([SET], { socket: DOWN, recovered: 3 }), { kind: 'recovering', recovered: 3 });
    });

    it('is the socket’s where no webhook helps', () => {
      for (const callback of [SETTING, TAKEN, failed('WEBHOOK_FAILED')])
        assert.deepEqual(of([callback], { socket: DOWN }), DOWN);
      assert.deepEqual(of([SET], { socket: { kind: 'idle' } }), { kind: 'stopped' });
    });

    it('counts a line that either source receives', () => {
      const subscriptions = [SUBSCRIBED, waiting(1), waiting(2)];
      assert.deepEqual(of([SETTING, SET, SETTING], { subscriptions, lines: KNOWN }), {
        kind: 'listening',
        channels: { listening: 2, total: 3 },
      });
    });
  });

  describe('by webhook only', () => {
    const of = (callbacks: CallbackState[], more: Partial<ListenerCircumstances> = {}): Status =>
      statusOf({ socket: { kind: 'idle' }, subscriptions: [], receive: 'webhook', callbacks, ...more });

    it('is green as soon as a webhook is set', () => {
      assert.deepEqual(of([SET], { lastEvent: 5 }), { kind: 'listening', lastEvent: 5 });
      assert.deepEqual(of([TAKEN, SET], { lines: KNOWN }), { kind: 'listening', channels: { listening: 1, total: 2 } });
      assert.deepEqual(of([SET], { recovered: 2 }), { kind: 'recovering', recovered: 2 });
    });

    it('is otherwise what most needs someone to act', () => {
      const all = [SETTING, failed('API_FAILED', 4), failed('WEBHOOK_FAILED', 3), TAKEN, failed('TOKEN_INVALID', 8)];
      assert.deepEqual(of(all), { kind: 'tokenInvalid', nextTry: 3 });
      assert.deepEqual(of(all.slice(0, 4)), { kind: 'webhookTaken', host: 'crm.test' });
      assert.deepEqual(of(all.slice(0, 3)), { kind: 'refused', nextTry: 3 });
      assert.deepEqual(of(all.slice(0, 2)), { kind: 'waiting', nextTry: 4 });
      assert.deepEqual(of(all.slice(0, 1)), { kind: 'authorising' });
      assert.deepEqual(of([]), { kind: 'refused' });
    });

    it('is the reading of the lines, for as long as they are not known', () => {
      assert.deepEqual(of([], { lines: { kind: 'reading' } }), { kind: 'authorising' });
      assert.deepEqual(of([], { lines: DOWN }), DOWN);
    });
  });

  it('is another one where the host is', () => {
    assert.ok(!sameStatus({ kind: 'socketOnly', host: 'a.test' }, { kind: 'socketOnly', host: 'b.test' }));
    assert.ok(!sameStatus({ kind: 'socketOnly' }, { kind: 'socketOnly', host: 'b.test' }));
  });
});
