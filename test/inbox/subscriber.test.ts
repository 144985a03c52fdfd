import assert from 'node:assert/strict';
import { ChatAppError } from '../../src/errors';
import type { ChannelChoice, Listener } from '../../src/inbox/listener';
import { Subscriber } from '../../src/inbox/subscriber';
import type { Status } from '../../src/status';
import { nameOf } from '../support/errors';
import { fakeQueue } from '../support/fake-queue';
import { FakeSocket } from '../support/fake-socket';

const LINE: ChannelChoice = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' };
const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const OTHER = 'private-v1.licenses.50102.messengers.telegram';
const LINES = [
  { licenseId: '50101', messengerType: 'telegram' },
  { licenseId: '50101', messengerType: 'avito' },
  { licenseId: '50102', messengerType: 'telegram' },
];

describe('a subscriber', () => {
  let statuses: Status[];
  let errors: ChatAppError[];
  const listener = (settings: Partial<Listener> = {}): Listener => ({
    channel: LINE,
    events: ['message'],
    direction: 'any',
    onItem: () => undefined,
    onStatus: (status) => statuses.push(status),
    onError: (error) => errors.push(error),
    ...settings,
  });
  const subscriber = (settings: Partial<Listener> = {}, saved?: unknown): Subscriber => {
    const one = new Subscriber(listener(settings), fakeQueue());
    one.restore(saved);
    return one;
  };
  /** What a later run knows of it. */
  const saved = (one: Subscriber): unknown => structuredClone(one.toJSON());
  beforeEach(() => {
    statuses = [];
    errors = [];
  });

  it('keeps the id of its listener, or has one of its own', () => {
    assert.equal(subscriber({ id: 'node-1' }).id, 'node-1');
    assert.notEqual(subscriber().id, subscriber().id);
  });

  it('has a choice only if its channels follow from the lines of the account', () => {
    assert.equal(subscriber().choice, undefined);
    assert.equal(subscriber({ channel: { type: 'company', companyId: '2224' } }).choice, undefined);
    assert.ok(subscriber({ channel: { type: 'messenger', licenseId: '50101' } }).choice);
  });

  it('takes the channels of all lines that fit an open choice', () => {
    const fitting = (choice: ChannelChoice): string[] => {
      const one = subscriber({ channel: choice });
      assert.ok(one.choice);
      return [...one.channelsAmong(LINES, one.choice)];
    };
    assert.equal(fitting({ type: 'messenger' }).length, 3);
    assert.deepEqual(fitting({ type: 'messenger', messengerType: 'telegram', licenseId: '' }), [CHANNEL, OTHER]);
  });

  it('reports once that no line fits, and again after one had fitted', () => {
    const one = subscriber({ channel: { type: 'messenger', licenseId: '50101' } });
    const { choice } = one;
    assert.ok(choice);
    one.channelsAmong([], choice);
    one.channelsAmong([], choice);
    assert.deepEqual(errors.map(nameOf), ['CHANNEL_REFUSED.noLine']);
    one.channelsAmong(LINES, choice);
    one.channelsAmong([], choice);
    assert.equal(errors.length, 2);
  });

  it('wants the events of its filter, or all if that is empty', () => {
    assert.deepEqual(
      ['message', 'messageStatus'].map((event) => subscriber().wantsEvent(event)),
      [true, false],
    );
    assert.ok(subscriber({ events: [] }).wantsEvent('unknownEvent'));
  });

  it('wants no message from before it listened to the channel', () => {
    const one = subscriber();
    assert.ok(!one.isWanted(CHANNEL, 'message', 5_000), 'it does not listen yet');
    assert.ok(one.begin(CHANNEL, 1_000));
    assert.deepEqual(
      [999, 1_000].map((time) => one.isWanted(CHANNEL, 'message', time)),
      [false, true],
    );
    assert.ok(!one.isWanted(OTHER, 'message', 5_000));
  });

  it('keeps the time since when it listens, however often the channel begins, until it leaves', () => {
    const one = subscriber();
    one.begin(CHANNEL, 1_000);
    assert.ok(!one.begin(CHANNEL, 2_000));
    assert.ok(one.isWanted(CHANNEL, 'message', 1_500));
    one.leave(CHANNEL);
    assert.ok(one.begin(CHANNEL, 3_000));
    assert.ok(!one.isWanted(CHANNEL, 'message', 2_500));
  });

  it('wants events that a deploy adds since the deploy, and the others as before', () => {
    const one = subscriber();
    one.begin(CHANNEL, 1_000);
    one.replace(listener({ events: [] }), 2_000);
    assert.deepEqual(
      [1_999, 2_000].map((time) => one.isWanted(CHANNEL, 'messageSystem', time)),
      [false, true],
    );
    assert.ok(one.isWanted(CHANNEL, 'message', 1_000));
  });

  it('wants events that a deploy adds before ChatApp’s time is known since it listens, the others as before', () => {
    const before = subscriber();
    before.begin(CHANNEL, 1_000);
    const one = subscriber({}, saved(before));
    one.replace(listener({ events: [] }), undefined);
    assert.ok(!one.isWanted(CHANNEL, 'messageSystem', 5_000), 'not known yet');
    for (const later of [one, subscriber({ events: [] }, saved(one))]) {
      assert.ok(later.begin(CHANNEL, 3_000), 'that has to be stored');
      assert.deepEqual(
        [2_999, 3_000].map((time) => later.isWanted(CHANNEL, 'messageSystem', time)),
        [false, true],
      );
      assert.ok(later.isWanted(CHANNEL, 'message', 1_000));
    }
  });

  it('remembers all this across a restart', () => {
    const before = subscriber();
    before.begin(CHANNEL, 1_000);
    before.replace(listener({ events: [] }), 2_000);
    const one = subscriber({ events: [] }, saved(before));
    assert.ok(!one.begin(CHANNEL, 3_000));
    assert.deepEqual(
      [999, 1_000].map((time) => one.isWanted(CHANNEL, 'message', time)),
      [false, true],
    );
    assert.deepEqual(
      [1_999, 2_000].map((time) => one.isWanted(CHANNEL, 'messageSystem', time)),
      [false, true],
    );
  });

  it('wants events that were added while Node-RED was not running since it listens again, the others as before', () => {
    const before = subscriber();
    before.begin(CHANNEL, 1_000);
    const one = subscriber({ events: ['message', 'messageSystem'] }, saved(before));
    assert.ok(!one.isWanted(CHANNEL, 'messageSystem', 5_000), 'not known yet');
    assert.ok(one.begin(CHANNEL, 3_000), 'that has to be stored');
    assert.deepEqual(
      [2_999, 3_000].map((time) => one.isWanted(CHANNEL, 'messageSystem', time)),
      [false, true],
    );
    assert.ok(one.isWanted(CHANNEL, 'message', 1_000));
    assert.ok(!one.begin(CHANNEL, 4_000));
  });

  it('still knows which events were added if it is stored before it listens again', () => {
    const before = subscriber();
    before.begin(CHANNEL, 1_000);
    const second = subscriber({ events: [] }, saved(before));
    const third = subscriber({ events: [] }, saved(second));
    third.begin(CHANNEL, 3_000);
    assert.ok(!third.isWanted(CHANNEL, 'messageSystem', 2_000));
    const fourth = subscriber({ events: [] }, saved(third));
    assert.ok(fourth.isWanted(CHANNEL, 'messageSystem', 3_000));
    assert.ok(!fourth.isWanted(CHANNEL, 'messageSystem', 2_999));
  });

  it('begins again if what was stored is malformed', () => {
    for (const value of [undefined, 'text', { since: { [CHANNEL]: '1000' }, events: 7 }]) {
      const one = subscriber({}, value);
      assert.ok(!one.isWanted(CHANNEL, 'message', 5_000));
      assert.ok(one.begin(CHANNEL, 1_000));
    }
  });

  it('reports a status when it changes, and again to a new listener', () => {
    const one = subscriber();
    const idle = { socket: { kind: 'idle' }, subscriptions: [] } as const;
    one.show(idle);
    one.show(idle);
    assert.deepEqual(statuses, [{ kind: 'stopped' }]);
    one.replace(listener(), 1_000);
    one.show(idle);
    assert.equal(statuses.length, 2);
  });

  it('shows the minute of its last event while it listens', () => {
    const one = subscriber();
    one.noteDelivery(60_000);
    one.show({ socket: { kind: 'open', socket: new FakeSocket('1.1') }, subscriptions: [{ kind: 'subscribed' }] });
    one.noteDelivery(61_000);
    one.noteDelivery(120_000);
    assert.deepEqual(statuses, [
      { kind: 'listening', lastEvent: 60_000 },
      { kind: 'listening', lastEvent: 120_000 },
    ]);
  });

  it('shows what waits in its queue while it listens', () => {
    const one = subscriber();
    const open = {
      socket: { kind: 'open', socket: new FakeSocket('1.1') },
      subscriptions: [{ kind: 'subscribed' }],
    } as const;
    one.noteBacklog({ backlog: 3 });
    one.show({ socket: { kind: 'connecting' }, subscriptions: [] });
    one.show(open);
    one.noteBacklog({ backlog: 2, nextAttempt: 60_000 });
    one.noteBacklog({ backlog: 2, nextAttempt: 61_000 });
    one.noteBacklog({});
    assert.deepEqual(statuses, [
      { kind: 'connecting' },
      { kind: 'listening', backlog: 3 },
      { kind: 'listening', backlog: 2, nextAttempt: 60_000 },
      { kind: 'listening' },
    ]);
  });

  it('shows no status while its node is away', () => {
    const one = subscriber();
    one.show({ socket: { kind: 'idle' }, subscriptions: [] });
    one.leaveForDeploy();
    one.show({ socket: { kind: 'open', socket: new FakeSocket('1.1') }, subscriptions: [{ kind: 'subscribed' }] });
    one.noteBacklog({ backlog: 1 });
    assert.deepEqual(statuses, [{ kind: 'stopped' }]);
  });

  describe('that is away during a deploy', () => {
    const failure = (count: number): ChatAppError => ChatAppError.of('RECOVERY_FAILED', 'unwanted', { count });

    it('reports errors when its node is there again, to the new listener, in order', () => {
      const one = subscriber();
      one.leaveForDeploy();
      assert.ok(one.isAway);
      one.reportError(failure(1));
      one.reportError(failure(2));
      assert.deepEqual(errors, []);
      const reported: unknown[] = [];
      one.replace(listener({ onError: ({ params }, delivery) => reported.push(params.count, delivery) }), 1_000);
      assert.deepEqual([one.isAway, errors, reported], [false, [], [1, undefined, 2, undefined]]);
      one.reportError(failure(3));
      assert.deepEqual(reported.slice(4), [3, undefined]);
    });

    it('keeps the first 20 errors', () => {
      const one = subscriber();
      one.leaveForDeploy();
      for (let count = 1; count <= 25; count += 1) one.reportError(failure(count));
      one.replace(listener(), 1_000);
      assert.deepEqual([errors.length, errors[0]?.params.count, errors[19]?.params.count], [20, 1, 20]);
    });

    it('loses no error if it leaves twice', () => {
      const one = subscriber();
      one.leaveForDeploy();
      one.reportError(failure(1));
      one.leaveForDeploy();
      one.replace(listener(), 1_000);
      assert.equal(errors.length, 1);
    });

    it('reports no status', () => {
      const one = subscriber();
      one.leaveForDeploy();
      one.show({ socket: { kind: 'idle' }, subscriptions: [] });
      assert.deepEqual(statuses, []);
    });
  });
});
