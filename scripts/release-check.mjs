/**
 * `npm run release-check`: everything that takes too long for every change, one after the other, and one table at the
 * end. Run it before a release, on a machine that does nothing else. The exit code is 1 if a check fails.
 * `npm run release-check -- faults soak` runs some of them.
 *
 * What a check prints goes to `.cache/release-check/<name>.log`.
 */
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, run } from './installed.mjs';

/** In ms: the longest check takes about 25 min on two cores. */
const LIMIT = 3_600_000;
const logs = join(root, '.cache', 'release-check');

/** By name: the command, as CONTRIBUTING.md lists it, and the environment that it needs. */
const CHECKS = {
  faults: { command: ['npm', 'run', 'faults'] },
  durability: { command: ['npm', 'run', 'durability'] },
  soak: { command: ['npm', 'run', 'soak'] },
  cluster: { command: ['npm', 'run', 'cluster'] },
  bench: { command: ['npm', 'run', 'bench'] },
  fuzz: {
    command: ['npx', 'mocha', '--spec', 'test/fuzz/frames.test.ts', 'test/fuzz/routes.test.ts'],
    env: { FUZZ_FRAMES: '1000000', FUZZ_REQUESTS: '100000' },
  },
  clocks: {
    command: ['npx', 'mocha', '--spec', 'test/scenarios/*.test.ts'],
    env: { CLOCK_STEPS: '1' },
  },
  examples: {
    command: ['npx', 'mocha', '--spec', 'test/examples/failure-runs.test.ts'],
    env: { FAILURE_RUNS: 'all' },
  },
  compat: { command: ['npm', 'run', 'compat', '--', '--all'] },
};

main().catch((error) => {
  console.error(`\nrelease-check: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in CHECKS));
  if (unknown.length > 0)
    throw new Error(`There is no check ${unknown.join(', ')}, only ${Object.keys(CHECKS).join(', ')}`);
  mkdirSync(logs, { recursive: true });
  const rows = [];
  for (const name of names.length > 0 ? names : Object.keys(CHECKS)) rows.push(await check(name));
  console.log(`\n${table(rows)}`);
  if (rows.some(({ isGood }) => !isGood)) process.exitCode = 1;
}

async function check(name) {
  const { command, env } = CHECKS[name];
  const [program, ...args] = command;
  const log = join(logs, `${name}.log`);
  console.log(`${name} … (${relative(root, log)})`);
  const started = process.hrtime.bigint();
  const { code, said } = await run(program, args, {
    log,
    timeout: LIMIT,
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  });
  const minutes = Number(process.hrtime.bigint() - started) / 60e9;
  if (code !== 0) console.log(said.split('\n').slice(-40).join('\n'));
  return { name, minutes: minutes.toFixed(1), isGood: code === 0, result: code === 0 ? 'ok' : `FAILED (${code})` };
}

function table(rows) {
  const lines = rows.map(({ name, minutes, result }) => `${name.padEnd(10)} ${minutes.padStart(6)} min  ${result}`);
  return lines.join('\n');
}
