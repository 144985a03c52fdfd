import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AppendLog } from '../../src/storage/append-log';
import { FakeClock } from '../support/fake-clock';
import { LogDisk, liveRecords } from '../support/log-disk';

const MB = 1024 * 1024;

describe('AppendLog', () => {
  let disk: LogDisk;
  beforeEach(async () => (disk = await LogDisk.create()));
  afterEach(() => disk.remove());

  it('reads a record and its raw bytes back, also after it was opened again', async () => {
    const raw = Buffer.from('{ "text":\n "Привет" }\0');
    let log = await disk.openLog();
    const sequence = await log.append({ to: ['node'], text: 'a\nb' }, raw);
    const bare = await log.append({ bare: true });
    for (let opened = 0; opened < 2; opened++) {
      assert.deepEqual(await log.read(sequence), { record: { to: ['node'], text: 'a\nb' }, raw });
      assert.deepEqual(await log.read(bare), { record: { bare: true }, raw: Buffer.alloc(0) });
      await log.close(5_000);
      log = await disk.openLog();
    }
    assert.deepEqual(disk.errors, []);
  });

  it('gives each its own record if many are read at the same time, in any order', async () => {
    const log = await disk.openLog();
    const texts = Array.from({ length: 60 }, (_, index) => `${index}`.repeat(20_000));
    const sequences = await Promise.all(texts.map((text, index) => log.append({ index }, Buffer.from(text))));
    const order = sequences.toSorted((one, other) => ((one * 17) % 61) - ((other * 17) % 61));
    const read = await Promise.all(order.map((sequence) => log.read(sequence)));
    const found = new Map(read.map((entry, index) => [order[index], entry?.raw.toString()]));
    assert.deepEqual(
      sequences.map((sequence) => found.get(sequence)),
      texts,
    );
  });

  it('writes what is appended in one turn with one commit', async () => {
    const log = await disk.openLog();
    const sequences = await Promise.all([1, 2, 3].map((index) => log.append({ index })));
    const [name = ''] = await disk.segments();
    assert.deepEqual(sequences, [2, 3, 4]);
    // The offset of the commit is in the header of each record.
    const content = await disk.content(name);
    const groups = [...content].flatMap((byte, at) => (byte === 0xf5 ? [content.readUInt32BE(at + 12)] : []));
    assert.deepEqual(groups, [0, 0, 0]);
  });

  it('writes at once what somebody flushes, without the pause after a commit', async () => {
    const clock = new FakeClock();
    const log = await disk.openLog(disk.folder, clock);
    for (let count = 0; count < 3; count += 1) {
      const appended = log.append({ count });
      await log.flush();
      await appended;
    }
    assert.ok(clock.pending <= 1, 'pauses leave no timers behind');
    const later = log.append({});
    await log.close(5_000);
    await later;
  });

  it('writes a burst with several commits of at most 4 MB', async () => {
    const log = await disk.openLog();
    const sizes: number[] = [];
    disk.beforeWrite = ({ length }) => void sizes.push(length);
    await Promise.all(Array.from({ length: 7 }, () => log.append({}, Buffer.alloc(MB))));
    assert.deepEqual(
      sizes.map((size) => Math.floor(size / MB)),
      [3, 3, 1],
    );
    // A larger record is written alone.
    await log.append({}, Buffer.alloc(5 * MB));
    assert.equal(sizes.length, 4);
  });

  it('does not bring a removed record back when it is opened again', async () => {
    let log = await disk.openLog();
    const [first, second] = await Promise.all([log.append({ index: 1 }), log.append({ index: 2 })]);
    log.remove(first);
    assert.equal(await log.read(first), undefined);
    await log.close(5_000);
    log = await disk.openLog();
    assert.deepEqual(await liveRecords(log), new Map([[second, { index: 2 }]]));
  });

  it('has removed a record on disk once it is flushed, without being closed', async () => {
    const log = await disk.openLog();
    const [first, second] = await Promise.all([log.append({ index: 1 }), log.append({ index: 2 })]);
    log.remove(first);
    await log.flush();
    const next = await disk.openLog();
    assert.deepEqual(await liveRecords(next), new Map([[second, { index: 2 }]]));
  });

  it('never uses a sequence again, though all records before it are gone', async () => {
    let last = 0;
    for (let start = 0; start < 3; start++) {
      const log = await disk.openLog();
      const sequence = await log.append({ start });
      assert.ok(sequence > last);
      last = sequence;
      log.remove(sequence);
      await log.close(5_000);
    }
  });

  it('makes a removal durable no later than an append that follows it, and no earlier than one before it', async () => {
    const log = await disk.openLog();
    const old = await log.append({ is: 'old' });
    const before = log.append({ is: 'before' });
    log.remove(old);
    await Promise.all([before, log.append({ is: 'after' })]);
    const text = (await disk.content((await disk.segments())[0] ?? '')).toString('latin1');
    const order = [text.indexOf('before'), text.lastIndexOf(String(old)), text.indexOf('after')];
    assert.ok(order.every((at) => at > 0));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  });

  it('writes removals within a second, though nothing is appended', async () => {
    const log = await disk.openLog();
    const sequence = await log.append({ index: 1 });
    log.remove(sequence);
    const [name = ''] = await disk.segments();
    const size = (await disk.content(name)).length;
    while ((await disk.content(name)).length === size) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('keeps files for what is live only, and moves the live records of a mostly dead file', async () => {
    const log = await disk.openLog();
    const raw = Buffer.alloc(MB, 'x');
    const kept = [await log.append({ kept: 0 }, Buffer.from('raw 0'))];
    for (let index = 1; index <= 60; index++) {
      const [sequence, next] = await Promise.all([log.append({ index }, raw), log.append({ kept: index })]);
      log.remove(sequence);
      kept.push(next);
    }
    for (let size = Infinity; size > 40 * MB;) {
      kept.push(await log.append({ more: true }));
      const contents = (await disk.segments()).map((name) => disk.content(name).catch(() => Buffer.alloc(0)));
      size = (await Promise.all(contents)).reduce((sum, { length }) => sum + length, 0);
    }
    assert.deepEqual(await log.read(kept[0] ?? 0), { record: { kept: 0 }, raw: Buffer.from('raw 0') });
    await log.close(5_000);
    const again = await disk.openLog();
    assert.deepEqual([...(await liveRecords(again)).keys()], kept);
    assert.deepEqual(await again.read(kept[0] ?? 0), { record: { kept: 0 }, raw: Buffer.from('raw 0') });
  });

  it('does not bring back a record that is removed while compaction writes it to another file', async () => {
    const log = await disk.openLog();
    const [moved, kept] = await Promise.all([log.append({ is: 'moved' }), log.append({ is: 'kept' })]);
    let moves = 0;
    disk.beforeWrite = (records) => {
      if (!records.includes('"moved"')) return;
      moves++;
      log.remove(moved);
    };
    while (moves === 0) log.remove(await log.append({}, Buffer.alloc(MB)));
    await log.append({ is: 'last' });
    assert.equal(await log.read(moved), undefined);
    await log.close(5_000);
    const live = await liveRecords(await disk.openLog());
    assert.deepEqual([live.has(moved), live.get(kept)], [false, { is: 'kept' }]);
  });

  it('rejects what is appended after it was closed, and can be closed twice', async () => {
    const log = await disk.openLog();
    const last = log.append({ last: true });
    await Promise.all([log.close(5_000), log.close(5_000)]);
    assert.ok((await last) > 0);
    await assert.rejects(log.append({ late: true }), { name: 'StorageError', reason: 'unavailable' });
  });

  it('ends a close after its time, though the disk does not answer, and rejects what is not written', async () => {
    const log = await disk.openLog();
    const begun = disk.suspendWrite();
    const written = log.append({ index: 1 });
    const answer = await begun;
    const waiting = assert.rejects(log.append({ index: 2 }), { reason: 'unavailable' });
    await log.close(100);
    await waiting;
    answer();
    await written;
  });

  it('behaves like a map that survives restarts, whatever is appended, removed, closed or copied away', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ append: fc.jsonValue(), bytes: fc.uint8Array({ maxLength: 300 }) }) },
      { weight: 4, arbitrary: fc.record({ remove: fc.nat() }) },
      { weight: 1, arbitrary: fc.constant({ reopen: true }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const model = new Map<number, unknown>();
        const one = await LogDisk.create();
        try {
          let log = await one.openLog();
          for (const each of steps) {
            if ('append' in each) model.set(await log.append({ value: each.append }, Buffer.from(each.bytes)), each);
            if ('remove' in each) removeOne(log, model, each.remove);
            if ('reopen' in each) {
              await log.close(5_000);
              log = await one.openLog();
            }
          }
          assert.deepEqual([...(await liveRecords(log)).keys()], [...model.keys()]);
          await log.close(5_000);
          log = await one.openLog();
          for (const [sequence, each] of model) {
            const read = await log.read(sequence);
            assert.ok(typeof each === 'object' && each && 'append' in each && 'bytes' in each);
            assert.equal(JSON.stringify(read?.record), JSON.stringify({ value: each.append }));
            assert.deepEqual(new Uint8Array(read?.raw ?? []), each.bytes);
          }
          assert.deepEqual([...(await liveRecords(log)).keys()], [...model.keys()]);
          assert.deepEqual(one.errors, []);
        } finally {
          await one.remove();
        }
      }),
      { numRuns: 40 },
    );
  });
});

function removeOne(log: AppendLog, model: Map<number, unknown>, choice: number): void {
  const sequence = [...model.keys()][choice % (model.size || 1)];
  if (sequence === undefined) return;
  log.remove(sequence);
  model.delete(sequence);
}
