import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { ChatAppError } from '../../src/errors';
import { FeedStage } from '../support/feed-stage';
import { Heard } from '../support/heard';

const USER = 'private-v1.users.9041';
const MINUTE = 60_000;

const toUser = (): Heard => new Heard({ type: 'user', userId: '9041' });
const toCompany = (companyId: string): Heard => new Heard({ type: 'company', companyId });
const refused = (status: number, retryAfter: string | null = null): ApiError =>
  ApiError.refused('/broadcasting/auth', status, {}, retryAfter);

/** A stage with a socket and one listener, whose authorisation fails with `failure`. */
async function failing(failure: Error): Promise<{ stage: FeedStage; heard: Heard }> {
  const stage = new FeedStage();
  const heard = toUser();
  stage.sign = () => Promise.reject(failure);
  stage.feed.add(heard);
  await stage.open();
  return { stage, heard };
}

describe('a channel that ChatApp refuses', () => {
  for (const status of [401, 403, 404, 422]) {
    it(`with ${status} is tried once more, then told once, and retried every 5 min`, async () => {
      const { stage, heard } = await failing(refused(status));
      assert.deepEqual([heard.status?.kind, heard.codes], ['waiting', []]);
      await stage.clock.pass(500);
      assert.deepEqual(heard.status, { kind: 'refused', nextTry: stage.clock.now() + 5 * MINUTE });
      assert.deepEqual(heard.codes, ['CHANNEL_REFUSED.forbidden']);
      assert.match(heard.errors[0]?.message ?? '', new RegExp(USER.replaceAll('.', '\\.')));
      assert.equal(stage.authorised.length, 2);
      await stage.clock.pass(5 * MINUTE - 1);
      assert.equal(stage.authorised.length, 2);
      await stage.clock.pass(1);
      assert.equal(stage.authorised.length, 3);
      await stage.clock.pass(60 * MINUTE);
      assert.deepEqual([heard.codes.length, stage.authorised.length], [1, 15]);
      assert.deepEqual([...new Set(heard.kinds.slice(-5))], ['refused'], 'a retry does not flicker');
      assert.deepEqual(stage.codes, [], 'it is no trouble of the connection');
    });
  }

  it('is listened to as soon as it is granted, and its next refusal is news', async () => {
    const { stage, heard } = await failing(refused(403));
    await stage.clock.pass(MINUTE);
    stage.sign = () => 'key:1';
    await stage.clock.pass(5 * MINUTE);
    assert.equal(heard.status?.kind, 'listening');
    stage.sign = () => Promise.reject(refused(403));
    stage.drop();
    await stage.open();
    await stage.clock.pass(MINUTE);
    assert.deepEqual(heard.codes, ['CHANNEL_REFUSED.forbidden', 'CHANNEL_REFUSED.forbidden']);
  });

  it('is not told again because of a reconnect', async () => {
    const { stage, heard } = await failing(refused(403));
    for (let count = 0; count < 5; count += 1) {
      await stage.clock.pass(MINUTE);
      stage.drop();
      await stage.open();
    }
    await stage.clock.pass(MINUTE);
    assert.equal(heard.codes.length, 1);
    assert.equal(heard.status?.kind, 'refused');
  });

  it('is told to each of its listeners, also to one who comes late', async () => {
    const { stage, heard } = await failing(refused(403));
    await stage.clock.pass(MINUTE);
    const late = toUser();
    stage.feed.add(late);
    for (const one of [heard, late]) {
      assert.deepEqual([one.codes, one.status?.kind], [['CHANNEL_REFUSED.forbidden'], 'refused']);
    }
    assert.equal(stage.authorised.length, 2);
  });

  it('is told with the reason where its signature is refused twice', async () => {
    const stage = new FeedStage();
    const heard = toUser();
    stage.feed.add(heard);
    stage.feed.onSocket({ kind: 'open', socket: stage.socket });
    await stage.clock.settle();
    stage.feed.onRefused(USER);
    await stage.clock.pass(500);
    stage.feed.onRefused(USER);
    assert.deepEqual([heard.codes, heard.status?.kind], [['CHANNEL_REFUSED.signature'], 'refused']);
    assert.equal(stage.socket.subscribed.length, 2);
  });
});

