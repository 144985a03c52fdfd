import assert from 'node:assert/strict';
import { Gaps } from '../../src/inbox/gaps';
import { InboxStore } from '../../src/inbox/inbox-store';
import { silentLog } from '../../src/log';
import { FakeClock } from '../support/fake-clock';
import { MemoryRecords } from '../support/memory-records';
import { keepingAll } from '../support/retention';

const CHANNEL = 'private-v1.licenses.1.messengers.telegram';
/** When the first channel is received, in unix seconds. */
const START = 1_900_000_000;
/** How far a gap reaches back before that, in s. */
const OVERLAP = 600;

describe('Gaps', () => {
  let clock: FakeClock;
  let records: MemoryRecords;
  let gaps: Gaps;
  /** ChatApp's time, in unix seconds. */
  let serverTime: number;
  let isGuess: boolean;
  beforeEach(async () => {
    isGuess = false;
    serverTime = START + 0.5;
    clock = new FakeClock();
    records = new MemoryRecords();
    await start();
  });

  /** Starts again with what is on disk, as after a crash. */
  const start = async (): Promise<void> => {
    const store = new InboxStore(records, 'one', silentLog, keepingAll());
    await store.load();
    const knownTime = (): number | undefined => (isGuess ? undefined : serverTime);
    gaps = new Gaps({
      incidents: { open: () => undefined, close: () => undefined, clear: () => undefined },
      store,
      serverTime: () => serverTime,
      knownTime,
      clock,
      log: silentLog,
    });
    gaps.restore();
  };

  const receive = (time: number): void => {
    serverTime = Math.max(serverTime, time);
    gaps.received(time);
  };

  it('has no gap for a channel that was never received', () => {
    gaps.open(CHANNEL);
    assert.equal(gaps.get(CHANNEL), undefined);
  });

  it('opens a gap 10 min before the last moment in which the connection certainly received', () => {
    gaps.begin(CHANNEL);
    assert.equal(gaps.get(CHANNEL), undefined);
    receive(START + 100.7);
    gaps.open(CHANNEL);
    assert.equal(gaps.get(CHANNEL)?.from, START + 100 - OVERLAP);
  });

  it('makes no gap longer because of a guessed time, which may be years in the past', async () => {
    gaps.begin(CHANNEL);
    receive(START + 100);
    await gaps.flush();
    [isGuess, serverTime] = [true, 0];
    await start();
    assert.equal(gaps.get(CHANNEL)?.from, START + 100 - OVERLAP);
  });

  it('never goes back with what was received', () => {
    gaps.begin(CHANNEL);
    receive(START + 100);
    receive(START + 50);
    gaps.open(CHANNEL);
    assert.equal(gaps.get(CHANNEL)?.from, START + 100 - OVERLAP);
  });

  it('goes back with what was received if ChatApp’s clock was an hour ahead', () => {
    gaps.begin(CHANNEL);
    receive(START + 3_600);
    serverTime = START + 15;
    receive(START + 15);
    gaps.open(CHANNEL);
    assert.equal(gaps.get(CHANNEL)?.from, START + 15 - OVERLAP);
  });

  it('corrects a gap once that was opened while ChatApp’s clock was an hour ahead', async () => {
    gaps.begin(CHANNEL);
    await clock.pass(700_000);
    receive(START + 4_300);
    gaps.open(CHANNEL);
    gaps.note(CHANNEL, '1/telegram/7', START + 4_310);
    assert.equal(gaps.correct(CHANNEL), false);
    await clock.pass(100_000);
    serverTime = START + 800;
    assert.deepEqual([gaps.correct(CHANNEL), gaps.correct(CHANNEL)], [true, false]);
    assert.deepEqual(gaps.get(CHANNEL), { from: START + 100, chats: new Map(), beganAt: gaps.beganAt });
    assert.equal(gaps.correct('another'), false);
  });

  it('leaves a gap as it is if it is opened or begun again', () => {
    gaps.begin(CHANNEL);
    gaps.open(CHANNEL);
    const gap = gaps.get(CHANNEL);
    receive(START + 100);
    gaps.begin(CHANNEL);
    gaps.open(CHANNEL);
    assert.equal(gaps.get(CHANNEL), gap);
    assert.equal(gap?.from, START - OVERLAP);
  });

  it('closes the gap of one channel only, for a later run too', async () => {
    for (const channel of [CHANNEL, 'other']) {
      gaps.begin(channel);
      gaps.open(channel);
    }
    gaps.close(CHANNEL);
    assert.equal(gaps.get(CHANNEL), undefined);
    assert.equal(gaps.get('other')?.from, START - OVERLAP);
    receive(START + 100);
    await gaps.flush();
    await start();
    assert.deepEqual([gaps.get(CHANNEL)?.from, gaps.get('other')?.from], [START + 100 - OVERLAP, START - OVERLAP]);
  });

  it('begins a new gap at the time until which all was fetched', () => {
    gaps.begin(CHANNEL);
    gaps.open(CHANNEL);
    gaps.note(CHANNEL, 'chat', START);
    gaps.reopen(CHANNEL, START + 100);
    assert.equal(gaps.get(CHANNEL)?.from, START + 100 - OVERLAP);
    assert.deepEqual(gaps.get(CHANNEL)?.chats, new Map());
  });

  it('reopens no gap of a channel that was forgotten', () => {
    gaps.begin(CHANNEL);
    gaps.forget(CHANNEL);
    gaps.reopen(CHANNEL, START);
    assert.equal(gaps.get(CHANNEL), undefined);
  });

  it('opens gaps after a crash for all channels that were received', async () => {
    gaps.begin(CHANNEL);
    await clock.settle();
    await start();
    assert.equal(gaps.get(CHANNEL)?.from, START - OVERLAP);
  });

  it('writes the channels that begin in a row once', async () => {
    for (const channel of ['a', 'b', 'c']) gaps.begin(channel);
    await clock.settle();
    assert.deepEqual(records.written, ['channels', 'received']);
  });

  it('writes until when it received every 5 s', async () => {
    gaps.begin(CHANNEL);
    await clock.settle();
    for (let second = 1; second <= 5; second += 1) {
      receive(START + second);
      await clock.pass(1_000);
    }
    await clock.pass(1_000);
    assert.deepEqual(records.written, ['channels', 'received', 'received']);
    receive(START + 100);
    await start();
    assert.equal(gaps.get(CHANNEL)?.from, START + 5 - OVERLAP);
  });

  it('writes a new channel before the time until which it received', async () => {
    gaps.begin(CHANNEL);
    await clock.settle();
    records.written.length = 0;
    receive(START + 100);
    gaps.begin('other');
    gaps.open('other');
    await gaps.flush();
    assert.deepEqual(records.written, ['channels', 'gap/other', 'received']);
  });

  it('keeps a gap over a crash, and how far its chats were read as of the last 5 s', async () => {
    gaps.begin(CHANNEL);
    gaps.open(CHANNEL);
    gaps.note(CHANNEL, 'chat', START + 10);
    await clock.pass(5_000);
    gaps.note(CHANNEL, 'chat', START + 20);
    receive(START + 100);
    await start();
    assert.equal(gaps.get(CHANNEL)?.from, START - OVERLAP);
    assert.deepEqual(gaps.get(CHANNEL)?.chats, new Map([['chat', START + 10]]));
  });

  it('writes what is pending when it is flushed, and leaves no timer', async () => {
    gaps.begin(CHANNEL);
    gaps.open(CHANNEL);
    gaps.note(CHANNEL, 'chat', START + 10);
    await gaps.flush();
    assert.equal(clock.pending, 0);
    await start();
    assert.deepEqual(gaps.get(CHANNEL)?.chats, new Map([['chat', START + 10]]));
  });

  it('ignores a chat of a gap that is closed', async () => {
    gaps.begin(CHANNEL);
    await gaps.flush();
    gaps.note(CHANNEL, 'chat', START);
    assert.equal(gaps.get(CHANNEL), undefined);
    assert.equal(clock.pending, 0);
  });

  it('begins again with a channel that it has forgotten', async () => {
    gaps.begin(CHANNEL);
    gaps.open(CHANNEL);
    gaps.forget(CHANNEL);
    await gaps.flush();
    await start();
    assert.equal(gaps.get(CHANNEL), undefined);
    gaps.begin(CHANNEL);
    gaps.open(CHANNEL);
    assert.deepEqual(gaps.get(CHANNEL)?.chats, new Map());
  });

  it('tells when the oldest open gap began, which is before it was opened', async () => {
    assert.equal(gaps.beganAt, undefined);
    await clock.pass(2 * OVERLAP * 1_000);
    for (const channel of ['a', 'b']) gaps.begin(channel);
    const opened = clock.monotonic();
    gaps.open('a');
    await clock.pass(1_000);
    gaps.open('b');
    // It is half a second past `START`.
    assert.equal(gaps.beganAt, opened - 600_500);
    gaps.close('a');
    assert.equal(gaps.beganAt, opened + 1_000 - 600_500);
  });

  it('tells no time before this run, whose keys are all younger', async () => {
    gaps.begin(CHANNEL);
    await gaps.flush();
    await clock.pass(5_000);
    const startedAt = clock.monotonic();
    await start();
    assert.equal(gaps.beganAt, startedAt);
  });
});
