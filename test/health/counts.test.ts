import assert from 'node:assert/strict';
import { ErrorLog, failureOf } from '../../src/error-log';
import { ChatAppError, englishText } from '../../src/errors';
import { EventCounters } from '../../src/event-counters';
import { ChannelCounts } from '../../src/inbox/channel-counts';
import { FillProgress } from '../../src/inbox/fill-progress';
import { SendCounts } from '../../src/send/send-counts';
import { FakeClock } from '../support/fake-clock';

const HOUR = 3_600_000;

describe('ChannelCounts', () => {
  let clock: FakeClock;
  let counts: ChannelCounts;
  beforeEach(() => {
    clock = new FakeClock();
    counts = new ChannelCounts(clock);
  });

  it('counts events by hour, the running hour last', async () => {
    counts.accept(2);
    await clock.pass(HOUR);
    counts.accept(1);
    counts.accept(4);
    await clock.pass(2 * HOUR);
    assert.deepEqual(counts.hours, [...Array<number>(20).fill(0), 2, 5, 0, 0]);
  });

  it('forgets what is older than a day, however long nothing came', async () => {
    counts.accept(3);
    await clock.pass(23 * HOUR);
    assert.deepEqual(counts.hours, [3, ...Array<number>(23).fill(0)]);
    await clock.pass(HOUR);
    assert.equal(counts.hours, undefined);
    counts.accept(1);
    await clock.pass(100 * HOUR);
    assert.equal(counts.hours, undefined);
  });

  it('counts what was left out by reason', () => {
    counts.skip('duplicate');
    counts.skip('duplicate', 2);
    counts.skipUnwanted();
    assert.deepEqual(counts.skipped, { duplicate: 3, unwanted: 1 });
  });
});

describe('EventCounters', () => {
  it('counts events of names that the catalogue does not have together: a server may make up any number', () => {
    const counters = new EventCounters(new FakeClock());
    for (let index = 0; index < 1_000; index += 1) counters.of(`made up ${index}`, 'socket').received += 1;
    counters.of('message', 'webhook').received += 1;
    assert.deepEqual(
      counters.totals.events.map(({ event, source, received }) => [event, source, received]),
      [
        ['message', 'webhook', 1],
        ['other', 'socket', 1_000],
      ],
    );
  });

  it('measures how long deliveries took; a clock that was set back counts as no time', () => {
    const clock = new FakeClock();
    const counters = new EventCounters(clock);
    for (const age of [-HOUR, 0, 3, 3, 70_000, 10 * HOUR])
      counters.noteDelivered('message', 'socket', clock.now() - age);
    const { buckets, sum, count } = counters.totals.latency;
    const filled = buckets.filter((bucket) => bucket.count > 0);
    assert.deepEqual(
      filled.map(({ le, count: values }) => [le, values]),
      [
        [0.001, 2],
        [0.005, 2],
        [600, 1],
        [Infinity, 1],
      ],
    );
    assert.deepEqual([Math.round(sum), count], [36_070, 6]);
  });
});

describe('ErrorLog', () => {
  const lost = (host: string): ChatAppError =>
    ChatAppError.of('CONNECTION_LOST', 'outage', { host, since: '', status: '' });

  it('keeps the latest 50, each error with the node or line that it concerns', () => {
    const log = new ErrorLog(new FakeClock());
    for (let index = 0; index < 60; index += 1) log.note(lost(String(index)), 'node');
    assert.equal(log.all.length, 50);
    assert.deepEqual([log.all[0]?.params.host, log.all.at(-1)?.params.host], ['10', '59']);
    assert.deepEqual(log.all.at(-1)?.nodes, ['node']);
  });

  it('has an error that many nodes get once, and counts one that comes again', async () => {
    const clock = new FakeClock();
    const log = new ErrorLog(clock);
    const error = lost('host');
    log.note(error, 'one');
    log.note(error, 'two');
    log.note(lost('other'));
    await clock.pass(HOUR);
    log.note(lost('host'), 'one');
    const { at, count, nodes } = log.all.at(-1) ?? {};
    assert.deepEqual([log.all.length, at, count, nodes], [2, clock.now(), 2, ['one', 'two']]);
  });

  it('leaves out what servers and flows say: it may quote a customer', () => {
    const error = ChatAppError.of('SEND_REFUSED', 'unknownChat', {
      line: '1',
      messenger: 'max',
      words: 'no +7999',
      cause: 'x',
    });
    assert.deepEqual(failureOf(error).params, { line: '1', messenger: 'max' });
    assert.doesNotMatch(englishText(failureOf(error)), /7999/);
  });
});

describe('FillProgress', () => {
  it('tells the time that is left by the pace so far, and by the limit of requests', async () => {
    const clock = new FakeClock();
    const progress = new FillProgress(clock, 5);
    for (let index = 0; index < 100; index += 1) progress.find(`chat ${index}`);
    assert.deepEqual(progress.state, { chatsFound: 100, chatsDone: 0, messages: 5 });
    progress.begin();
    progress.fetch(7);
    progress.finish('chat 0');
    // 40 requests a second are for missed messages.
    assert.deepEqual(progress.state, { chatsFound: 100, chatsDone: 1, messages: 12, secondsLeft: 3 });
    await clock.pass(10_000);
    progress.finish('chat 1');
    assert.equal(progress.state.secondsLeft, 490);
  });
});

describe('SendCounts', () => {
  it('counts what nodes send by outcome, and reports errors with the node', async () => {
    const errors: unknown[] = [];
    const counts = new SendCounts((error, node) => errors.push([error.reason, node]));
    const refuse = (error: unknown) => () => Promise.reject(error instanceof Error ? error : new Error());
    let end: () => void = () => undefined;
    const waiting = counts.track('a', () => new Promise<void>((resolve) => (end = resolve)));
    assert.equal(counts.all[0]?.queued, 1);
    end();
    await waiting;
    await assert.rejects(counts.track('a', refuse(ChatAppError.of('SEND_REFUSED', 'loop'))));
    await assert.rejects(counts.track('a', refuse(ChatAppError.of('SEND_UNCERTAIN', 'lost'))));
    await assert.rejects(counts.track('b', refuse(new TypeError())));
    assert.deepEqual(counts.all, [
      { node: 'a', queued: 0, sent: 1, uncertain: 1, refused: { 'SEND_REFUSED.loop': 1 } },
      { node: 'b', queued: 0, sent: 0, uncertain: 1, refused: {} },
    ]);
    assert.deepEqual(errors, [
      ['loop', 'a'],
      ['lost', 'a'],
    ]);
  });
});
