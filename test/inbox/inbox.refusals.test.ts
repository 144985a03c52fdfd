import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ChatAppError } from '../../src/errors';
import { InboxHarness } from '../support/inbox-harness';
import { ListenerSpy } from '../support/listener-spy';

const USER = 'private-v1.users.9041';
const MINUTE = 60_000;

const toUser = (): ListenerSpy => new ListenerSpy({ type: 'user', userId: '9041' });
const toCompany = (companyId: string): ListenerSpy => new ListenerSpy({ type: 'company', companyId });
const refused = (status: number, retryAfter: string | null = null): ApiError =>
  ApiError.refused('/broadcasting/auth', { status, retryAfter });

/** A harness with a socket and one listener, whose authorisation fails with `failure`. */
async function failing(failure: Error): Promise<{ harness: InboxHarness; spy: ListenerSpy }> {
  const harness = new InboxHarness();
  const spy = toUser();
  harness.sign = () => Promise.reject(failure);
  harness.inbox.add(spy);
  await harness.open();
  return { harness, spy };
}

describe('a channel that ChatApp refuses', () => {
  for (const status of [401, 403, 404, 422]) {
    it(`with ${status} is tried once more, then reported once, and retried every 5 min`, async () => {
      const { harness, spy } = await failing(refused(status));
      assert.deepEqual([spy.status?.kind, spy.codes], ['waiting', []]);
      await harness.clock.pass(500);
      assert.deepEqual(spy.status, { kind: 'refused', nextTry: harness.clock.now() + 5 * MINUTE });
      assert.deepEqual(spy.codes, ['CHANNEL_REFUSED.forbidden']);
      assert.match(spy.errors[0]?.message ?? '', new RegExp(USER.replaceAll('.', '\\.')));
      assert.equal(harness.authorised.length, 2);
      await harness.clock.pass(5 * MINUTE - 1);
      assert.equal(harness.authorised.length, 2);
      await harness.clock.pass(1);
      assert.equal(harness.authorised.length, 3);
      await harness.clock.pass(60 * MINUTE);
      assert.deepEqual([spy.codes.length, harness.authorised.length], [1, 15]);
      assert.deepEqual([...new Set(spy.kinds.slice(-5))], ['refused'], 'a retry does not flicker');
      assert.deepEqual(harness.codes, [], 'it is no error of the connection');
    });
  }

  it('is listened to as soon as it is granted, and its next refusal is reported', async () => {
    const { harness, spy } = await failing(refused(403));
    await harness.clock.pass(MINUTE);
    harness.sign = () => 'key:1';
    await harness.clock.pass(5 * MINUTE);
    assert.equal(spy.status?.kind, 'listening');
    harness.sign = () => Promise.reject(refused(403));
    harness.drop();
    await harness.open();
    await harness.clock.pass(MINUTE);
    assert.deepEqual(spy.codes, ['CHANNEL_REFUSED.forbidden', 'CHANNEL_REFUSED.forbidden']);
  });

  it('is not reported again because of a reconnect', async () => {
    const { harness, spy } = await failing(refused(403));
    for (let count = 0; count < 5; count += 1) {
      await harness.clock.pass(MINUTE);
      harness.drop();
      await harness.open();
    }
    await harness.clock.pass(MINUTE);
    assert.equal(spy.codes.length, 1);
    assert.equal(spy.status?.kind, 'refused');
  });

  it('is reported to each of its listeners, also to one that comes late', async () => {
    const { harness, spy } = await failing(refused(403));
    await harness.clock.pass(MINUTE);
    const late = toUser();
    harness.inbox.add(late);
    for (const one of [spy, late]) {
      assert.deepEqual([one.codes, one.status?.kind], [['CHANNEL_REFUSED.forbidden'], 'refused']);
    }
    assert.equal(harness.authorised.length, 2);
  });

  it('is reported with the reason if its signature is refused twice', async () => {
    const harness = new InboxHarness();
    const spy = toUser();
    harness.inbox.add(spy);
    harness.inbox.onSocket({ kind: 'open', socket: harness.socket });
    await harness.clock.settle();
    harness.inbox.onRefused(USER);
    await harness.clock.pass(500);
    harness.inbox.onRefused(USER);
    assert.deepEqual([spy.codes, spy.status?.kind], [['CHANNEL_REFUSED.signature'], 'refused']);
    assert.equal(harness.socket.subscribed.length, 2);
  });
});

