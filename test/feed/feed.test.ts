import assert from 'node:assert/strict';
import type { ChannelChoice } from '../../src/feed/listener';
import { FeedStage } from '../support/feed-stage';
import { Heard } from '../support/heard';

const USER = 'private-v1.users.9041';
const COMPANY = 'private-v1.companies.3306';
const MINUTE = 60_000;

const toUser = (): Heard => new Heard({ type: 'user', userId: '9041' });
const toCompany = (): Heard => new Heard({ type: 'company', companyId: '3306' });

describe('the subscriptions of a feed', () => {
  it('are made under ChatApp’s names of the channels', async () => {
    const stage = new FeedStage();
    const choices: Readonly<Record<string, ChannelChoice>> = {
      'private-v1.licenses.50101.messengers.telegram': {
        type: 'messenger',
        licenseId: '50101',
        messengerType: 'telegram',
      },
      [COMPANY]: { type: 'company', companyId: '3306' },
      [USER]: { type: 'user', userId: '9041' },
      'private-v1.companies.3306.users.9041': { type: 'employee', companyId: '3306', userId: '9041' },
    };
    for (const choice of Object.values(choices)) stage.feed.add(new Heard(choice));
    const socket = await stage.open();
    assert.deepEqual(
      socket.subscribed,
      Object.keys(choices).map((name) => [name, `1.1:${name}`]),
    );
  });

  it('are one for each channel, however many listen to it', async () => {
    const stage = new FeedStage();
    const heard = Array.from({ length: 50 }, toUser);
    const stops = heard.map((one) => stage.feed.add(one));
    const socket = await stage.open();
    heard.push(toUser(), toCompany());
    for (const late of heard.slice(50)) stops.push(stage.feed.add(late));
    await stage.clock.settle();
    assert.deepEqual(
      socket.subscribed.map(([channel]) => channel),
      [USER, COMPANY],
    );
    assert.equal(stage.authorised.length, 2);
    assert.ok(heard.every(({ status }) => status?.kind === 'listening'));

    for (const stop of stops.slice(0, 50)) stop();
    assert.deepEqual(socket.unsubscribed, [], 'one still listens');
    stops[50]?.();
    assert.deepEqual(socket.unsubscribed, [USER]);
    assert.equal(stage.emptied, 0);
    stops[51]?.();
    assert.deepEqual([socket.unsubscribed, stage.emptied], [[USER, COMPANY], 1]);
    for (const stop of stops) stop();
    assert.deepEqual([socket.unsubscribed.length, stage.emptied], [2, 1], 'a second stop does nothing');
  });

  it('are made again on every new socket, with signatures for it', async () => {
    const stage = new FeedStage();
    stage.feed.add(toUser());
    await stage.open();
    stage.drop();
    const second = await stage.open();
    assert.deepEqual(second.subscribed, [[USER, `2.1:${USER}`]]);
  });

  it('never use a signature that was made for an earlier socket', async () => {
    const stage = new FeedStage();
    const answers: (() => void)[] = [];
    stage.sign = (channel, socketId) => new Promise((resolve) => answers.push(() => resolve(`${socketId}:${channel}`)));
    stage.feed.add(toUser());
    const first = await stage.open();
    stage.drop();
    const second = await stage.open();
    answers[0]?.();
    await stage.clock.settle();
    assert.deepEqual([first.subscribed, second.subscribed], [[], []]);
    answers[1]?.();
    await stage.clock.settle();
    assert.deepEqual([first.subscribed, second.subscribed], [[], [[USER, `2.1:${USER}`]]]);
  });

  it('are not made any more for someone who left while they were authorised', async () => {
    const stage = new FeedStage();
    const answers: (() => void)[] = [];
    stage.sign = () => new Promise((resolve) => answers.push(() => resolve('key:1')));
    const heard = toUser();
    const stop = stage.feed.add(heard);
    const socket = await stage.open();
    stop();
    answers[0]?.();
    await stage.clock.settle();
    assert.deepEqual(socket.subscribed, []);
    assert.equal(heard.status?.kind, 'authorising');
  });

  it('cannot be made for ids that are none, and such a try leaves nothing behind', async () => {
    const stage = new FeedStage();
    assert.throws(() => stage.feed.add(new Heard({ type: 'company', companyId: 'x' })), RangeError);
    assert.equal(stage.emptied, 1, 'nobody has come');
    const socket = await stage.open();
    assert.deepEqual(socket.subscribed, []);
    const stop = stage.feed.add(toUser());
    assert.throws(() => stage.feed.add(new Heard({ type: 'user', userId: '1.2' })), RangeError);
    assert.equal(stage.emptied, 1, 'someone is there');
    stop();
    assert.equal(stage.emptied, 2, 'nobody is left');
  });
});

