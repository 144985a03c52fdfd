import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from 'simple-statistics';
import manifest from '../../package.json';
import { isRecord, parseJson } from '../../simulator/json';
import { ROOT } from '../bundled';
import { atMost, type Row } from './row';

const run = promisify(execFile);
const STARTS = 7;

/** What the package adds to a user directory and to the editor: the same on every machine. */
export async function sizeRows(): Promise<Row[]> {
  const lock = parseJson(await readFile(join(ROOT, 'package-lock.json'), 'utf8'));
  const entries = isRecord(lock) && isRecord(lock.packages) ? Object.entries(lock.packages) : [];
  const folders = entries.flatMap(([folder, entry]) =>
    folder !== '' && isRecord(entry) && entry.dev !== true && entry.devOptional !== true ? [folder] : [],
  );
  const sizes = await Promise.all(folders.map((folder) => sizeOf(join(ROOT, folder))));
  const bytes = sizes.reduce((sum, size) => sum + size, await packedSize());
  return [
    atMost('install: packages', folders.length + 1, 12, '', 0),
    atMost('install: what they take', bytes / 1e6, 11, 'MB'),
    atMost('editor: what it loads in English', (await editorSize()) / 1_000, 200, 'KB', 0),
  ];
}

/** What the packed package takes when it is unpacked, in bytes. */
async function packedSize(): Promise<number> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT });
  const packed = parseJson(stdout);
  const first: unknown = Array.isArray(packed) ? packed[0] : undefined;
  if (!isRecord(first) || typeof first.unpackedSize !== 'number') throw new Error('npm pack says no size');
  return first.unpackedSize;
}

/** Dialogs, help and texts of all nodes, in bytes. */
async function editorSize(): Promise<number> {
  const files = Object.values(manifest['node-red'].nodes).flatMap((file) => {
    const name = file.replace(/\.js$/, '');
    const locale = join(name, '../locales/en-US', name.split('/').at(-1) ?? '');
    return [`${name}.html`, `${locale}.html`, `${locale}.json`];
  });
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(ROOT, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += entry.name === 'node_modules' ? 0 : await sizeOf(path);
    else bytes += (await stat(path)).size;
  }
  return bytes;
}

/** How long the package's files take to load, as Node-RED loads them when it starts: after all of its own. */
export async function startRows(): Promise<Row[]> {
  const files = Object.values(manifest['node-red'].nodes).map((file) => join(ROOT, file));
  const program = `
    require('node-red');
    const begun = process.hrtime.bigint();
    for (const file of ${JSON.stringify(files)}) require(file);
    console.log(Number(process.hrtime.bigint() - begun) / 1e6);`;
  const took: number[] = [];
  for (let start = 0; start < STARTS; start += 1) {
    took.push(Number((await run(process.execPath, ['-e', program], { cwd: ROOT })).stdout));
  }
  return [atMost("load time in Node-RED's start", median(took), 60, 'ms', 0)];
}