describe('a channel after a temporary failure', () => {
  const passing: readonly (readonly [string, Error])[] = [
    ['status 500', refused(500)],
    ['status 503', refused(503)],
    ['an expired page (419)', refused(419)],
    ['an answer that is no signature', ApiError.unreadable('/broadcasting/auth', 200)],
    ['no answer', ApiError.timeout('api.example.test', 10_000)],
    ['no connection', ApiError.unreachable('api.example.test', undefined)],
    ['an unexpected error', new RangeError('words of a program')],
  ];
  for (const [what, failure] of passing) {
    it(`is asked for until it works, at most 5 s apart: ${what}`, async () => {
      const { harness, spy } = await failing(failure);
      assert.deepEqual(spy.status, { kind: 'waiting', nextTry: harness.clock.now() + 500 });
      await harness.clock.pass(500 + 1_000 + 2_000 + 4_000 - 1);
      assert.equal(harness.authorised.length, 4);
      await harness.clock.pass(10 * MINUTE);
      assert.ok(harness.authorised.length > (10 * MINUTE) / 5_000);
      harness.sign = () => 'key:1';
      await harness.clock.pass(5_000);
      assert.equal(spy.status.kind, 'listening');
      assert.deepEqual(spy.codes, []);
    });
  }

  it('is left alone as long as ChatApp asks for', async () => {
    const { harness, spy } = await failing(refused(429, '60'));
    assert.deepEqual(spy.status, { kind: 'waiting', nextTry: harness.clock.now() + MINUTE });
    await harness.clock.pass(MINUTE - 1);
    assert.equal(harness.authorised.length, 1);
    await harness.clock.pass(1);
    assert.equal(harness.authorised.length, 2);
  });

  it('is asked for again if the socket server never answers, after 10 s', async () => {
    const harness = new InboxHarness();
    const spy = toUser();
    harness.inbox.add(spy);
    const { socket } = harness;
    harness.inbox.onSocket({ kind: 'open', socket });
    await harness.clock.pass(9_999);
    assert.equal(spy.status?.kind, 'authorising');
    await harness.clock.pass(1);
    assert.equal(spy.status.kind, 'waiting');
    assert.deepEqual(socket.unsubscribed, [USER]);
    await harness.clock.pass(500);
    assert.equal(socket.subscribed.length, 2);
    harness.inbox.onSubscribed(USER);
    await harness.clock.pass(60_000);
    assert.equal(spy.status.kind, 'listening');
    assert.equal(socket.subscribed.length, 2);
  });

  it('is reported once for the connection, after 15 s, however many channels share it', async () => {
    const harness = new InboxHarness();
    harness.sign = () => Promise.reject(refused(503));
    const all = Array.from({ length: 50 }, (_, index) => toCompany(`${index}`));
    for (const one of all) harness.inbox.add(one);
    await harness.open();
    await harness.clock.pass(14_999);
    assert.deepEqual(harness.codes, []);
    await harness.clock.pass(5 * MINUTE);
    assert.deepEqual(harness.codes, ['API_FAILED.refused']);
    assert.ok(all.every(({ codes }) => codes.length === 0));

    harness.sign = () => 'key:1';
    await harness.clock.pass(5_000);
    assert.ok(all.every(({ status }) => status?.kind === 'listening'));
    harness.sign = () => Promise.reject(refused(503));
    harness.drop();
    await harness.open();
    await harness.clock.pass(30_000);
    assert.deepEqual(harness.codes, ['API_FAILED.refused', 'API_FAILED.refused'], 'that is another incident');
  });

  it('is forgotten with the listeners that had it', async () => {
    const harness = new InboxHarness();
    harness.sign = () => Promise.reject(refused(503));
    const stop = harness.inbox.add(toUser());
    await harness.open();
    await harness.clock.pass(MINUTE);
    stop();
    harness.inbox.add(toUser());
    await harness.clock.pass(14_000);
    assert.equal(harness.codes.length, 1);
    await harness.clock.pass(MINUTE);
    assert.equal(harness.codes.length, 2);
  });
});

describe('channels without a usable token', () => {
  for (const error of [
    ChatAppError.of('TOKEN_INVALID', 'refresh'),
    ChatAppError.of('LOGIN_REFUSED', 'credentials'),
    ChatAppError.of('TOKEN_QUOTA', 'tokens', { nextTry: 'later' }),
  ]) {
    it(`show tokenInvalid, report ${error.code} once, immediately, and try every 5 min`, async () => {
      const harness = new InboxHarness();
      harness.sign = () => Promise.reject(error);
      const all = Array.from({ length: 30 }, (_, index) => toCompany(`${index}`));
      for (const one of all) harness.inbox.add(one);
      await harness.open();
      assert.deepEqual(harness.errors, [error]);
      assert.ok(all.every(({ status, codes }) => status?.kind === 'tokenInvalid' && codes.length === 0));
      await harness.clock.pass(20 * MINUTE);
      assert.equal(harness.errors.length, 1);
      assert.ok(harness.authorised.length <= 30 * 6);
      harness.sign = () => 'key:1';
      await harness.clock.pass(5 * MINUTE);
      assert.ok(all.every(({ status }) => status?.kind === 'listening'));
    });
  }
});
