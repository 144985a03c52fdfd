import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Outside `test/`: soketi's dependencies bring tests of their own, which are none of ours. */
const FOLDER = join(__dirname, '..', '..', '.cache', 'soketi');
const COMMAND = join(FOLDER, 'node_modules', '@soketi', 'soketi', 'bin', 'server.js');
const ENGINE = join(FOLDER, 'node_modules', 'uWebSockets.js', 'package.json');
const RECIPE = ['package.json', 'package-lock.json', '.npmrc'];

/**
 * The path of soketi's command. Where it is not installed yet, npm is asked for it (about 300 MB, half a minute).
 *
 * @throws Error with npm's last words, where that fails
 */
export async function installSoketi(): Promise<string> {
  if (isThere()) return COMMAND;
  mkdirSync(FOLDER, { recursive: true });
  for (const file of RECIPE) copyFileSync(join(__dirname, file), join(FOLDER, file));
  const { code, said } = await npmInstall();
  if (!isThere()) throw new Error(`soketi could not be installed (npm ended with ${code}). npm said:\n${said}`);
  return COMMAND;
}

function isThere(): boolean {
  return existsSync(COMMAND) && existsSync(ENGINE);
}

function npmInstall(): Promise<{ code: string; said: string }> {
  return new Promise((resolve) => {
    const child = spawn('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: FOLDER,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let said = '';
    const read = (text: Buffer): void => {
      said = (said + text.toString()).slice(-2000);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => resolve({ code: 'no code', said: error.message }));
    child.once('close', (code) => resolve({ code: `code ${code ?? 'none'}`, said }));
  });
}
