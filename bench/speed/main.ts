import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { ROOT } from '../bundled';
import { Generator } from './generator';
import { lineRows, memoryRows, outageRows } from './lines';
import { busynessOf, checkedRatios, measureMessages, messageFigures, messageRows } from './messages';
import { sizeRows, startRows } from './package';
import { readResults, tableOf, writeResults, type Results } from './page';
import { times } from './row';
import { buildSubjects } from './subjects';

const ROUNDS = 30;
/** Of the check, and of its second try if the first fails. */
const CHECK_ROUNDS = [12, 24];
/** With more time by the clock than on the core, the machine was not quiet: such figures are not published. */
const MAX_BUSYNESS = 1.5;
/** By so much a ratio may exceed the published one. */
const TOLERANCE = 1.15;

const PARTS = ['messages', 'lines', 'outage', 'memory', 'start', 'sizes'] as const;
type Part = (typeof PARTS)[number];

/**
 * `npm run bench` measures and prints; `-- --write` measures on a quiet machine and writes docs/performance.md;
 * `-- --only messages` measures one part; `-- --check` tells whether something has become slow, and exits with 1 then.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, write: { type: 'boolean' }, check: { type: 'boolean' } },
  });
  if (values.write && values.only !== undefined) throw new Error('--write measures everything');
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
  let { figures, ratios }: Pick<Results, 'figures' | 'ratios'> = { figures: [], ratios: {} };
  const rows: Results['rows'][number][] = [];
  for (const part of parts) {
    console.error(`${part} …`);
    if (part === 'messages') {
      const costs = await measureMessages(generator, { rounds: ROUNDS });
      const busyness = busynessOf(costs);
      console.error(`By the clock a message takes ${times(busyness)} its time on the core.`);
      if (isWritten && busyness > MAX_BUSYNESS) throw new Error('The machine is busy: nothing is written');
      figures = messageFigures(costs);
      ratios = checkedRatios(costs);
      rows.push(...messageRows(costs));
    } else if (part === 'lines') rows.push(...(await lineRows(generator)));
    else if (part === 'outage') rows.push(...(await outageRows()));
    else if (part === 'memory') rows.push(...(await memoryRows()));
    else if (part === 'start') rows.push(...(await startRows()));
    else rows.push(...(await sizeRows()));
  }
  console.log(tableOf(rows));
  for (const { subject, value, unit } of figures) console.log(`* ${subject}: ${value.toFixed(2)} ${unit}`);
  if (!isWritten) return;
  await writeResults({ rows, figures, ratios });
  await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', 'scripts/write-docs.ts'], { cwd: ROOT });
  console.error(`Written: ${join('docs', 'performance.md')}`);
}

/** Whether nothing has become slower than published. Only ratios within one run count: another machine gives the same. */
async function check(generator: Generator): Promise<boolean> {
  const { ratios: published } = await readResults();
  for (const rounds of CHECK_ROUNDS) {
    const costs = await measureMessages(generator, { rounds, isCheck: true });
    const slow = Object.entries(checkedRatios(costs)).filter(([name, ratio]) => {
      const bound = (published[name] ?? NaN) * TOLERANCE;
      const isGood = ratio <= bound;
      console.log(`${isGood ? 'ok  ' : 'SLOW'} ${name}: ${times(ratio)}, at most ${times(bound)}`);
      return !isGood;
    });
    if (slow.length === 0) return true;
    console.log(`That was with ${rounds} rounds.`);
  }
  return false;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
