/**
 * `npm run docs`: writes again what the texts take from the code and from the last results of the bench, between
 * `<!-- name -->` and `<!-- /name -->`, the chart of those results, and the declarations that Node-RED's code editor gets.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { chartOf, readResults } from '../bench/speed/page';
import { withParts } from './doc-parts';
import { flowTypes } from './flow-types';

const ROOT = resolve(__dirname, '..');

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const pages = await readdir(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const texts = pages.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  for (const name of ['README.md', ...texts]) {
    const text = await readFile(join(ROOT, name), 'utf8');
    await renew(name, await withParts(text));
  }
  await renew('docs/images/bench-throughput.svg', chartOf(await readResults()));
  await renew('resources/flow-types.d.ts', await flowTypes());
}

async function renew(name: string, text: string): Promise<void> {
  const file = join(ROOT, name);
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (text === before) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`${name} is up to date now`);
}
