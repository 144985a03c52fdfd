import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LogDisk, liveRecords } from '../support/log-disk';

describe('AppendLog when the disk or another process is in its way', () => {
  let disk: LogDisk;
  beforeEach(async () => (disk = await LogDisk.create()));
  afterEach(() => disk.remove());

  it('rejects as full at each write for which the disk is full, and what is appended later is readable', async () => {
    const log = await disk.openLog();
    const sequences = [await log.append({ index: 0 })];
    for (let room = 0; room < 36; room += 7) {
      disk.room = room;
      await assert.rejects(log.append({ lost: true }), { name: 'StorageError', reason: 'full' });
      disk.room = Infinity;
      sequences.push(await log.append({ index: room }));
    }
    await log.close(5_000);
    assert.deepEqual([...(await liveRecords(await disk.openLog())).keys()], sequences);
    assert.deepEqual(disk.errors, []);
  });

  it('begins another file if a half written record cannot be cut off', async () => {
    const log = await disk.openLog();
    const before = await log.append({ index: 1 });
    disk.room = 30;
    disk.failure = { on: 'truncate', code: 'EIO' };
    await assert.rejects(log.append({ lost: true }), { reason: 'full' });
    [disk.room, disk.failure] = [Infinity, undefined];
    const after = await log.append({ index: 2 });
    assert.equal((await disk.segments()).length, 2);
    await log.close(5_000);
    assert.deepEqual([...(await liveRecords(await disk.openLog())).keys()], [before, after]);
  });

  it('writes a removal later if the disk is full, and reports that', async () => {
    let log = await disk.openLog();
    const sequence = await log.append({ index: 1 });
    const kept = await log.append({ index: 2 });
    disk.room = 0;
    log.remove(sequence);
    while (disk.errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.ok(disk.errors.every(({ reason }) => reason === 'full'));
    disk.room = Infinity;
    const last = await log.append({ index: 3 });
    log.remove(await log.append({ index: 4 }));
    await log.close(5_000);
    log = await disk.openLog();
    assert.deepEqual([...(await liveRecords(log)).keys()], [kept, last]);
  });

  it('deletes dead files on a full disk', async () => {
    const log = await disk.openLog();
    const sequences: number[] = [];
    for (let index = 0; index < 9; index++) sequences.push(await log.append({ index }, Buffer.alloc(1024 * 1024)));
    sequences.push(await log.append({ index: 9 }));
    const [oldest = ''] = await disk.segments();
    disk.room = 0;
    for (const sequence of sequences.slice(0, 9)) log.remove(sequence);
    while ((await disk.segments()).includes(oldest)) await new Promise((resolve) => setTimeout(resolve, 5));
    disk.room = Infinity;
  });

  it('can be opened and read on a full disk', async () => {
    let log = await disk.openLog();
    const sequence = await log.append({ index: 1 });
    await log.close(5_000);
    disk.room = 0;
    log = await disk.openLog();
    assert.deepEqual((await log.read(sequence))?.record, { index: 1 });
  });

  for (const code of ['EROFS', 'EACCES']) {
    it(`cannot be opened if the folder may not be written (${code})`, async () => {
      disk.failure = { on: 'open', code };
      await assert.rejects(disk.openLog(), { name: 'StorageError', reason: 'unavailable' });
    });
  }

  it('cannot be opened if its folder is a file', async () => {
    const path = join(disk.folder, 'file');
    await writeFile(path, '');
    await assert.rejects(disk.openLog(path), { name: 'StorageError', reason: 'unavailable' });
  });

  it('rejects as unavailable if the disk breaks, and goes on when it works again', async () => {
    const log = await disk.openLog();
    disk.failure = { on: 'write', code: 'EIO' };
    await assert.rejects(log.append({ lost: true }), { reason: 'unavailable' });
    disk.failure = undefined;
    const sequence = await log.append({ index: 1 });
    assert.deepEqual((await log.read(sequence))?.record, { index: 1 });
  });

  it('stops writing as soon as the folder is opened again, and reports it', async () => {
    const first = await disk.openLog();
    const old = await first.append({ by: 'first' });
    const second = await disk.openLog();
    await assert.rejects(first.append({ lost: true }), { name: 'StorageError', reason: 'taken' });
    await assert.rejects(first.append({ lost: true }), { reason: 'taken' });
    const next = await second.append({ by: 'second' });
    await Promise.all([first.close(5_000), second.close(5_000)]);
    assert.deepEqual(
      await liveRecords(await disk.openLog()),
      new Map([
        [old, { by: 'first' }],
        [next, { by: 'second' }],
      ]),
    );
  });

  it('rejects what it wrote while the folder was opened again, and harms nothing', async () => {
    const first = await disk.openLog();
    const old = await first.append({ by: 'first' });
    const begun = disk.suspendWrite();
    const suspended = assert.rejects(first.append({ by: 'suspended' }), { reason: 'taken' });
    const resume = await begun;
    const second = await disk.openLog();
    const next = await second.append({ by: 'second' });
    resume();
    await suspended;
    await second.append({ by: 'second' });
    await second.close(5_000);
    const live = await liveRecords(await disk.openLog());
    assert.deepEqual([live.get(old), live.get(next)], [{ by: 'first' }, { by: 'second' }]);
  });

  it('rejects as unavailable if its folder is removed or moved away, though its files are open', async () => {
    for (const isMoved of [true, false]) {
      const folder = join(disk.folder, `moved-${isMoved}`);
      const log = await disk.openLog(folder);
      await log.append({ index: 1 });
      if (isMoved) await rename(folder, join(disk.folder, 'elsewhere'));
      else await rm(folder, { recursive: true });
      await assert.rejects(log.append({ lost: true }), { name: 'StorageError', reason: 'unavailable' });
    }
  });

  it('opens at once after a crash, whatever the owner file holds', async () => {
    for (const content of ['', '\0'.repeat(36), 'x'.repeat(100)]) {
      await writeFile(join(disk.folder, 'owner'), content);
      const log = await disk.openLog();
      await log.append({ content });
      await log.close(5_000);
    }
  });
});
