import assert from 'node:assert/strict';
import type { LineEntry } from '../../src/api/entry';
import { LineNames } from '../../src/channels/line-names';
import { silentLog } from '../../src/log';
import { FakeClock } from '../support/fake-clock';

const SHOP: LineEntry = {
  licenseId: '1',
  name: 'Shop',
  messengers: [{ type: 'telegram' }, { type: 'grWhatsApp', name: '[WEB] WhatsApp' }],
};

/** Names that are read from `answer`: a list of lines, or an error. */
function namesOf(answer: () => readonly LineEntry[] | Error): {
  names: LineNames;
  clock: FakeClock;
  reads: () => number;
} {
  const clock = new FakeClock();
  let reads = 0;
  const names: LineNames = new LineNames({
    read: async () => {
      reads += 1;
      const lines = await Promise.resolve(answer());
      if (lines instanceof Error) throw lines;
      names.update(lines);
    },
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  return { names, clock, reads: () => reads };
}

describe('the names of lines', () => {
  it('are unknown until the list was read, and then what the dialogs show', async () => {
    const { names, clock } = namesOf(() => [SHOP]);
    names.start();
    assert.equal(names.of('1', 'telegram'), undefined);
    await clock.settle();
    assert.deepEqual(names.of('1', 'telegram'), { lineName: 'Shop', messengerName: 'Telegram' });
    assert.deepEqual(names.of('1', 'grWhatsApp'), { lineName: 'Shop', messengerName: '[WEB] WhatsApp' });
    assert.equal(names.of('2', 'telegram'), undefined);
    assert.equal(names.of(undefined, undefined), undefined);
  });

  it('leave out the name of a line that has none', async () => {
    const { names, clock } = namesOf(() => [{ licenseId: '1', messengers: [{ type: 'telegram' }] }]);
    names.start();
    await clock.settle();
    assert.deepEqual(names.of('1', 'telegram'), { messengerName: 'Telegram' });
  });

  it('are read once, however many listeners there are', async () => {
    const { names, clock, reads } = namesOf(() => [SHOP]);
    names.start();
    names.start();
    await clock.pass(3_600_000);
    names.start();
    assert.equal(reads(), 1);
  });

  it('are not read if something else has read the lines before', () => {
    const { names, reads } = namesOf(() => [SHOP]);
    names.update([SHOP]);
    names.start();
    assert.equal(reads(), 0);
  });

  it('are read again after a failure, more and more slowly, until that works', async () => {
    let isDown = true;
    const { names, clock, reads } = namesOf(() => (isDown ? new Error('down') : [SHOP]));
    names.start();
    await clock.pass(4_900);
    assert.equal(reads(), 1);
    await clock.pass(15_200);
    assert.equal(reads(), 3);
    isDown = false;
    await clock.pass(30_000);
    assert.equal(names.of('1', 'telegram')?.lineName, 'Shop');
    await clock.pass(3_600_000);
    assert.equal(reads(), 4);
  });

  it('are not read any more once they are stopped', async () => {
    const { names, clock, reads } = namesOf(() => new Error('down'));
    names.start();
    await clock.settle();
    names.stop();
    await clock.pass(3_600_000);
    assert.equal(reads(), 1);
  });

  it('stay known if a later list lacks a line', () => {
    const { names } = namesOf(() => [SHOP]);
    names.update([SHOP]);
    names.update([]);
    assert.equal(names.of('1', 'telegram')?.lineName, 'Shop');
  });
});
