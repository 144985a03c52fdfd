import assert from 'node:assert/strict';
import type { ChannelChoice } from '../../src/inbox/listener';
import { InboxHarness } from '../support/inbox-harness';
import { ListenerSpy } from '../support/listener-spy';

const USER = 'private-v1.users.9041';
const COMPANY = 'private-v1.companies.3306';
const MINUTE = 60_000;

const toUser = (): ListenerSpy => new ListenerSpy({ type: 'user', userId: '9041' });
const toCompany = (): ListenerSpy => new ListenerSpy({ type: 'company', companyId: '3306' });

describe('the subscriptions of an inbox', () => {
  it('are made under ChatApp’s names of the channels', async () => {
    const harness = new InboxHarness();
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
    for (const choice of Object.values(choices)) harness.inbox.add(new ListenerSpy(choice));
    const socket = await harness.open();
    assert.deepEqual(
      socket.subscribed,
      Object.keys(choices).map((name) => [name, `1.1:${name}`]),
    );
  });

  it('are one for each channel, however many listen to it', async () => {
    const harness = new InboxHarness();
    const spy = Array.from({ length: 50 }, toUser);
    const stops = spy.map((one) => harness.inbox.add(one));
    const socket = await harness.open();
    spy.push(toUser(), toCompany());
    for (const late of spy.slice(50)) stops.push(harness.inbox.add(late));
    await harness.clock.settle();
    assert.deepEqual(
      socket.subscribed.map(([channel]) => channel),
      [USER, COMPANY],
    );
    assert.equal(harness.authorised.length, 2);
    assert.ok(spy.every(({ status }) => status?.kind === 'listening'));

    for (const stop of stops.slice(0, 50)) stop();
    assert.deepEqual(socket.unsubscribed, [], 'one still listens');
    stops[50]?.();
    assert.deepEqual(socket.unsubscribed, [USER]);
    assert.equal(harness.emptied, 0);
    stops[51]?.();
    assert.deepEqual([socket.unsubscribed, harness.emptied], [[USER, COMPANY], 1]);
    for (const stop of stops) stop();
    assert.deepEqual([socket.unsubscribed.length, harness.emptied], [2, 1], 'a second stop does nothing');
  });

  it('are made again on every new socket, with signatures for it', async () => {
    const harness = new InboxHarness();
    harness.inbox.add(toUser());
    await harness.open();
    harness.drop();
    const second = await harness.open();
    assert.deepEqual(second.subscribed, [[USER, `2.1:${USER}`]]);
  });

  it('never use a signature that was made for an earlier socket', async () => {
    const harness = new InboxHarness();
    const answers: (() => void)[] = [];
    harness.sign = (channel, socketId) =>
      new Promise((resolve) => answers.push(() => resolve(`${socketId}:${channel}`)));
    harness.inbox.add(toUser());
    const first = await harness.open();
    harness.drop();
    const second = await harness.open();
    answers[0]?.();
    await harness.clock.settle();
    assert.deepEqual([first.subscribed, second.subscribed], [[], []]);
    answers[1]?.();
    await harness.clock.settle();
    assert.deepEqual([first.subscribed, second.subscribed], [[], [[USER, `2.1:${USER}`]]]);
  });

  it('are not made any more for a listener that left while they were authorised', async () => {
    const harness = new InboxHarness();
    const answers: (() => void)[] = [];
    harness.sign = () => new Promise((resolve) => answers.push(() => resolve('key:1')));
    const spy = toUser();
    const stop = harness.inbox.add(spy);
    const socket = await harness.open();
    stop();
    answers[0]?.();
    await harness.clock.settle();
    assert.deepEqual(socket.subscribed, []);
    assert.equal(spy.status?.kind, 'authorising');
  });

  it('cannot be made for malformed ids, and such an attempt leaves nothing behind', async () => {
    const harness = new InboxHarness();
    assert.throws(() => harness.inbox.add(new ListenerSpy({ type: 'company', companyId: 'x' })), RangeError);
    assert.equal(harness.emptied, 1, 'nobody has come');
    const socket = await harness.open();
    assert.deepEqual(socket.subscribed, []);
    const stop = harness.inbox.add(toUser());
    assert.throws(() => harness.inbox.add(new ListenerSpy({ type: 'user', userId: '1.2' })), RangeError);
    assert.equal(harness.emptied, 1, 'someone is there');
    stop();
    assert.equal(harness.emptied, 2, 'nobody is left');
  });
});

describe('the status of a listener', () => {
  it('follows the socket, then its own subscription', async () => {
    const harness = new InboxHarness();
    const spy = toUser();
    harness.inbox.add(spy);
    await harness.open();
    harness.drop();
    await harness.open();
    assert.deepEqual(spy.kinds, [
      'stopped',
      'connecting',
      'authorising',
      'listening',
      'waiting',
      'connecting',
      'authorising',
      'listening',
    ]);
    assert.equal(spy.statuses[4]?.nextTry, harness.clock.now() + 500);
  });

  it('is reported at once to a listener that comes late', async () => {
    const harness = new InboxHarness();
    harness.inbox.add(toUser());
    await harness.open();
    const late = toUser();
    harness.inbox.add(late);
    assert.deepEqual(late.kinds, ['listening']);
  });

  it('shows a socket that was refused as refused', () => {
    const harness = new InboxHarness();
    const spy = toUser();
    harness.inbox.add(spy);
    harness.inbox.onSocket({ kind: 'refused', nextTry: 17 });
    assert.deepEqual(spy.status, { kind: 'refused', nextTry: 17 });
  });

  it('is its own: what happens to another channel does not show', async () => {
    const harness = new InboxHarness();
    const [user, company] = [toUser(), toCompany()];
    harness.sign = (channel) => {
      if (channel === COMPANY) throw new Error('no');
      return 'key:1';
    };
    harness.inbox.add(user);
    harness.inbox.add(company);
    await harness.open();
    assert.deepEqual([user.status?.kind, company.status?.kind], ['listening', 'waiting']);
  });

  it('has the time of the last event, to the minute, and keeps it over a reconnect', async () => {
    const harness = new InboxHarness();
    const spy = toUser();
    harness.inbox.add(spy);
    await harness.open();
    const before = spy.statuses.length;
    const first = harness.clock.now();
    for (let second = 0; second < 180; second += 1) {
      harness.inbox.onEvent(USER, 'quickResponse', { data: [{}] });
      await harness.clock.pass(1_000);
    }
    const reported = spy.statuses.slice(before);
    assert.ok(reported.length >= 3 && reported.length <= 4, `${reported.length} for 180 events in 3 min`);
    assert.deepEqual(reported[0], { kind: 'listening', lastEvent: first });
    harness.drop();
    await harness.open();
    assert.equal(spy.status?.lastEvent, harness.clock.now() - 1_000);
  });

  it('is not reported twice', async () => {
    const harness = new InboxHarness();
    const spy = toUser();
    harness.inbox.add(spy);
    await harness.open();
    const { length } = spy.statuses;
    await harness.clock.pass(60 * MINUTE);
    harness.inbox.onSubscribed(USER);
    await harness.clock.settle();
    assert.equal(spy.statuses.length, length);
  });

  it('is not reported any more to a listener that has left', async () => {
    const harness = new InboxHarness();
    const spy = toUser();
    const stop = harness.inbox.add(spy);
    await harness.open();
    const { length } = spy.statuses;
    stop();
    harness.drop();
    await harness.open();
    assert.equal(spy.statuses.length, length);
  });
});
