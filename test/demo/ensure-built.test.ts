import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isRecord } from '../../src/events/json';

const READY = join(__dirname, '../../scripts/ensure-built.mjs');
/** A build that takes a moment and leaves a line for each time that it ran. */
const BUILD = `
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
appendFileSync('builds', 'built\\n');
await new Promise((resolve) => setTimeout(resolve, 300));
rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
mkdirSync('resources', { recursive: true });
writeFileSync('resources/editor.js', '');
`;

describe('scripts/ensure-built.mjs', () => {
  let clone: string;

  before(async () => {
    clone = await mkdtemp(join(tmpdir(), 'chatapp-ready-'));
    await Promise.all(['scripts', 'src', 'nodes', 'icons', 'own'].map((name) => mkdir(join(clone, name))));
    await cp(READY, join(clone, 'scripts/ensure-built.mjs'));
    await write('scripts/build.mjs', BUILD);
    await write('src/index.ts', '');
    await write('own/package.json', '{ "name": "own", "version": "1.0.0" }');
    const manifest = {
      name: 'clone',
      version: '1.0.0',
      engines: { node: '>=20.15' },
      dependencies: { own: 'file:own' },
    };
    await write('package.json', JSON.stringify(manifest));
    await npm('install', '--package-lock-only');
  });

  after(() => rm(clone, { recursive: true, force: true }));

  it('installs and builds a fresh clone', async () => {
    assert.match(await ready(), /^Installing[^]+^Building dist …$/m);
    assert.equal(await builds(), 1);
  });

  it('says nothing and does nothing where all is ready', async () => {
    assert.equal(await ready(), '');
    assert.equal(await builds(), 1);
  });

  it('builds again when a source was changed, added or removed', async () => {
    await changed('src/index.ts');
    assert.match(await ready(), /^Building dist …$/m);
    await write('icons/new.svg', '');
    await changed('icons');
    await ready();
    await rm(join(clone, 'icons/new.svg'));
    await changed('icons');
    await ready();
    assert.equal(await builds(), 4);
    assert.equal(await ready(), '');
  });

  it('installs again when package-lock.json is newer, and does not build for that', async () => {
    await changed('package-lock.json');
    const output = await ready();
    assert.match(output, /^Installing/m);
    assert.doesNotMatch(output, /Building/);
    assert.equal(await ready(), '');
  });

  it('installs, but does not build, for "install"', async () => {
    await changed('package-lock.json');
    await changed('src/index.ts');
    const output = await ready([], ['install']);
    assert.match(output, /^Installing/m);
    assert.doesNotMatch(output, /Building/);
    assert.match(await ready(), /^Building dist …$/m);
  });

  it('falls back to "npm install" where package-lock.json does not fit package.json', async () => {
    await mkdir(join(clone, 'other'));
    await write('other/package.json', '{ "name": "other", "version": "1.0.0" }');
    const manifest = { name: 'clone', version: '1.0.0', engines: { node: '>=20.15' } };
    await write('package.json', JSON.stringify({ ...manifest, dependencies: { other: 'file:other' } }));
    await changed('package-lock.json');
    assert.match(await ready(), /"npm ci" failed/);
    await access(join(clone, 'node_modules/other/package.json'));
    assert.equal(await ready(), '');
  });

  it('fails loudly when the build fails', async () => {
    await write('scripts/build.mjs', 'console.error("no such thing"); process.exitCode = 3;');
    await assert.rejects(ready(), (error) => {
      return (
        isRecord(error) && error.code === 1 && /no such thing[^]+the build ended with 3/.test(String(error.stderr))
      );
    });
  });

  for (const version of ['16.20.2', '20.9.0']) {
    it(`names the Node.js version that is needed if it runs on ${version}`, async () => {
      await write('old.mjs', `Object.defineProperty(process.versions, 'node', { value: '${version}' });`);
      await assert.rejects(ready(['--import', './old.mjs']), (error) => {
        return (
          isRecord(error) &&
          error.code === 1 &&
          String(error.stderr).includes(`Node ${version}, but Node 20.15 or newer`)
        );
      });
    });
  }

  /** Everything that it prints. */
  async function ready(options: readonly string[] = [], args: readonly string[] = []): Promise<string> {
    const script = join(clone, 'scripts/ensure-built.mjs');
    const { npm_execpath: _execpath, npm_config_local_prefix: _prefix, ...env } = process.env;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...options, script, ...args], {
      cwd: clone,
      env,
    });
    return withoutWarnings(stdout + stderr);
  }

  async function npm(...args: readonly string[]): Promise<void> {
    const { npm_config_local_prefix: _prefix, ...env } = process.env;
    await promisify(execFile)('npm', [...args], { cwd: clone, env, shell: process.platform === 'win32' });
  }

  async function builds(): Promise<number> {
    return (await readFile(join(clone, 'builds'), 'utf8')).split('built').length - 1;
  }

  function write(name: string, text: string): Promise<void> {
    return writeFile(join(clone, name), text);
  }

  /** Makes a file or folder newer than all else: some file systems count in whole seconds. */
  async function changed(name: string): Promise<void> {
    const soon = new Date(Date.now() + 50);
    await utimes(join(clone, name), soon, soon);
  }
});

/** npm has opinions about the settings of the machine. */
function withoutWarnings(output: string): string {
  return output.replace(/^npm warn .*\n/gm, '');
}
