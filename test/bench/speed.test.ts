import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../bench/bundled';
import { messageFrames, signalFrame } from '../../bench/speed/frames';
import { ratioOf, type Costs } from '../../bench/speed/measure';
import { CHECKED, checkedRatios, messageRows } from '../../bench/speed/messages';
import { readReport } from '../../bench/speed/meter';
import { sizeRows } from '../../bench/speed/package';
import { BENCH_TEXTS, chartOf, readResults, tableOf } from '../../bench/speed/page';
import { readEnvelopes } from '../../src/events';
import { readFrame } from '../../src/socket/frame';

/** What a frame of the WebSocket protocol holds. */
function textOf(frame: Buffer): string {
  const short = frame.readUInt8(1);
  return frame.toString('utf8', short < 126 ? 2 : short === 126 ? 4 : 10);
}

function dataOf(frame: Buffer | undefined): string {
  const read = readFrame(textOf(frame ?? Buffer.alloc(2)));
  assert.ok(read.kind === 'event' && typeof read.data === 'string');
  return read.data;
}

describe('the frames of the bench', () => {
  it('are as large as those of ChatApp, wrapped and escaped as its socket does', () => {
    const data = dataOf(messageFrames(0)(1, 1)[0]);
    assert.ok(data.length > 2_200 && data.length < 2_800, `${data.length} characters`);
    assert.match(data, /^\{"queue":.*"payload":\{"data":\[/);
    assert.doesNotMatch(data, /[^ -~]/);
    assert.match(data, /https:\\\//);
  });

  it('are all different, and of many chats', () => {
    const items = messageFrames(0, 3)(100, 7).flatMap((frame) =>
      readEnvelopes(dataOf(frame)).envelopes.flatMap((envelope) => envelope.items),
    );
    assert.equal(new Set(items.map(({ id }) => id)).size, 300);
    assert.equal(new Set(items.map(({ chat }) => JSON.stringify(chat))).size, 100);
  });

  it('hold up to 200 items', () => {
    const [frame] = messageFrames(0, 200)(1, 1);
    assert.equal(readEnvelopes(dataOf(frame)).envelopes[0]?.items.length, 200);
  });

  it('tell the subject how many messages follow', () => {
    const { envelopes } = readEnvelopes(dataOf(signalFrame(0, 'benchBegin', { count: 12 })));
    assert.equal(envelopes[0]?.items[0]?.count, 12);
  });
});

describe('what the bench compares', () => {
  const costs = (of: readonly number[], against: readonly number[]): Costs => {
    const made = (list: readonly number[]): { cpu: number; wall: number }[] => list.map((cpu) => ({ cpu, wall: cpu }));
    return new Map([
      ['ours', made(of)],
      ['bare', made(against)],
    ]);
  };

  it('are rounds that ran side by side: a slow one counts for both', () => {
    assert.equal(ratioOf(costs([20, 200, 20], [10, 100, 10]), 'ours', 'bare'), 2);
    assert.equal(ratioOf(costs([20, 20, 900], [10, 10, 10]), 'ours', 'bare'), 2);
  });

  it('does not pass if nothing was measured', () => {
    for (const ratio of Object.values(checkedRatios(new Map()))) assert.ok(Number.isNaN(ratio));
  });

  it('is what subjects print, among what else they print', () => {
    const report = { kind: 'end', events: 1, wall: 2, cpu: 3, heap: 0 };
    assert.deepEqual(readReport(`1 Dec - bench: ${JSON.stringify(report)}`), report);
    assert.equal(readReport('1 Dec - [info] Started flows'), undefined);
  });
});

describe('the page about performance', () => {
  const page = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8');

  it('shows what was measured last, and no figure that is none', async () => {
    const results = await readResults();
    for (const name of Object.keys(BENCH_TEXTS)) assert.ok(page.includes(`<!-- bench ${name} -->`), name);
    assert.deepEqual(Object.keys(results.ratios).sort(), CHECKED.map(({ name }) => name).sort());
    assert.doesNotMatch(tableOf(results.rows), /NaN|Infinity|undefined/);
    for (const { figure } of messageRows(new Map([['ours', [{ cpu: 1, wall: 1 }]]]))) {
      assert.ok(
        results.rows.some((row) => row.figure === figure),
        figure,
      );
    }
    assert.equal(readFileSync(join(ROOT, 'docs/images/bench-throughput.svg'), 'utf8'), chartOf(results));
  });

  it('says what an installation takes today', async function () {
    const { rows } = await readResults();
    for (const { figure, measured, reached } of await sizeRows()) {
      const published = rows.find((row) => row.figure === figure);
      const [today, then] = [measured, published?.measured ?? ''].map(parseFloat);
      assert.ok(reached, `${figure}: ${measured}`);
      assert.ok(Math.abs((today ?? NaN) / (then ?? NaN) - 1) < 0.03, `${figure}: ${measured}, not ${then}`);
    }
  });
});
