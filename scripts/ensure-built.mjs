/**
 * Makes a clone ready for the scripts of package.json: installs what package-lock.json lists and builds `dist`, each
 * only if it is missing or out of date, so that it prints nothing most of the time. Needs only Node.js and npm.
 * `node scripts/ensure-built.mjs install` does not build, for scripts that check or build the sources themselves.
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** npm writes it at the end of an installation. */
const installed = join(root, 'node_modules', '.package-lock.json');
const SOURCES = ['src', 'nodes', 'icons', 'package.json', 'scripts/build.mjs', 'scripts/trim-dist.mjs'];

main().catch((error) => {
  console.error(`\nready: ${error.message}`);
  process.exitCode = 1;
});

async function main() {
  checkNode();
  if (mustInstall()) await install();
  if (mustBuild()) await build();
}

function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [oldest] = /\d+(\.\d+)*/.exec(engines.node);
  if (oldest.localeCompare(process.versions.node, 'en', { numeric: true }) > 0) {
    throw new Error(`this is Node ${process.versions.node}, but Node ${oldest} or newer is needed: https://nodejs.org`);
  }
}

function mustInstall() {
  return newest(installed) < newest(join(root, 'package-lock.json'));
}

function mustBuild() {
  if (process.argv[2] === 'install') return false;
  const configs = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  const changed = Math.max(...[...SOURCES, ...configs].map((name) => newest(join(root, name))));
  // The folder itself is as old as the beginning of the build: what was changed meanwhile is newer.
  return time(join(root, 'dist')) < changed || time(join(root, 'resources', 'editor.js')) === 0;
}

async function install() {
  console.log('Installing what package-lock.json lists …');
  // The tools that build and test are wanted, whatever NODE_ENV or the user's npm settings say.
  const options = ['--include=dev', '--no-audit', '--no-fund'];
  if ((await npm('ci', ...options)) !== 0) {
    console.error('\nready: "npm ci" failed, see above. Trying "npm install" …');
    const code = await npm('install', ...options);
    if (code !== 0) throw new Error(`"npm install" ended with ${code}, see above. Is the npm registry in reach?`);
  }
  const now = new Date();
  utimesSync(installed, now, now);
}

async function build() {
  console.log('Building dist …');
  const code = await run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
  if (code !== 0) throw new Error(`the build ended with ${code}, see above`);
}

/** The npm that runs this script, else the one on the path. */
function npm(...options) {
  const script = process.env.npm_execpath || '';
  if (/npm-cli\.c?js$/.test(script)) return run(process.execPath, [script, ...options]);
  return run('npm', options, { shell: process.platform === 'win32' });
}

/** Resolves with the exit code. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    child.once('error', (error) => reject(new Error(`${command} cannot be run: ${error.message}`)));
    child.once('exit', (code, signal) => resolve(code === null ? signal : code));
  });
}

/** When the newest thing at or below a path was changed, in ms since the epoch; 0 where there is nothing. */
function newest(path) {
  let entries;
  try {
    entries = readdirSync(path);
  } catch {
    return time(path);
  }
  // The folder counts as well: its time changes when something in it is removed.
  return Math.max(time(path), ...entries.map((name) => newest(join(path, name))));
}

function time(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? stats.mtimeMs : 0;
}
