import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import manifest from '../../../package.json';
import { median } from '../figures';
import type { Outcome } from '../row';

const ROOT = resolve(__dirname, '../../..');
const run = promisify(execFile);

/** How long the package's files take to load, as Node-RED loads them when it starts: after all of its own. */
export async function start(rounds: number): Promise<Outcome> {
  const files = Object.values(manifest['node-red'].nodes).map((file) => resolve(ROOT, file));
  const program = `
    require('node-red');
    const begun = process.hrtime.bigint();
    for (const file of ${JSON.stringify(files)}) require(file);
    console.log(Number(process.hrtime.bigint() - begun) / 1e6);`;
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { stdout } = await run(process.execPath, ['-e', program], { cwd: ROOT });
    took.push(Number(stdout));
  }
  const value = median(took);
  return {
    measurements: [{ subject: 'the package', figure: 'load time', unit: 'ms', value }],
    rows: [
      {
        figure: "load time in Node-RED's start",
        target: '≤ 60 ms',
        measured: `${value.toFixed(0)} ms`,
        reached: value <= 60,
      },
    ],
  };
}
