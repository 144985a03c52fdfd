import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { median } from 'simple-statistics';
import { ROOT } from '../bundled';
import { Generator } from './generator';
import { lineRows, memoryRows, outageRows } from './lines';
import type { Costs } from './measure';
import { busynessOf, CHECKED, checkedRatios, measureMessages, messageFigures, messageRows } from './messages';
import { sizeRows, startRows } from './package';
import { readResults, tableOf, writeResults, type Results } from './page';
import { times } from './row';
import { buildSubjects } from './subjects';

const ROUNDS = 30;
/** V8 compiles the same code otherwise in each process, and ratios differ by a fifth from run to run. */
const RUNS = 3;
/** With more time by the clock than on the core, the machine was not quiet: such figures are not published. */
const MAX_BUSYNESS = 1.5;
/** By so much a ratio may exceed the published one. */
const TOLERANCE = 1.15;

const PARTS = ['messages', 'lines', 'outage', 'memory', 'start', 'sizes'] as const;
type Part = (typeof PARTS)[number];

/**
 * `npm run bench` measures and prints; `-- --write` measures on a quiet machine and writes docs/performance.md;
 * `-- --only messages` measures one part, and `--write` with it leaves the other rows as they are; `-- --check` tells whether something has become slow, and exits with 1 then.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, write: { type: 'boolean' }, check: { type: 'boolean' } },
  });
  const parts = PARTS.filter((part) => values.only === undefined || part === values.only);
  if (parts.length === 0) throw new Error(`There is no such part: ${PARTS.join(', ')}`);
  await buildSubjects();
  const generator = new Generator();
  await generator.start();
  try {
    if (values.check) process.exitCode = (await check(generator)) ? 0 : 1;
    else await measureAll(generator, parts, values.write === true);
  } finally {
    await generator.stop();
  }
}

async function measureAll(generator: Generator, parts: readonly Part[], isWritten: boolean): Promise<void> {
  const before = await readResults();
  let { figures, ratios } = before;
  const rows: Results['rows'][number][] = [];
  for (const part of parts) {
    console.error(`${part} …`);
    if (part === 'messages') {
      const costs = await measureMessages(generator, { rounds: ROUNDS });
      const busyness = busynessOf(costs);
      console.error(`By the clock a message takes ${times(busyness)} its time on the core.`);
      if (isWritten && busyness > MAX_BUSYNESS) throw new Error('The machine is busy: nothing is written');
      figures = messageFigures(costs);
      ratios = isWritten ? await medianRatios(generator, costs) : checkedRatios(costs);
      rows.push(...messageRows(costs));
    } else if (part === 'lines') rows.push(...(await lineRows(generator)));
    else if (part === 'outage') rows.push(...(await outageRows()));
    else if (part === 'memory') rows.push(...(await memoryRows()));
    else if (part === 'start') rows.push(...(await startRows()));
    else rows.push(...(await sizeRows()));
  }
  console.log(tableOf(rows));
  const measured = parts.includes('messages') ? figures : [];
  for (const { subject, value, unit } of measured) console.log(`* ${subject}: ${value.toFixed(2)} ${unit}`);
  if (!isWritten) return;
  const isMeasured = new Set(rows.map(({ figure }) => figure));
  const published = parts.length === PARTS.length ? [] : before.rows.filter(({ figure }) => !isMeasured.has(figure));
  await writeResults({ rows: [...rows, ...published], figures, ratios });
  await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', 'scripts/write-docs.ts'], { cwd: ROOT });
  console.error(`Written: ${join('docs', 'performance.md')}`);
}

/** The median of several runs with processes of their own, of which `costs` are those of the first. */
async function medianRatios(generator: Generator, costs: Costs): Promise<Record<string, number>> {
  const runs = [checkedRatios(costs)];
  while (runs.length < RUNS) {
    runs.push(checkedRatios(await measureMessages(generator, { rounds: ROUNDS, isCheck: true })));
  }
  const names = CHECKED.map(({ name }) => name);
  return Object.fromEntries(names.map((name) => [name, median(runs.map((ratios) => ratios[name] ?? NaN))]));
}

/**
 * Whether nothing has become slower than published. Only ratios within one run count: another machine gives the same. What
 * has really become slower is slow in each of the runs.
 */
async function check(generator: Generator): Promise<boolean> {
  const { ratios: published } = await readResults();
  let slow = [...CHECKED];
  for (let run = 1; run <= RUNS && slow.length > 0; run += 1) {
    const ratios = checkedRatios(await measureMessages(generator, { rounds: ROUNDS, isCheck: true }));
    slow = slow.filter(({ name, tolerance = TOLERANCE }) => {
      const [ratio, bound] = [ratios[name] ?? NaN, (published[name] ?? NaN) * tolerance];
      const isGood = ratio <= bound;
      console.log(`run ${run}, ${isGood ? 'ok  ' : 'SLOW'}: ${name}: ${times(ratio)}, at most ${times(bound)}`);
      return !isGood;
    });
  }
  return slow.length === 0;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
