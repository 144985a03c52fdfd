import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { tableOf } from '../speed/page';
import { buildInstance, removeInstance } from './build';
import { writeResults } from './results';
import { type Measured, ROWS } from './rows/rows';

const ROOT = resolve(__dirname, '../..');

void main();

/**
 * `npm run cluster` puts several instances of a flow to the test and prints a table; it exits with 1 where a goal is not
 * reached. `-- --only kills` measures one row, `-- --write` puts the results into the texts as well.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'boolean' } } });
  const names = Object.keys(ROWS).filter((name) => values.only === undefined || name === values.only);
  if (names.length === 0) throw new Error(`There is no such row: ${Object.keys(ROWS).join(', ')}`);
  await buildInstance();
  const rows: Record<string, Measured> = {};
  for (const name of names) {
    console.error(`${name} …`);
    const row = await ROWS[name]?.();
    if (!row) continue;
    rows[name] = row;
    console.error([row.measured, ...row.remarks].map((line) => `  ${line}`).join('\n'));
    if (values.write) await writeResults({ [name]: row }, Object.keys(ROWS));
  }
  await removeInstance();
  console.log(tableOf(Object.values(rows)));
  process.exitCode = Object.values(rows).every(({ reached }) => reached) ? 0 : 1;
  if (!values.write) return;
  await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', 'scripts/write-docs.ts'], { cwd: ROOT });
}
