import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildBench } from './build';
import { check } from './check/check';
import { growth } from './growth/growth';
import { profile } from './profile/profile';
import { PART_NAMES, type PartName } from './results/part-names';
import { writeResults } from './results/results';
import { tableOf } from './results/texts';
import type { Outcome } from './row';
import { channels } from './rows/channels';
import { delay } from './rows/delay';
import { install } from './rows/install';
import { listeners } from './rows/listeners';
import { memory } from './rows/memory';
import { recovery } from './rows/recovery';
import { sending } from './rows/sending';
import { start } from './rows/start';
import { steady } from './rows/steady';
import { throughput } from './rows/throughput';
import { unwanted } from './rows/unwanted';

const ROOT = resolve(__dirname, '../..');

const PARTS: Readonly<Record<PartName, () => Promise<Outcome>>> = {
  throughput: () => throughput(20_000, 5),
  unwanted: () => unwanted(20_000, 5),
  steady: () => steady(5, 3),
  delay: () => delay(10, 3),
  listeners: () => listeners(20_000, 5),
  channels: () => channels(1_000),
  memory: () => memory(1_000),
  recovery: () => recovery(200, 50),
  sending: () => sending(500),
  start: () => start(7),
  install: () => install(),
  growth: () => growth(),
  profile: () => profile(20_000, 3),
};

/**
 * `npm run bench` measures and prints; with `-- --write` it puts the results into texts and charts as well. With
 * `-- --only throughput` it measures that part alone, and writes no other. `npm run bench -- --check` is the quick check
 * that nothing has become slow: it exits with 1 where something has.
 */
void (async () => {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, write: { type: 'boolean' }, check: { type: 'boolean' } },
  });
  await buildBench();
  if (values.check) return void (process.exitCode = (await check()) ? 0 : 1);
  const names = PART_NAMES.filter((name) => values.only === undefined || name === values.only);
  if (names.length === 0) throw new Error(`There is no such part: ${PART_NAMES.join(', ')}`);
  const outcomes = new Map<PartName, Outcome>();
  for (const name of names) {
    console.error(`${name} …`);
    const outcome = await PARTS[name]();
    outcomes.set(name, outcome);
    if (values.write) await writeResults(name, outcome);
  }
  print([...outcomes.values()]);
  if (!values.write) return;
  await promisify(execFile)(process.execPath, ['--require', 'tsx/cjs', 'scripts/write-docs.ts'], { cwd: ROOT });
})();

function print(outcomes: readonly Outcome[]): void {
  console.log(tableOf(outcomes.flatMap(({ rows }) => rows)));
  for (const { subject, figure, unit, value } of outcomes.flatMap(({ measurements }) => measurements)) {
    console.log(`* ${figure}, ${subject}: ${value.toPrecision(4)} ${unit}`);
  }
  for (const { subject, bucket, share } of outcomes.flatMap(({ shares = [] }) => shares)) {
    console.log(`* ${subject}: ${bucket}: ${(share * 100).toFixed(1)} %`);
  }
  for (const { axis, cost, curves } of outcomes.flatMap(({ growths = [] }) => growths)) {
    for (const { subject, points } of curves) {
      const values = points.map((point) => `${point.at}: ${point.cost.toPrecision(4)}`);
      console.log(`* ${cost}, by ${axis}, ${subject}: ${values.join(', ')}`);
    }
  }
}
