import { parseArgs } from 'node:util';
import type { Fault } from './fault';
import { FAULTS } from './list';
import { SHORT_FAULTS } from './list/short';
import { FOR_SLOW_STOCK, FOR_STOCK, FULL, runSide, SHORT } from './side';
import { failureOf, TABLE_HEAD, tableRow } from './table';

void main();

/** Runs the battery; exits with 1 where our client lost, doubled or disordered a message. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, short: { type: 'boolean', default: false } } });
  const all = values.short ? SHORT_FAULTS : FAULTS;
  const faults = all.filter(({ name }) => values.only === undefined || name.includes(values.only));
  const begun = Date.now();
  console.log(TABLE_HEAD);
  const failures: string[] = [];
  for (const fault of faults) failures.push(...(await run(fault, values.short)));
  console.log(`\n${faults.length} faults in ${Math.round((Date.now() - begun) / 1000)} s, ${failures.length} failed`);
  for (const failure of failures) console.log(`* ${failure}`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

/** Prints the rows of one fault and returns what went wrong. */
async function run(fault: Fault, isShort: boolean): Promise<string[]> {
  const sides = isShort
    ? [runSide(fault, 'ours', SHORT)]
    : fault.isOursOnly
      ? [runSide(fault, 'ours', FULL)]
      : [runSide(fault, 'ours', FULL), runSide(fault, 'stock', fault.isSlowForStock ? FOR_SLOW_STOCK : FOR_STOCK)];
  const [ours, stock] = await Promise.all(sides);
  if (!ours) return [];
  console.log(tableRow(fault, 'ours', ours));
  if (stock) console.log(tableRow(fault, 'stock', stock));
  const failure = failureOf(fault, ours);
  return failure === undefined ? [] : [`${fault.name}: ${failure}`];
}
