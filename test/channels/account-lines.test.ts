import assert from 'node:assert/strict';
import type { AccountLine } from '../../src/api/lines';
import { KnownLines } from '../../src/channels/account-lines';
import { FakeClock } from '../support/fake-clock';

const WHATSAPP: AccountLine = { licenseId: '1', messengerType: 'grWhatsApp' };
const TELEGRAM: AccountLine = { licenseId: '1', messengerType: 'telegram' };
const OTHER: AccountLine = { licenseId: '2', messengerType: 'telegram' };
const inactive = (line: AccountLine): AccountLine => ({ ...line, isInactive: true });

describe('KnownLines', () => {
  let clock: FakeClock;
  let log: string[];
  let known: KnownLines;
  /** Takes an answer so many seconds after the one before; returns the lines that count. */
  const update = async (seconds: number, ...answer: AccountLine[]): Promise<readonly AccountLine[]> => {
    await clock.pass(seconds * 1_000);
    known.update(answer);
    return known.all;
  };
  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    const write = (line: string): void => void log.push(line);
    known = new KnownLines(clock, { debug: write, info: write, warn: write });
  });

  it('takes new lines at once', async () => {
    assert.deepEqual(await update(0, TELEGRAM), [TELEGRAM]);
    assert.deepEqual(await update(1, TELEGRAM, OTHER), [TELEGRAM, OTHER]);
    assert.equal(known.isUnconfirmed, false);
  });

  it('takes an empty list at once if there was no line before', async () => {
    assert.deepEqual(await update(0), []);
    assert.equal(known.isUnconfirmed, false);
  });

  for (const [what, seconds, answer] of [
    ['an hour in which all answers lack it', 3_600, [WHATSAPP]],
    ['an hour of empty answers', 3_600, []],
    ['a minute in which it is not active', 60, [WHATSAPP, inactive(TELEGRAM)]],
  ] as const) {
    it(`gives up a line only after ${what}`, async () => {
      await update(0, WHATSAPP, TELEGRAM);
      const kept = [...(await update(600, ...answer))].sort((a, b) => a.messengerType.localeCompare(b.messengerType));
      assert.deepEqual([kept, known.isUnconfirmed], [[WHATSAPP, TELEGRAM], true]);
      assert.equal((await update(seconds - 1, ...answer)).filter(({ isInactive }) => !isInactive).length, 2);
      assert.deepEqual(await update(1, ...answer), answer);
      assert.equal(known.isUnconfirmed, false);
    });
  }

  it('begins to count again if the line was there in between', async () => {
    await update(0, WHATSAPP, TELEGRAM);
    await update(600, WHATSAPP);
    await update(1_800, WHATSAPP, TELEGRAM);
    await update(60, WHATSAPP);
    assert.equal((await update(3_599, WHATSAPP)).length, 2);
    assert.equal((await update(1, WHATSAPP)).length, 1);
  });

  it('counts for each line by itself', async () => {
    await update(0, WHATSAPP, TELEGRAM, OTHER);
    await update(600, WHATSAPP, OTHER);
    await update(1_800, WHATSAPP);
    assert.deepEqual(await update(1_800, WHATSAPP), [WHATSAPP, OTHER]);
    assert.deepEqual(await update(1_800, WHATSAPP), [WHATSAPP]);
  });

  it('measures by the monotonic clock, not by the time of day', async () => {
    await update(0, WHATSAPP, TELEGRAM);
    await update(600, WHATSAPP);
    clock.setTo(clock.now() + 3_600_000);
    assert.equal((await update(1, WHATSAPP)).length, 2);
  });

  it('takes a line that is active again at once', async () => {
    await update(0, inactive(TELEGRAM));
    assert.deepEqual(await update(1, TELEGRAM), [TELEGRAM]);
  });

  it('writes once into the log that a line is not active, however often it is read', async () => {
    await update(0, inactive(WHATSAPP), inactive(TELEGRAM), OTHER);
    for (let count = 0; count < 5; count += 1) await update(600, inactive(WHATSAPP), inactive(TELEGRAM), OTHER);
    assert.deepEqual(log, ['Line 1 is not active: nodes that listen to all lines leave it out']);
    await update(600, WHATSAPP, OTHER);
    await update(600, inactive(WHATSAPP), OTHER);
    await update(60, inactive(WHATSAPP), OTHER);
    assert.equal(log.filter((line) => line.includes('not active')).length, 2);
  });
});
