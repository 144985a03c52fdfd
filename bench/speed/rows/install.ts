import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isRecord, parseJson } from '../../../simulator/json';
import type { Outcome } from '../row';

const ROOT = resolve(__dirname, '../../..');
const run = promisify(execFile);

/** What the packed package adds to an empty user directory. */
export async function install(): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'chatapp-bench-'));
  try {
    await writeFile(join(folder, 'package.json'), '{"private":true}');
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
      cwd: ROOT,
    });
    const packed = parseJson(stdout);
    const first: unknown = Array.isArray(packed) ? packed[0] : undefined;
    const file = isRecord(first) && typeof first.filename === 'string' ? first.filename : '';
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', join(folder, file)], { cwd: folder });
    const listed = parseJson((await run('npm', ['ls', '--all', '--parseable', '--json'], { cwd: folder })).stdout);
    const packages = countPackages(listed);
    const megabytes = (await sizeOf(join(folder, 'node_modules'))) / 1e6;
    return {
      measurements: [
        { subject: 'the package', figure: 'packages installed', unit: '', value: packages },
        { subject: 'the package', figure: 'installed', unit: 'MB', value: megabytes },
      ],
      rows: [
        {
          figure: 'install: what is added to a user directory',
          target: '≤ 12 packages, ≤ 11 MB',
          measured: `${packages} packages, ${megabytes.toFixed(1)} MB`,
          reached: packages <= 12 && megabytes <= 11,
        },
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function countPackages(node: unknown, seen = new Set<string>()): number {
  const dependencies = isRecord(node) && isRecord(node.dependencies) ? node.dependencies : {};
  for (const [name, dependency] of Object.entries(dependencies)) {
    seen.add(`${name} ${isRecord(dependency) ? String(dependency.version) : ''}`);
    countPackages(dependency, seen);
  }
  return seen.size;
}

/** What the files hold, in bytes. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await sizeOf(path) : (await stat(path)).size;
  }
  return bytes;
}
