import assert from 'node:assert/strict';
import { EVENT_KEY_VERSION, type EventKey, type EventSource } from '../../src/events';
import { hashText } from '../../src/events/hash';
import { parseJson } from '../../src/events/json';
import { KeyJournal } from '../../src/inbox/key-journal';
import { silentLog } from '../../src/log';
import { Deduplicating } from '../support/deduplicating';
import { FakeClock } from '../support/fake-clock';

const MINUTE = 60_000;
const KEEP = 30 * MINUTE;
const MANY = 300_000;

/** The records of keys that survive a restart. */
class FakeKeyStore {
  readonly records = new Map<number, string>();
  appends = 0;
  /** How often somebody did not want to wait for the next commit. */
  flushes = 0;
  isFull = false;
  /** What appending waits for. */
  gate: Promise<void> = Promise.resolve();

  takeKeys(): { readonly sequence: number; readonly keys: unknown }[] {
    return [...this.records].map(([sequence, text]) => ({ sequence, keys: parseJson(text) }));
  }

  async appendKeys(keys: object): Promise<number> {
    const text = JSON.stringify(keys);
    const sequence = ++this.appends;
    await this.gate;
    if (this.isFull) throw new Error('The disk is full');
    this.records.set(sequence, text);
    return sequence;
  }

  flush(): Promise<void> {
    this.flushes += 1;
    return Promise.resolve();
  }

  removeKeys(sequence: number): void {
    this.records.delete(sequence);
  }
}

const idOf = (number: number): number => hashText(String(number), 0);
const keyOf = (id: number, edit = 0): EventKey => ({ version: EVENT_KEY_VERSION, id, edit });

