import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { charts } from '../../bench/speed/charts/charts';
import { PART_NAMES } from '../../bench/speed/results/part-names';
import { readResults } from '../../bench/speed/results/results';
import { BENCH_TEXTS } from '../../bench/speed/results/texts';

const ROOT = resolve(__dirname, '../..');
const IMAGES = join(ROOT, 'docs/images');

describe('the results of the bench', () => {
  it('are there for every part', async () => {
    const results = await readResults();
    assert.deepEqual(Object.keys(results).sort(), [...PART_NAMES].sort());
    for (const [name, { rows, measurements, growths, shares }] of Object.entries(results)) {
      assert.ok(rows.length + measurements.length + growths.length + shares.length > 0, name);
    }
  });

  it('hold what was measured, and no figure that is none', async () => {
    for (const [name, part] of Object.entries(await readResults())) {
      const curves = part.growths.flatMap((growth) => growth.curves.flatMap(({ points }) => points));
      const values = [
        ...part.measurements.map(({ value }) => value),
        ...curves.flatMap(({ at, cost }) => [at, cost]),
        ...part.shares.map(({ share }) => share),
      ];
      for (const value of values) assert.ok(Number.isFinite(value), name);
      for (const { measured } of part.rows) assert.doesNotMatch(measured, /NaN|Infinity|undefined/, name);
    }
  });

  it('stretch every axis over three orders of magnitude', async () => {
    const { growth } = await readResults();
    assert.equal(growth?.growths.length, 5);
    for (const { name, curves } of growth.growths) {
      for (const { points } of curves) assert.equal((points.at(-1)?.at ?? 0) / (points[0]?.at ?? NaN), 1_000, name);
    }
  });

  it('are what the charts show: none is drawn by hand, and none is left over', async () => {
    const drawn = charts(await readResults());
    assert.equal(drawn.size, 6);
    const there = readdirSync(IMAGES).filter((name) => name.startsWith('bench-'));
    assert.deepEqual([...drawn.keys()].sort(), there.sort());
    for (const [name, svg] of drawn)
      assert.equal(readFileSync(join(IMAGES, name), 'utf8'), svg, `${name}: "npm run docs"`);
  });

  it('are all shown on the page about performance', () => {
    const page = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8');
    for (const name of Object.keys(BENCH_TEXTS)) assert.ok(page.includes(`<!-- bench ${name} -->`), name);
  });
});

describe('the charts of the bench', () => {
  it('are drawn the same every time, whatever was drawn before', async () => {
    const results = await readResults();
    assert.deepEqual(charts(results), charts(results));
  });

  it('can be read on light and on dark ground', async () => {
    for (const [name, svg] of charts(await readResults())) {
      assert.match(svg, /prefers-color-scheme:dark/, name);
      const colours = [...svg.matchAll(/<text[^>]* fill="([^"]*)"/g)].map(([, colour]) => colour);
      assert.deepEqual([...new Set(colours)], ['currentColor'], name);
    }
  });
});
