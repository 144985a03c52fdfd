import assert from 'node:assert/strict';
import { systemClock } from '../../src/clock';
import type { Delivery } from '../../src/inbox/delivery';
import { InboxStore } from '../../src/inbox/inbox-store';
import { silentLog } from '../../src/log';
import { openStorage, type Storage } from '../../src/storage/storage';
import { LogDisk } from '../support/log-disk';
import { MemoryRecords } from '../support/memory-records';
import { FakeClock } from '../support/fake-clock';
import { HOUR, keepingAll, retentionOf } from '../support/retention';

const DELIVERY: Delivery = {
  event: 'message',
  channel: 'private-v1.licenses.1.messengers.telegram',
  item: { id: 7, text: 'Hello' },
  meta: { type: 'message' },
  licenseId: '1',
  messengerType: 'telegram',
  chatId: '5',
  messageId: '7',
  receivedAt: 1_000,
  recovered: true,
  part: { id: 'p', index: 0, count: 2 },
};

const FACTS = { subscriber: 's', attempts: 5, reason: 'attempts' } as const;

describe('InboxStore', () => {
  let disk: LogDisk;
  let storage: Storage;
  let store: InboxStore;
  beforeEach(async () => {
    disk = await LogDisk.create();
    await start();
  });
  afterEach(async () => {
    await storage.close();
    await disk.remove();
  });

  const start = async (): Promise<void> => {
    storage = openStorage(disk.folder, { clock: systemClock, open: disk.open });
    store = new InboxStore(storage, 'one', silentLog, keepingAll());
    await store.load();
  };
  const restart = async (): Promise<void> => {
    await storage.close();
    await start();
  };
  /** How many records the store has. */
  const count = async (): Promise<number> => {
    let records = 0;
    for await (const _ of storage.entries('inbox')) records += 1;
    return records;
  };

  it('brings back the latest value of each name after a restart', async () => {
    await Promise.all([store.put('gap/a', 1), store.put('gap/b', { from: 2 }), store.put('gap/a', 3)]);
    await store.put('received', 4);
    await restart();
    assert.deepEqual(
      store.saved('gap/'),
      new Map<string, unknown>([
        ['b', { from: 2 }],
        ['a', 3],
      ]),
    );
    assert.equal(store.saved('received').get(''), 4);
  });

  it('keeps one record for each value', async () => {
    await Promise.all([store.put('a', 1), store.put('a', 2), store.put('a', 3)]);
    await store.put('a', 4);
    assert.equal(await count(), 1);
    await restart();
    await store.put('a', 5);
    assert.equal(await count(), 1);
  });

  it('removes a value that is on disk, and one that is being written', async () => {
    await store.put('a', 1);
    const written = store.put('b', 1);
    await Promise.all([store.put('a', undefined), store.put('b', undefined), written]);
    await restart();
    assert.deepEqual(store.saved(''), new Map());
  });

  it('keeps a value that is put again while its removal is being written', async () => {
    const first = store.put('a', 1);
    await Promise.all([store.put('a', undefined), store.put('a', 2), first]);
    await restart();
    assert.deepEqual(store.saved('a'), new Map([['', 2]]));
    assert.equal(await count(), 1);
  });

  it('keeps the value on disk if a later one cannot be written', async () => {
    await store.put('a', 1);
    await store.put('a', 2);
    disk.room = 0;
    await store.put('a', 3);
    disk.room = Infinity;
    await restart();
    assert.deepEqual(store.saved('a'), new Map([['', 2]]));
  });

  it('writes what could not be written as soon as something can, and nothing older than what is known', async () => {
    await store.put('a', 1);
    disk.room = 0;
    for (const name of ['a', 'b', 'removed', 'later']) await store.put(name, 2);
    await store.put('removed', undefined);
    disk.room = Infinity;
    await Promise.all([store.put('later', 3), store.appendKeys({})]);
    await restart();
    assert.deepEqual(
      store.saved(''),
      new Map([
        ['later', 3],
        ['a', 2],
        ['b', 2],
      ]),
    );
    assert.equal(await count(), 4);
  });

  it('brings back pending events for each subscriber, in the order of arrival', async () => {
    const first = await store.append('s', 'chat 1', DELIVERY);
    const second = await store.append('s', 'chat 2', DELIVERY);
    await store.append('other', 'chat 1', DELIVERY);
    await restart();
    assert.deepEqual(store.subscribers, ['s', 'other']);
    assert.deepEqual(store.takePending('s'), [
      { sequence: first, order: 'chat 1', attempt: 1 },
      { sequence: second, order: 'chat 2', attempt: 1 },
    ]);
    assert.deepEqual(store.takePending('s'), []);
  });

  it('stores the text in which an item came, however it is wrapped, and gives what was in it', async () => {
    const { part: _, ...delivery } = DELIVERY;
    const { item, meta } = delivery;
    const envelope = { data: [item], meta };
    for (const value of [envelope, { ...envelope, data: item }, { queue: 'socket', payload: envelope }, [envelope]]) {
      const text = JSON.stringify(value);
      const sequence = await store.append('s', 'chat', delivery, text);
      const [more, other] = [JSON.stringify(text), ` ${text}\n`];
      const sequences = [sequence, await store.append('s', 'chat', delivery, more)];
      sequences.push(await store.append('s', 'chat', { ...delivery, attempt: 2 }, other));
      await restart();
      const [first, second, third] = await Promise.all(sequences.map((one) => store.read(one)));
      assert.deepEqual([first, second, third], [delivery, delivery, { ...delivery, attempt: 2 }]);
    }
  });

  it('round-trips a delivery', async () => {
    const sequence = await store.append('s', 'chat', DELIVERY);
    await restart();
    assert.deepEqual(await store.read(sequence), DELIVERY);
  });

  it('reads nothing from a record that is gone or holds no delivery', async () => {
    const sequence = await store.append('s', 'chat', DELIVERY);
    store.remove(sequence);
    const other = await storage.append({ kind: 'inbox', scope: 'one' }, Buffer.from('{"event":1}'));
    assert.equal(await store.read(sequence), undefined);
    assert.equal(await store.read(other), undefined);
  });

  it('forgets an event that is removed, with its attempts', async () => {
    const sequence = await store.append('s', 'chat', DELIVERY);
    store.noteAttempt(sequence, 2);
    store.remove(sequence);
    await restart();
    assert.deepEqual(store.subscribers, []);
    assert.equal(await count(), 0);
  });

  it('brings back the number of the last attempt', async () => {
    const sequence = await store.append('s', 'chat', DELIVERY);
    store.noteAttempt(sequence, 2);
    store.noteAttempt(sequence, 3);
    await store.settled();
    await restart();
    assert.deepEqual(store.takePending('s'), [{ sequence, order: 'chat', attempt: 3 }]);
  });

  it('writes nothing about an attempt that is over before the ones noted earlier are written', async () => {
    const records = new MemoryRecords();
    store = new InboxStore(records, 'one', silentLog, keepingAll());
    const first = await store.append('s', 'chat', DELIVERY);
    const second = await store.append('s', 'chat', DELIVERY);
    store.noteAttempt(first, 2);
    store.noteAttempt(second, 2);
    store.remove(second);
    await store.settled();
    assert.deepEqual(records.written, ['event', 'event', `attempt/${first}`]);
  });

  it('keeps a dead letter, which is not pending after a restart', async () => {
    const sequence = await store.append('s', 'chat', DELIVERY);
    store.keepDeadLetter(sequence, FACTS);
    await restart();
    assert.deepEqual(store.subscribers, []);
    assert.deepEqual(await store.read(sequence), DELIVERY);
  });

  it('drops the oldest dead letter beyond 1,000, also of those from an earlier run', async () => {
    const append = (): Promise<number> => store.append('s', 'chat', DELIVERY);
    const sequences = await Promise.all(Array.from({ length: 1_001 }, append));
    const last = sequences.pop() ?? 0;
    for (const sequence of sequences) store.keepDeadLetter(sequence, FACTS);
    await restart();
    store.keepDeadLetter(last, FACTS);
    const [first = 0, second = 0] = sequences;
    assert.equal(await store.read(first), undefined);
    assert.deepEqual(await store.read(second), DELIVERY);
    await restart();
    assert.equal(await count(), 2_000);
  });

  describe('if the time of ChatApp is known', () => {
    const records = new MemoryRecords();
    const removed: number[] = [];
    const load = async (clock: FakeClock): Promise<InboxStore> => {
      const keeping = { clock, retention: retentionOf(clock), onRemoved: (many: number) => removed.push(many) };
      const loaded = new InboxStore(records, 'one', silentLog, keeping);
      await loaded.load();
      return loaded;
    };

    it('brings back when an event was stored', async () => {
      const clock = new FakeClock();
      const time = Math.floor(clock.now() / 1_000);
      const sequence = await (await load(clock)).append('s', 'chat', DELIVERY);
      const pending = (await load(new FakeClock())).takePending('s');
      assert.deepEqual(pending, [{ sequence, order: 'chat', attempt: 1, storedTime: time }]);
    });

    it('removes a dead letter of an earlier run after the hours that it is kept', async () => {
      const clock = new FakeClock();
      const first = await load(clock);
      const [sequence = 0] = first.takePending('s').map((event) => event.sequence);
      first.keepDeadLetter(sequence, FACTS);
      first.stop();
      await first.settled();
      const later = new FakeClock();
      later.setTo(clock.now() + 25 * HOUR);
      const second = await load(later);
      await later.pass(60_000);
      assert.deepEqual([await second.read(sequence), removed], [undefined, [1]]);
    });
  });

  it('drops notes about events that are gone', async () => {
    await store.put('attempt/123', 2);
    await store.put('dead/123', true);
    await restart();
    assert.equal(await count(), 0);
  });

  it('brings back keys until they are removed', async () => {
    const sequence = await store.appendKeys({ ids: [1] });
    const removed = await store.appendKeys({ ids: [2] });
    store.removeKeys(removed);
    await restart();
    assert.deepEqual(store.takeKeys(), [{ sequence, keys: { ids: [1] } }]);
    assert.deepEqual(store.takeKeys(), []);
  });

  it('sees nothing of another scope or kind', async () => {
    await store.put('a', 1);
    await store.append('s', 'chat', DELIVERY);
    await store.appendKeys({ ids: [1] });
    await storage.append({ kind: 'text', scope: 'two', name: 'a', value: 1 });
    await restart();
    const other = new InboxStore(storage, 'two', silentLog, keepingAll());
    await other.load();
    assert.deepEqual([other.saved(''), other.subscribers, other.takeKeys()], [new Map(), [], []]);
  });

  it('rejects an event that cannot be stored', async () => {
    disk.room = 0;
    await assert.rejects(store.append('s', 'chat', DELIVERY), { reason: 'full' });
  });
});