describe('a channel in passing trouble', () => {
  const passing: readonly (readonly [string, Error])[] = [
    ['status 500', refused(500)],
    ['status 503', refused(503)],
    ['an expired page (419)', refused(419)],
    ['an answer that is no signature', ApiError.unreadable('/broadcasting/auth', 200)],
    ['no answer', ApiError.timeout('api.example.test', 10_000)],
    ['no connection', ApiError.unreachable('api.example.test', undefined)],
    ['an error that nobody foresaw', new RangeError('words of a program')],
  ];
  for (const [what, failure] of passing) {
    it(`is asked for until it works, at most 5 s apart: ${what}`, async () => {
      const { stage, heard } = await failing(failure);
      assert.deepEqual(heard.status, { kind: 'waiting', nextTry: stage.clock.now() + 500 });
      await stage.clock.pass(500 + 1_000 + 2_000 + 4_000 - 1);
      assert.equal(stage.authorised.length, 4);
      await stage.clock.pass(10 * MINUTE);
      assert.ok(stage.authorised.length > (10 * MINUTE) / 5_000);
      stage.sign = () => 'key:1';
      await stage.clock.pass(5_000);
      assert.equal(heard.status.kind, 'listening');
      assert.deepEqual(heard.codes, []);
    });
  }

  it('is left alone as long as ChatApp asks for', async () => {
    const { stage, heard } = await failing(refused(429, '60'));
    assert.deepEqual(heard.status, { kind: 'waiting', nextTry: stage.clock.now() + MINUTE });
    await stage.clock.pass(MINUTE - 1);
    assert.equal(stage.authorised.length, 1);
    await stage.clock.pass(1);
    assert.equal(stage.authorised.length, 2);
  });

  it('is asked for again where the socket server never answers, after 10 s', async () => {
    const stage = new FeedStage();
    const heard = toUser();
    stage.feed.add(heard);
    const { socket } = stage;
    stage.feed.onSocket({ kind: 'open', socket });
    await stage.clock.pass(9_999);
    assert.equal(heard.status?.kind, 'authorising');
    await stage.clock.pass(1);
    assert.equal(heard.status.kind, 'waiting');
    assert.deepEqual(socket.unsubscribed, [USER]);
    await stage.clock.pass(500);
    assert.equal(socket.subscribed.length, 2);
    stage.feed.onSubscribed(USER);
    await stage.clock.pass(60_000);
    assert.equal(heard.status.kind, 'listening');
    assert.equal(socket.subscribed.length, 2);
  });

  it('is told once for the connection, after 15 s, however many channels share it', async () => {
    const stage = new FeedStage();
    stage.sign = () => Promise.reject(refused(503));
    const all = Array.from({ length: 50 }, (_, index) => toCompany(`${index}`));
    for (const one of all) stage.feed.add(one);
    await stage.open();
    await stage.clock.pass(14_999);
    assert.deepEqual(stage.codes, []);
    await stage.clock.pass(5 * MINUTE);
    assert.deepEqual(stage.codes, ['API_FAILED.refused']);
    assert.ok(all.every(({ codes }) => codes.length === 0));

    stage.sign = () => 'key:1';
    await stage.clock.pass(5_000);
    assert.ok(all.every(({ status }) => status?.kind === 'listening'));
    stage.sign = () => Promise.reject(refused(503));
    stage.drop();
    await stage.open();
    await stage.clock.pass(30_000);
    assert.deepEqual(stage.codes, ['API_FAILED.refused', 'API_FAILED.refused'], 'that is another incident');
  });

  it('is forgotten with those who had it', async () => {
    const stage = new FeedStage();
    stage.sign = () => Promise.reject(refused(503));
    const stop = stage.feed.add(toUser());
    await stage.open();
    await stage.clock.pass(MINUTE);
    stop();
    stage.feed.add(toUser());
    await stage.clock.pass(14_000);
    assert.equal(stage.codes.length, 1);
    await stage.clock.pass(MINUTE);
    assert.equal(stage.codes.length, 2);
  });
});

describe('channels without a usable token', () => {
  for (const error of [
    ChatAppError.of('TOKEN_INVALID', 'refresh'),
    ChatAppError.of('LOGIN_REFUSED', 'credentials'),
    ChatAppError.of('TOKEN_QUOTA', 'tokens', { nextTry: 'later' }),
  ]) {
    it(`show tokenInvalid and tell ${error.code} once, at once, and try every 5 min`, async () => {
      const stage = new FeedStage();
      stage.sign = () => Promise.reject(error);
      const all = Array.from({ length: 30 }, (_, index) => toCompany(`${index}`));
      for (const one of all) stage.feed.add(one);
      await stage.open();
      assert.deepEqual(stage.errors, [error]);
      assert.ok(all.every(({ status, codes }) => status?.kind === 'tokenInvalid' && codes.length === 0));
      await stage.clock.pass(20 * MINUTE);
      assert.equal(stage.errors.length, 1);
      assert.ok(stage.authorised.length <= 30 * 6);
      stage.sign = () => 'key:1';
      await stage.clock.pass(5 * MINUTE);
      assert.ok(all.every(({ status }) => status?.kind === 'listening'));
    });
  }
});
