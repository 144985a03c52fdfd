import { parseArgs } from 'node:util';
import { buildBench } from './build';
import type { Measurement, Outcome, Row } from './row';
import { channels } from './rows/channels';
import { delay } from './rows/delay';
import { install } from './rows/install';
import { listeners } from './rows/listeners';
import { memory } from './rows/memory';
import { recovery } from './rows/recovery';
import { start } from './rows/start';
import { steady } from './rows/steady';
import { throughput } from './rows/throughput';
import { unwanted } from './rows/unwanted';
import { tableOf } from './table';

/** What is measured, in the order of the table. */
const PARTS: Readonly<Record<string, () => Promise<Outcome>>> = {
  throughput: () => throughput(20_000, 5),
  unwanted: () => unwanted(20_000, 5),
  steady: () => steady(5, 3),
  delay: () => delay(10, 3),
  listeners: () => listeners(20_000, 5),
  channels: () => channels(1_000),
  memory: () => memory(1_000),
  recovery: () => recovery(200, 50),
  start: () => start(7),
  install: () => install(),
};

/** `npm run bench`; `npm run bench -- --only throughput` measures one part. */
void (async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const parts = Object.entries(PARTS).filter(([name]) => values.only === undefined || name === values.only);
  if (parts.length === 0) throw new Error(`There is no such part: ${Object.keys(PARTS).join(', ')}`);
  await buildBench();
  const rows: Row[] = [];
  const measurements: Measurement[] = [];
  for (const [name, measure] of parts) {
    console.error(`${name} …`);
    const outcome = await measure();
    rows.push(...outcome.rows);
    measurements.push(...outcome.measurements);
  }
  console.log(tableOf(rows));
  for (const { subject, figure, unit, value } of measurements) {
    console.log(`* ${figure}, ${subject}: ${value.toPrecision(4)} ${unit}`);
  }
})();
