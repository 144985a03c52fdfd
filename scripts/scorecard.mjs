/**
 * `npm run scorecard`: what the Flow Library will say of the package. It packs the package, installs it as a user
 * would, and lets the Flow Library's own tool look at it. Every check must pass, without a warning; else the exit code
 * is 1, but for what PINNED excuses. `node scripts/scorecard.mjs <folder>` looks at a package that is there with its dependencies.
 *
 * The tool asks the npm registry for versions. The catalogue of all nodes it gets from `scorecard/catalogue.mjs`.
 */
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { install, npm, root, run } from './installed.mjs';

const recipe = join(root, 'scripts', 'scorecard');
const tool = join(root, '.cache', 'scorecard');
/** All that the tool looks at. One that it does not come to has not been passed. */
const CHECKS = {
  P01: 'has a licence',
  P03: 'names its repository or where bugs are reported',
  P04: 'has a scoped name',
  P05: 'has the keyword node-red',
  P06: 'runs on a Node-RED that is supported',
  P07: 'runs on the oldest Node.js of that Node-RED',
  P08: 'is not named like another package',
  N01: 'has node types that no other package has',
  N02: 'has an example for each node type',
  D01: 'has few dependencies',
  D02: 'has no dependency that is known to do harm',
  D03: 'has the newest dependencies',
};
/** Their newest version, 3.4.0, asks for Node.js 22 through a dependency; this package runs on Node.js 20. */
const PINNED = ['@nats-io/jetstream', '@nats-io/kv', '@nats-io/transport-node'];
/** In ms. */
const TOOL_WITHIN = 120_000;

main().catch((error) => {
  console.error(`\nscorecard: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  await install(recipe, tool);
  const temporary = await realpath(await mkdtemp(join(tmpdir(), 'chatapp-scorecard-')));
  try {
    const given = process.argv[2];
    const folder = given === undefined ? await packed(temporary) : resolve(given);
    const { card, warnings } = await validate(folder, join(temporary, 'scorecard.json'));
    const failures = judge(card, warnings);
    for (const failure of failures) console.error(`scorecard: ${failure}`);
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The folder of the package as npm would publish it, with what it depends on. */
async function packed(temporary) {
  const options = ['--ignore-scripts', '--json', '--pack-destination', temporary];
  const [{ filename }] = JSON.parse(await npm(['pack', ...options], { cwd: root }));
  const folder = join(temporary, 'package');
  await mkdir(folder);
  const unpack = ['-xzf', join(temporary, filename), '-C', folder, '--strip-components=1'];
  const { code, said } = await run('tar', unpack);
  if (code !== 0) throw new Error(`tar ended with ${code}: ${said}`);
  await npm(['install', '--omit=dev', '--no-package-lock', '--ignore-scripts', '--prefer-offline'], { cwd: folder });
  return folder;
}

/** What the tool says: its findings by the name of the check, and its warnings, which no finding may show. */
async function validate(folder, file) {
  const program = createRequire(join(tool, 'package.json')).resolve('node-red-dev/bin/run');
  const catalogue = join(recipe, 'catalogue.mjs');
  const args = ['--import', pathToFileURL(catalogue).href, program, 'validate', '-p', folder, '-o', file];
  // Wide enough that no warning is wrapped.
  const env = { ...process.env, COLUMNS: '1000', OCLIF_COLUMNS: '1000' };
  const { code, said } = await run(process.execPath, args, { cwd: folder, env, timeout: TOOL_WITHIN });
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (code !== 0 || text === undefined) throw new Error(`the tool ended with ${code}. It said:\n${said}`);
  const warnings = [...said.matchAll(/^.*Warning: *(.*)$/gm)].map(([, warning]) => warning);
  return { card: JSON.parse(text), warnings };
}

/** Prints each check and returns what is wrong. */
function judge(card, allWarnings) {
  const failures = [];
  const { D03: newest } = card;
  const old = newest?.packages ?? [];
  const isExcused = newest?.test === false && old.length > 0 && old.every((name) => PINNED.includes(name));
  const warnings = allWarnings.filter((text) => !(isExcused && text.startsWith('D03 ')));
  for (const [check, what] of Object.entries(CHECKS)) {
    const isPassed = card[check]?.test === true || (check === 'D03' && isExcused);
    const isQuiet = !warnings.some((warning) => warning.startsWith(`${check} `));
    console.log(`${isPassed && isQuiet ? 'ok    ' : 'FAILED'} ${check} ${what}`);
    if (!isPassed) failures.push(`${check} ${what}: ${JSON.stringify(card[check] ?? 'the tool did not come to it')}`);
  }
  for (const check of Object.keys(card)) {
    if (check !== 'package' && !(check in CHECKS)) failures.push(`${check} is a check that this script does not know`);
  }
  return [...failures, ...warnings];
}
