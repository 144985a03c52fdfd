import assert from 'node:assert/strict';
import { InboxState } from '../../src/inbox/inbox-state';
import { silentLog } from '../../src/log';
import { FakeClock } from '../support/fake-clock';
import { retentionOf } from '../support/retention';

describe('the time until which an inbox has received', () => {
  /** When the test begins, by ChatApp's clock, in unix seconds. */
  const START = 1_900_000_000;
  let clock: FakeClock;
  let began: number;
  let state: InboxState;
  beforeEach(() => {
    clock = new FakeClock();
    began = clock.monotonic();
    const serverTime = (): number => START + (clock.monotonic() - began) / 1_000;
    state = new InboxState({
      ...{ scope: 'one', hours: 24, hasWebhooks: false, isUnstored: () => false, retention: retentionOf(clock) },
      ...{ serverTime, clock, log: silentLog, onNotice: () => undefined, onError: (error) => assert.fail(error) },
    });
    state.gaps.begin('one');
  });

  /** An event is accepted; the result is called when no crash can lose it any more. */
  const accept = (): (() => void) => state.unsecured.add('one');
  /** Until when it has received, in s since the beginning, if that has arrived which was sent until `time`. */
  const receivedUntil = (time = clock.monotonic()): number => {
    state.receivedUntil(time);
    return (state.gaps.receivedUntil ?? NaN) - START;
  };

  it('is the time of an answered ping by the clock of ChatApp, however late the answer is', async () => {
    await clock.pass(10_000);
    const pingedAt = clock.monotonic();
    await clock.pass(4_000);
    assert.equal(receivedUntil(pingedAt), 10);
  });

  it('does not pass the arrival of the oldest event that a crash could lose', async () => {
    await clock.pass(1_000);
    const secureFirst = accept();
    await clock.pass(1_000);
    const secureSecond = accept();
    await clock.pass(8_000);
    assert.equal(receivedUntil(), 1);
    secureFirst();
    assert.equal(receivedUntil(), 2);
    secureSecond();
    assert.equal(receivedUntil(), 10);
  });

  it('waits for the oldest event if a later one is safe before it', async () => {
    accept();
    await clock.pass(1_000);
    accept()();
    await clock.pass(1_000);
    assert.equal(receivedUntil(), 0);
  });

  it('is the time of the ping if the oldest event arrived after it', async () => {
    await clock.pass(5_000);
    const pingedAt = clock.monotonic();
    await clock.pass(1_000);
    accept();
    assert.equal(receivedUntil(pingedAt), 5);
  });

  it('does not depend on the time of day', async () => {
    await clock.pass(5_000);
    clock.setTo(clock.now() + 3_600_000);
    assert.equal(receivedUntil(), 5);
  });
});
