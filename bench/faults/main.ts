import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Fault } from './fault';
import { FAULTS } from './list';
import { SHORT_FAULTS } from './list/short';
import { writeResults, type Measured } from './results';
import { FOR_SLOW_STOCK, FOR_STOCK, FULL, runSide, SHORT } from './side';
import { failureOf, TABLE_HEAD, tableRow } from './table';

void main();

/**
 * Runs the battery; exits with 1 if our client lost, doubled or disordered a message. With `--write` it also puts the rows that
 * were measured into the texts.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      short: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const all = values.short ? SHORT_FAULTS : FAULTS;
  const faults = all.filter(({ name }) => values.only === undefined || name.includes(values.only));
  const begun = Date.now();
  console.log(TABLE_HEAD);
  const measured: Measured[] = [];
  for (const fault of faults) measured.push(await run(fault, values.short));
  const failures = measured.flatMap(({ fault, ours }) => {
    const failure = failureOf(fault, ours);
    return failure === undefined ? [] : [`${fault.name}: ${failure}`];
  });
  console.log(`\n${faults.length} faults in ${Math.round((Date.now() - begun) / 1000)} s, ${failures.length} failed`);
  for (const failure of failures) console.log(`* ${failure}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
  if (!values.write || values.short) return;
  await writeResults(
    measured,
    FAULTS.map(({ name }) => name),
  );
  const root = resolve(__dirname, '../..');
  await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', 'scripts/write-docs.ts'], { cwd: root });
}

/** Prints the rows of one fault. */
async function run(fault: Fault, isShort: boolean): Promise<Measured> {
  const stockPace = fault.isSlowForStock ? FOR_SLOW_STOCK : FOR_STOCK;
  const [ours, stock] = await Promise.all([
    runSide(fault, 'ours', isShort ? SHORT : FULL),
    isShort || fault.isOursOnly ? undefined : runSide(fault, 'stock', stockPace),
  ]);
  console.log(tableRow(fault, 'ours', ours));
  if (stock) console.log(tableRow(fault, 'stock', stock));
  return { fault, ours, stock };
}