describe('the status of a listener', () => {
  it('follows the socket, then its own subscription', async () => {
    const stage = new FeedStage();
    const heard = toUser();
    stage.feed.add(heard);
    await stage.open();
    stage.drop();
    await stage.open();
    assert.deepEqual(heard.kinds, [
      'stopped',
      'connecting',
      'authorising',
      'listening',
      'waiting',
      'connecting',
      'authorising',
      'listening',
    ]);
    assert.equal(heard.statuses[4]?.nextTry, stage.clock.now() + 500);
  });

  it('is told at once to someone who comes late', async () => {
    const stage = new FeedStage();
    stage.feed.add(toUser());
    await stage.open();
    const late = toUser();
    stage.feed.add(late);
    assert.deepEqual(late.kinds, ['listening']);
  });

  it('shows a socket that was refused as refused', () => {
    const stage = new FeedStage();
    const heard = toUser();
    stage.feed.add(heard);
    stage.feed.onSocket({ kind: 'refused', nextTry: 17 });
    assert.deepEqual(heard.status, { kind: 'refused', nextTry: 17 });
  });

  it('is its own: what befalls another channel does not show', async () => {
    const stage = new FeedStage();
    const [user, company] = [toUser(), toCompany()];
    stage.sign = (channel) => {
      if (channel === COMPANY) throw new Error('no');
      return 'key:1';
    };
    stage.feed.add(user);
    stage.feed.add(company);
    await stage.open();
    assert.deepEqual([user.status?.kind, company.status?.kind], ['listening', 'waiting']);
  });

  it('tells the time of the last event, to the minute, and keeps it over a reconnect', async () => {
    const stage = new FeedStage();
    const heard = toUser();
    stage.feed.add(heard);
    await stage.open();
    const before = heard.statuses.length;
    const first = stage.clock.now();
    for (let second = 0; second < 180; second += 1) {
      stage.feed.onEvent(USER, 'quickResponse', { data: [{}] });
      await stage.clock.pass(1_000);
    }
    const told = heard.statuses.slice(before);
    assert.ok(told.length >= 3 && told.length <= 4, `${told.length} for 180 events in 3 min`);
    assert.deepEqual(told[0], { kind: 'listening', lastEvent: first });
    stage.drop();
    await stage.open();
    assert.equal(heard.status?.lastEvent, stage.clock.now() - 1_000);
  });

  it('is not told twice', async () => {
    const stage = new FeedStage();
    const heard = toUser();
    stage.feed.add(heard);
    await stage.open();
    const { length } = heard.statuses;
    await stage.clock.pass(60 * MINUTE);
    stage.feed.onSubscribed(USER);
    await stage.clock.settle();
    assert.equal(heard.statuses.length, length);
  });

  it('is not told any more to someone who has left', async () => {
    const stage = new FeedStage();
    const heard = toUser();
    const stop = stage.feed.add(heard);
    await stage.open();
    const { length } = heard.statuses;
    stop();
    stage.drop();
    await stage.open();
    assert.equal(heard.statuses.length, length);
  });
});
