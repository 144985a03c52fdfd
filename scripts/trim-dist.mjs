/**
 * Makes what is published small: scripts and declarations that nothing leads to are removed, and scripts are minified.
 */
import { existsSync } from 'node:fs';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from 'esbuild';

/** A path of ours in a script or a declaration. */
const REQUIRED = /(?:require|import)\(['"](\.[^'"]+)['"]\)/g;
const IMPORTED = /(?:from |import\()['"](\.[^'"]+)['"]/g;

/**
 * `folder` is what will be `dist`. Programs begin with the declaration of `main` in the manifest, and Node-RED with the
 * scripts of its nodes and plugins.
 */
export async function trim(folder, manifest) {
  const place = (path) => join(folder, path.replace(/^dist\//, ''));
  const { nodes, plugins = {} } = manifest['node-red'];
  const loaded = [manifest.main, ...Object.values(nodes), ...Object.values(plugins)].map(place);
  const [scripts] = await Promise.all([
    keepNeeded(folder, loaded, '.js', REQUIRED),
    keepNeeded(folder, [place(manifest.types)], '.d.ts', IMPORTED).then((files) => rewrite(files, withoutTexts)),
  ]);
  await rewrite(scripts, minified);
}

/** Removes the files with this ending to which the first ones do not lead; resolves with those that are left. */
async function keepNeeded(folder, first, ending, reference) {
  const needed = new Set(first.filter((file) => file.endsWith(ending) && existsSync(file)));
  // Also those that are added meanwhile.
  for (const file of needed) {
    const text = await readFile(file, 'utf8');
    for (const [, path] of text.matchAll(reference)) {
      const [exact, index] = [join(file, '..', `${path}${ending}`), join(file, '..', path, `index${ending}`)];
      needed.add(existsSync(exact) ? exact : index);
    }
  }
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
  await Promise.all(files.filter((file) => !needed.has(file)).map((file) => rm(file)));
  return [...needed];
}

async function rewrite(files, change) {
  await Promise.all(files.map(async (file) => writeFile(file, await change(await readFile(file, 'utf8')))));
}

/** Nobody needs the texts of errors and events as types; their names are the types. */
function withoutTexts(declarations) {
  return declarations.replace(/(?<=^ +readonly \w+: )(["'])(?=[^\n]* ).*\1(?=;$)/gm, 'string');
}

/**
 * A sixth of the package less. Syntax stays as it is: programs that are ES modules find the names of exports in it.
 * Lines are short, so that one in a stack trace says something.
 */
async function minified(script) {
  const options = { minifyWhitespace: true, minifyIdentifiers: true, lineLimit: 120, charset: 'utf8' };
  const { code } = await transform(script, options);
  return code;
}
