import assert from 'node:assert/strict';
import { ReceivedUntil } from '../../src/inbox/received-until';
import { FakeClock } from '../support/fake-clock';

describe('ReceivedUntil', () => {
  /** When the test begins, by ChatApp's clock, in unix seconds. */
  const START = 1_900_000_000;
  let clock: FakeClock;
  let began: number;
  /** What was noted, in s since the beginning. */
  let noted: number[];
  let subject: ReceivedUntil;
  beforeEach(() => {
    clock = new FakeClock();
    began = clock.monotonic();
    noted = [];
    const serverTime = (): number => START + (clock.monotonic() - began) / 1_000;
    subject = new ReceivedUntil({ received: (time) => noted.push(Math.round(time - START)) }, clock, serverTime);
  });

  it('notes the time of an answered ping by the clock of ChatApp, however late the answer is', async () => {
    await clock.pass(10_000);
    const pingedAt = clock.monotonic();
    await clock.pass(4_000);
    subject.update(pingedAt);
    assert.deepEqual(noted, [10]);
  });

  it('does not pass the arrival of the oldest event that a crash could lose', async () => {
    await clock.pass(1_000);
    const releaseFirst = subject.hold();
    await clock.pass(1_000);
    const releaseSecond = subject.hold();
    await clock.pass(8_000);
    subject.update(clock.monotonic());
    releaseFirst();
    subject.update(clock.monotonic());
    releaseSecond();
    subject.update(clock.monotonic());
    assert.deepEqual(noted, [1, 2, 10]);
  });

  it('waits for the oldest event if a later one is safe before it', async () => {
    subject.hold();
    await clock.pass(1_000);
    subject.hold()();
    await clock.pass(1_000);
    subject.update(clock.monotonic());
    assert.deepEqual(noted, [0]);
  });

  it('notes the time of the ping if the oldest event arrived after it', async () => {
    await clock.pass(5_000);
    const pingedAt = clock.monotonic();
    await clock.pass(1_000);
    subject.hold();
    subject.update(pingedAt);
    assert.deepEqual(noted, [5]);
  });

  it('does not depend on the time of day', async () => {
    await clock.pass(5_000);
    clock.setTo(clock.now() + 3_600_000);
    subject.update(clock.monotonic());
    assert.deepEqual(noted, [5]);
  });
});
