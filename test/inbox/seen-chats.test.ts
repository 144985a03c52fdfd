import assert from 'node:assert/strict';
import { InboxStore } from '../../src/inbox/inbox-store';
import { SeenChats } from '../../src/inbox/seen-chats';
import { silentLog } from '../../src/log';
import { FakeClock } from '../support/fake-clock';
import { MemoryRecords } from '../support/memory-records';
import { keepingAll } from '../support/retention';

const CHANNEL = 'private-v1.companies.1.users.2';
const OTHER = 'private-v1.companies.1.users.22';

describe('SeenChats', () => {
  let clock: FakeClock;
  let records: MemoryRecords;
  let seen: SeenChats;
  beforeEach(async () => {
    clock = new FakeClock();
    records = new MemoryRecords();
    await start();
  });

  /** Starts again with what is on disk, as after a crash. */
  const start = async (): Promise<void> => {
    const store = new InboxStore(records, 'one', silentLog, keepingAll());
    await store.load();
    seen = new SeenChats({ store, clock, log: silentLog });
    seen.restore();
  };
  const names = (count: number, from = 0): string[] =>
    Array.from({ length: count }, (_, index) => `1/telegram/${from + index}`);
  const hasAll = (chats: readonly string[]): boolean => chats.every((chat) => seen.has(CHANNEL, chat));

  it('knows the chats of each channel, also after a crash', async () => {
    seen.add(CHANNEL, names(250));
    seen.add(OTHER, ['2/max/1']);
    await clock.pass(1);
    await start();
    assert.ok(hasAll(names(250)));
    assert.deepEqual([seen.has(CHANNEL, '2/max/1'), seen.has(OTHER, '2/max/1')], [false, true]);
    seen.add(CHANNEL, ['1/telegram/new']);
    await clock.pass(1);
    await start();
    assert.ok(hasAll([...names(250), '1/telegram/new']));
  });

  it('knows the lines of the chats of each channel, also after a crash', async () => {
    seen.add(CHANNEL, [...names(2), '2/max/1', '2/max/a/b']);
    for (let run = 0; run < 2; run += 1) {
      const lines = seen.linesOf(CHANNEL).map(({ licenseId, messengerType }) => [licenseId, messengerType]);
      assert.deepEqual(
        [lines, seen.linesOf(OTHER)],
        [
          [
            ['1', 'telegram'],
            ['2', 'max'],
          ],
          [],
        ],
      );
      await clock.pass(1);
      await start();
    }
  });

  it('writes one record for a new chat, none for a known one, and one for many at a time', async () => {
    seen.add(CHANNEL, names(1));
    await clock.pass(1);
    for (const chat of names(50)) seen.add(CHANNEL, [chat]);
    await clock.pass(1);
    seen.add(CHANNEL, names(50));
    await clock.pass(1);
    assert.deepEqual(records.written, [`chats/${CHANNEL}/0`, `chats/${CHANNEL}/0`]);
  });

  it('forgets chats of long ago, but not the latest 5,000, nor one that comes again and again', async () => {
    for (let count = 0; count < 20_000; count += 10) seen.add(CHANNEL, [...names(10, count), '1/telegram/often']);
    await clock.pass(1);
    for (let run = 0; run < 2; run += 1) {
      assert.ok(hasAll([...names(5_000, 15_000), '1/telegram/often']));
      assert.equal(hasAll(names(1, 9_000)), false);
      await start();
    }
  });

  it('forgets all chats of a channel, also after a crash', async () => {
    seen.add(CHANNEL, names(150));
    seen.add(OTHER, ['2/max/1']);
    await seen.flush();
    seen.forget(CHANNEL);
    for (let run = 0; run < 2; run += 1) {
      assert.deepEqual([seen.has(CHANNEL, '1/telegram/1'), seen.has(OTHER, '2/max/1')], [false, true]);
      await clock.settle();
      await start();
    }
  });
});
