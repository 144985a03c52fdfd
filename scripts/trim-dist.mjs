/** Makes the published declarations small: those that nothing leads to are removed, and texts in them. */
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A path of ours in a declaration. */
const IMPORTED = /(?:from |import\()['"](\.[^'"]+)['"]/g;

/** `folder` is what will be `dist`. Programs begin with the declaration of `types` in the manifest. */
export async function trim(folder, manifest) {
  const files = await keepNeeded(folder, join(folder, manifest.types.replace(/^dist\//, '')));
  await Promise.all(files.map(async (file) => writeFile(file, withoutTexts(await readFile(file, 'utf8')))));
}

/** Removes the declarations to which the first one does not lead; resolves with those that are left. */
async function keepNeeded(folder, first) {
  const needed = new Set([first].filter((file) => existsSync(file)));
  // Also those that are added meanwhile.
  for (const file of needed) {
    const text = await readFile(file, 'utf8');
    for (const [, path] of text.matchAll(IMPORTED)) {
      const [exact, index] = [join(file, '..', `${path}.d.ts`), join(file, '..', path, 'index.d.ts')];
      needed.add(existsSync(exact) ? exact : index);
    }
  }
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.d.ts')).map((name) => join(folder, name));
  await Promise.all(files.filter((file) => !needed.has(file)).map((file) => rm(file)));
  return [...needed];
}

/** Nobody needs the texts of errors and events as types; their names are the types. */
function withoutTexts(declarations) {
  return declarations.replace(/(?<=^ +readonly \w+: )(["'])(?=[^\n]* ).*\1(?=;$)/gm, 'string');
}
