import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { LogDisk, liveRecords } from '../support/log-disk';

const KILLS = Number(process.env.LOG_KILLS ?? 2);
const RECORDS = Number(process.env.LOG_RECORDS ?? 20_000);

describe('AppendLog under load', function () {
  this.timeout(300_000 + KILLS * 10_000 + RECORDS);
  let disk: LogDisk;
  beforeEach(async () => (disk = await LogDisk.create({ isSynced: true })));
  afterEach(() => disk.remove());

  it('loses nothing that was acknowledged before kill -9', async () => {
    const acknowledged = new Map<number, number>();
    for (let kill = 0; kill < KILLS; kill++) {
      for (const [sequence, number] of await acknowledgedBeforeKill(200 + 137 * (kill % 7))) {
        acknowledged.set(sequence, number);
      }
      const log = await disk.openLog();
      const live = await liveRecords(log);
      for (const [sequence, number] of acknowledged) {
        if (live.has(sequence)) assert.deepEqual(live.get(sequence), { number });
        else assert.equal(number % 3, 0, `record ${number} is lost`);
      }
      await log.close(10_000);
    }
    assert.ok(acknowledged.size >= 200 * KILLS);
    assert.deepEqual(disk.errors, []);
  });

  it(`keeps the bodies of ${RECORDS} records out of memory, and finds them after a restart`, async () => {
    const raw = Buffer.alloc(1_000, 'x');
    let log = await disk.openLog();
    await log.append({ index: -1 }, raw);
    const before = usedMemory();
    for (let done = 0; done < RECORDS; done += 5_000) {
      await Promise.all(Array.from({ length: 5_000 }, (_, index) => log.append({ index: done + index }, raw)));
    }
    const perRecord = (usedMemory() - before) / RECORDS;
    assert.ok(perRecord < 300, `${perRecord} bytes of memory per record`);
    await log.close(10_000);
    log = await disk.openLog();
    let next = -1;
    for await (const { record } of log.entries()) assert.deepEqual(record, { index: next++ });
    assert.equal(next, RECORDS);
  });

  /** Sequence and number of the records that a process has got acknowledged before it is killed. */
  async function acknowledgedBeforeKill(records: number): Promise<[number, number][]> {
    const script = join(__dirname, '../support/append-until-killed.ts');
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', script, disk.folder]);
    let output = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString();
      if (output.split('\n').length > records) child.kill('SIGKILL');
    });
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    await once(child, 'close');
    assert.equal(errors, '');
    const lines = output.slice(0, output.lastIndexOf('\n')).split('\n');
    return lines.map((line) => {
      const [sequence = 0, number = 0] = line.split(' ').map(Number);
      return [sequence, number];
    });
  }
});

/** Bytes, without what is garbage. Buffers are freed by the second collection. */
function usedMemory(): number {
  if (!globalThis.gc) throw new Error('The tests have to run with --expose-gc, as .mocharc.cjs says');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