describe('a key journal', () => {
  let clock: FakeClock;
  let store: FakeKeyStore;
  let journal: KeyJournal;
  const start = (): KeyJournal => new KeyJournal(store, clock, silentLog, () => KEEP);
  const add = (id: number, edit = 0, source: EventSource = 'socket'): void =>
    journal.add('one', 'message', keyOf(id, edit), source);
  /** What a new run knows of the events delivered in this one. */
  const restored = (): Deduplicating => {
    const run = new Deduplicating({ clock });
    start().restore(run.deduplicator);
    return run;
  };
  /** Adds more keys than are kept in memory. */
  const addMany = async (): Promise<void> => {
    for (let count = 1; count <= MANY; count += 1) {
      add(idOf(count));
      if (count % 100_000 === 0) await journal.flush();
    }
  };
  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeKeyStore();
    journal = start();
  });

  it('does not wait for others to share a commit with if somebody waits until all is stored', async () => {
    let write: () => void = () => undefined;
    store.gate = new Promise((resolve) => (write = resolve));
    add(1);
    await clock.settle();
    add(2);
    assert.equal(store.flushes, 0);
    const flushed = journal.flush();
    assert.deepEqual([store.appends, store.flushes], [1, 1]);
    write();
    await flushed;
    assert.deepEqual([store.appends, store.flushes], [2, 2]);
    add(3);
    await clock.settle();
    assert.deepEqual([store.appends, store.flushes], [3, 2], 'nobody waits any more');
  });

  it('lets the next run recognise what was delivered, and nothing else', async () => {
    add(1);
    await journal.flush();
    const run = restored();
    assert.deepEqual([run.add(1), run.add(2)], [false, true]);
    run.channel = 'another';
    assert.ok(run.add(1));
  });

  it('restores which source brought an edit', async () => {
    add(1, 7, 'socket');
    add(1, 8, 'socket');
    await journal.flush();
    const run = restored();
    assert.ok(!run.add(1, 7, 'history'), 'the older content out of the history is a duplicate');
    assert.ok(!run.add(1, 8, 'webhook'));
    assert.ok(run.add(1, 9, 'socket'));
  });

  it('writes the keys of one turn as one record', async () => {
    add(1);
    add(2);
    await journal.flush();
    add(3);
    await journal.flush();
    assert.equal(store.records.size, 2);
  });

  it('writes a key that is added while others are being written, before flush resolves', async () => {
    add(1);
    const flushed = journal.flush();
    await Promise.resolve();
    await Promise.resolve();
    add(2);
    await flushed;
    assert.ok(!restored().add(2));
  });

  it('merges the records of a minute into one', async () => {
    for (const id of [1, 2, 3]) {
      add(id);
      await journal.flush();
    }
    await clock.pass(MINUTE);
    assert.equal(store.records.size, 1);
    const run = restored();
    assert.deepEqual(
      [1, 2, 3, 4].map((id) => run.add(id)),
      [false, false, false, true],
    );
  });

  it('does not remove with the small records one that is being written as they are merged', async () => {
    add(1);
    await journal.flush();
    let open = (): void => undefined;
    store.gate = new Promise((resolve) => (open = resolve));
    add(2);
    await clock.pass(MINUTE);
    open();
    await journal.flush();
    await clock.settle();
    const run = restored();
    assert.deepEqual([run.add(1), run.add(2)], [false, false]);
  });

  it('keeps a bounded number of keys in memory if the store refuses them', async () => {
    store.isFull = true;
    await addMany();
    store.isFull = false;
    await clock.pass(MINUTE);
    const run = restored();
    assert.ok(run.deduplicator.size <= 250_000);
    assert.ok(!run.add(idOf(MANY)), 'the latest are kept');
  });

  it('keeps on disk what it does not keep in memory any more', async () => {
    await addMany();
    await clock.pass(MINUTE);
    assert.equal(restored().deduplicator.size, MANY);
    await clock.pass(KEEP + 3 * MINUTE);
    assert.equal(store.records.size, 0);
  });

  it('removes keys that are older than they are needed, though no event arrives', async () => {
    add(1);
    await clock.pass(KEEP);
    assert.equal(store.records.size, 1);
    await clock.pass(3 * MINUTE);
    assert.equal(store.records.size, 0);
    assert.equal(clock.pending, 0, 'nothing is left to do');
  });

  it('removes the keys of an earlier run in time, though no event arrives', async () => {
    add(1);
    await journal.flush();
    journal.stop();
    journal = start();
    journal.restore(new Deduplicating({ clock }).deduplicator);
    await clock.pass(KEEP);
    assert.equal(store.records.size, 1);
    await clock.pass(2 * MINUTE);
    assert.equal(store.records.size, 0);
  });

  it('writes keys with the next merge if they could not be written at once', async () => {
    store.isFull = true;
    add(1);
    await journal.flush();
    store.isFull = false;
    await clock.pass(MINUTE);
    assert.ok(!restored().add(1));
  });

  it('keeps the small records if they cannot be merged, and merges them later', async () => {
    add(1);
    await journal.flush();
    add(2);
    await journal.flush();
    store.isFull = true;
    await clock.pass(MINUTE);
    assert.equal(store.records.size, 2);
    store.isFull = false;
    await clock.pass(MINUTE);
    assert.equal(store.records.size, 1);
    const run = restored();
    assert.deepEqual([run.add(1), run.add(2)], [false, false]);
  });

  it('skips records that are malformed', () => {
    store.records.set(1, JSON.stringify({ one: { message: [1, 'two', 0, 0] }, another: 3 }));
    store.records.set(2, JSON.stringify({ one: { message: [EVENT_KEY_VERSION, 5, 0, 0, EVENT_KEY_VERSION] } }));
    const run = restored();
    assert.deepEqual([run.deduplicator.size, run.add(5)], [1, false]);
  });

  it('sets no timer after it was stopped', async () => {
    journal.stop();
    add(1);
    await journal.flush();
    assert.equal(clock.pending, 0);
    assert.ok(!restored().add(1), 'what is delivered late is written all the same');
  });
});
