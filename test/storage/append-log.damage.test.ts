import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { LogDisk, liveRecords } from '../support/log-disk';

describe('AppendLog on damaged files', () => {
  let disk: LogDisk;
  beforeEach(async () => (disk = await LogDisk.create()));
  afterEach(() => disk.remove());

  it('has every acknowledged record and no part of one, whatever the place where a crash has cut the file', async () => {
    const { content, acknowledged } = await writtenFile();
    const offsets = Array.from({ length: content.length + 1 }, (_, offset) => offset);
    await eachOf(offsets, async (offset) => {
      const folder = await folderWith(`cut-${offset}`, content.subarray(0, offset));
      const expected = acknowledged.filter(({ size }) => size <= offset).map(({ sequence }) => sequence);
      let log = await disk.openLog(folder);
      assert.deepEqual([...(await liveRecords(log)).keys()], expected, `cut at ${offset}`);
      // The next record is not glued to a torn one.
      const next = await log.append({ next: true });
      await log.close(5_000);
      log = await disk.openLog(folder);
      assert.deepEqual([...(await liveRecords(log)).keys()], [...expected, next], `cut at ${offset}, then appended to`);
      await log.close(5_000);
    });
    assert.deepEqual(disk.errors, []);
  });

  it('loses one record at most to a flipped bit, and reports it', async () => {
    const { content, acknowledged } = await writtenFile();
    const all = acknowledged.map(({ sequence }) => sequence);
    const bits = Array.from({ length: content.length }, (_, offset) => offset * 8 + (offset % 8));
    await eachOf(bits, async (bit) => {
      const flipped = Buffer.from(content);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const log = await disk.openLog(await folderWith(`bit-${bit}`, flipped));
      const found = [...(await liveRecords(log)).keys()];
      const lost = all.filter((sequence) => !found.includes(sequence));
      const hit = acknowledged.find(({ size }) => size > bit >> 3)?.sequence;
      assert.deepEqual(lost, [hit], `bit ${bit}`);
      await log.close(5_000);
    });
    // A flipped bit can make the last record longer than the file: this looks like a crash.
    const silent = bits.length - disk.errors.length;
    assert.ok(silent <= 4, `${silent} losses were not reported`);
    assert.ok(disk.errors.every(({ reason, count }) => reason === 'corrupt' && count === 1));
  });

  it('never fails and never makes a record up, whatever the file holds', async () => {
    const { content, acknowledged } = await writtenFile();
    const all = acknowledged.map(({ sequence }) => sequence);
    const damage = fc.array(fc.record({ at: fc.nat(content.length - 1), bytes: fc.uint8Array({ maxLength: 40 }) }), {
      minLength: 1,
      maxLength: 4,
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(damage, fc.uint8Array({ maxLength: 60 }), async (places, tail) => {
        const damaged = Buffer.concat([content, tail]);
        for (const { at, bytes } of places) damaged.set(bytes.subarray(0, content.length - at), at);
        const folder = await folderWith(`run-${run++}`, damaged);
        const log = await disk.openLog(folder);
        const found = await liveRecords(log);
        assert.ok([...found.keys()].every((sequence) => all.includes(sequence)));
        const next = await log.append({ next: true });
        await log.close(5_000);
        const again = await disk.openLog(folder);
        assert.deepEqual(await liveRecords(again), found.set(next, { next: true }));
        await again.close(5_000);
      }),
      { numRuns: 50 },
    );
  });

  it('keeps nothing that follows a damaged record in the last commit, which a power cut may have torn anywhere', async () => {
    let log = await disk.openLog();
    const before = await log.append({ is: 'before' });
    await Promise.all(['first', 'second', 'third'].map((is) => log.append({ is })));
    await log.close(5_000);
    const [name = ''] = await disk.segments();
    const content = await disk.content(name);
    content.fill(0, content.indexOf('second') - 10, content.indexOf('second'));
    await writeFile(join(disk.folder, name), content);
    log = await disk.openLog();
    assert.deepEqual(
      await liveRecords(log),
      new Map([
        [before, { is: 'before' }],
        [before + 1, { is: 'first' }],
      ]),
    );
    assert.deepEqual(
      disk.errors.map(({ count }) => count),
      [2],
    );
  });

  it('takes no text within a record for a record', async () => {
    let log = await disk.openLog();
    const [inner] = await Promise.all([log.append({ is: 'inner' })]);
    await log.close(5_000);
    const [name = ''] = await disk.segments();
    const forged = await disk.content(name);
    log = await disk.openLog();
    log.remove(inner);
    await log.append({ is: 'outer' }, forged);
    await log.append({ is: 'last' });
    await log.close(5_000);
    const newest = (await disk.segments()).at(-1) ?? '';
    const content = await disk.content(newest);
    content.fill(0, content.indexOf('outer'), content.indexOf('outer') + 5);
    await writeFile(join(disk.folder, newest), content);
    assert.deepEqual([...(await liveRecords(await disk.openLog())).values()], [{ is: 'last' }]);
  });

  it('finds every other record of a large file, whatever is damaged in the length, the checksum or the body of one', async () => {
    const log = await disk.openLog();
    const sizes = [10, 200_000, 100_000, 300_000, 5, 262_144, 700_000, 1];
    const sequences: number[] = [];
    for (const size of sizes) sequences.push(await log.append({ size }, Buffer.alloc(size, 'x')));
    await log.close(5_000);
    const content = await disk.content((await disk.segments())[0] ?? '');
    let offset = 0;
    for (const [index, lost] of sequences.slice(0, -1).entries()) {
      for (const at of [4, 8, 30]) {
        const damaged = Buffer.from(content);
        damaged[offset + at] = (damaged[offset + at] ?? 0) ^ 0xff;
        const again = await disk.openLog(await folderWith(`${lost}-${at}`, damaged));
        const found = await liveRecords(again);
        assert.deepEqual([...found.keys()], sequences.toSpliced(index, 1), `byte ${at} of record ${lost}`);
        for (const sequence of found.keys()) {
          assert.equal((await again.read(sequence))?.raw.length, sizes[sequences.indexOf(sequence)]);
        }
        await again.close(5_000);
      }
      offset += 22 + content.readUInt32BE(offset + 8);
    }
    assert.equal(disk.errors.length, 3 * (sequences.length - 1));
  });

  for (const reader of ['read', 'entries', 'compaction']) {
    it(`drops a record that is damaged after the start, and reports it once (${reader})`, async () => {
      const log = await disk.openLog();
      const [damaged, intact] = [await log.append({ is: 'damaged' }), await log.append({ is: 'intact' })];
      const [name = ''] = await disk.segments();
      const content = await disk.content(name);
      content.fill(0, content.indexOf('damaged'), content.indexOf('damaged') + 3);
      await writeFile(join(disk.folder, name), content);
      if (reader === 'read') assert.equal(await log.read(damaged), undefined);
      while (reader === 'compaction' && disk.errors.length === 0) {
        log.remove(await log.append({}, Buffer.alloc(1024 * 1024)));
      }
      assert.deepEqual(await liveRecords(log), new Map([[intact, { is: 'intact' }]]));
      assert.deepEqual(
        disk.errors.map(({ reason, count }) => `${count} ${reason}`),
        ['1 corrupt'],
      );
    });
  }

  /** Eight records, each acknowledged before the next; `size` of the file when one was. */
  async function writtenFile(): Promise<{ content: Buffer; acknowledged: { sequence: number; size: number }[] }> {
    const log = await disk.openLog();
    const acknowledged: { sequence: number; size: number }[] = [];
    for (let index = 0; index < 8; index++) {
      const sequence = await log.append({ index }, index % 2 ? Buffer.from(`raw\n${index}`) : undefined);
      const [name = ''] = await disk.segments();
      acknowledged.push({ sequence, size: (await disk.content(name)).length });
    }
    await log.close(5_000);
    return { content: await disk.content((await disk.segments())[0] ?? ''), acknowledged };
  }

  async function folderWith(name: string, content: Buffer): Promise<string> {
    const folder = join(disk.folder, name);
    await mkdir(folder);
    await writeFile(join(folder, `${'1'.padStart(16, '0')}.log`), content);
    return folder;
  }
});

/** Runs some at a time. */
async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await run(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
