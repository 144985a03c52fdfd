/** `npm run docs`: writes anew what the texts take from the code, between `<!-- name -->` and `<!-- /name -->`. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { withParts } from './doc-parts';

const TEXTS = ['README.md'];

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

async function main(): Promise<void> {
  for (const name of TEXTS) {
    const file = resolve(__dirname, '..', name);
    const before = await readFile(file, 'utf8');
    const after = withParts(before);
    if (after === before) continue;
    await writeFile(file, after);
    console.log(`${name} is up to date now`);
  }
}
