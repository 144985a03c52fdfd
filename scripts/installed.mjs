/** Starting programs and installing tools that are no dependencies of the project. */
import { spawn } from 'node:child_process';
import { copyFileSync, createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const RECIPE = ['package.json', 'package-lock.json', '.npmrc'];

/**
 * Installs what the lock file in the folder `recipe` lists into the folder `place`, unless it is there. Rejects with
 * npm's last words.
 */
export async function install(recipe, place) {
  if (isInstalled(recipe, place)) return;
  const { dependencies } = JSON.parse(textOf(join(recipe, 'package.json')));
  console.log(`Installing ${Object.entries(dependencies).flat().join(' ')} …`);
  // Aside, since another process may do the same at this moment.
  const aside = `${place}-${process.pid}`;
  mkdirSync(aside, { recursive: true });
  for (const file of RECIPE) copyFileSync(join(recipe, file), join(aside, file));
  await npm(['ci', '--prefix', aside, '--ignore-scripts', '--no-audit', '--no-fund']);
  if (!isInstalled(recipe, place)) rmSync(place, { recursive: true, force: true });
  if (!existsSync(place)) renameSync(aside, place);
  rmSync(aside, { recursive: true, force: true });
}

function isInstalled(recipe, place) {
  return RECIPE.every((file) => textOf(join(place, file)) === textOf(join(recipe, file)));
}

/** What npm prints. Rejects with its last words where it fails. */
export async function npm(args, options) {
  // As if nobody had started it from a script of this package.
  const env = { ...process.env, npm_config_local_prefix: undefined };
  const { code, said, printed } = await run('npm', args, { env, shell: process.platform === 'win32', ...options });
  if (code !== 0) throw new Error(`npm ${args[0]} ended with ${code}. It said:\n${said.slice(-2_000)}`);
  return printed;
}

/**
 * Resolves with the exit code or signal, with all that was said, which also goes to the file `log`, and with what of
 * it was printed on the standard output.
 */
export function run(command, args, { log, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { cwd: root, stdio, killSignal: 'SIGKILL', ...options });
    const file = log === undefined ? undefined : createWriteStream(log);
    let said = '';
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        said += text;
        if (stream === child.stdout) printed += text;
        file?.write(text);
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      file?.end();
      resolve({ code: code ?? signal, said, printed });
    });
  });
}

function textOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
