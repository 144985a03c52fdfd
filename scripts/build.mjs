/**
 * Builds `dist`, which is what gets published:
 *
 * - `dist/src` and `dist/nodes`: the scripts, minified and bundled into few files, with the declarations that programs need;
 * - `dist/nodes/<type>/<type>.html`: what the editor loads, out of `<type>.editor.ts` and `<type>.form.html`; of a plugin,
 *   its script;
 * - `resources/editor.js`: what these pages have in common, out of `nodes/shared/editor`. Node-RED serves that folder;
 * - `dist/nodes/<type>/locales` and `icons`, where Node-RED looks for them.
 *
 * Every error is shown, the exit code is then 1, and no `dist` is left that could pass for a good one. With
 * `--despite-errors` what could be built stays, for work in the middle of a change.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import ts from 'typescript';
import { trim } from './trim-dist.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const shared = join(root, 'resources', 'editor.js');
// Built aside and moved into place at the end, so that nobody meets half a `dist`.
const aside = join(root, '.cache', `build-${process.pid}`);
const sharedAside = `${aside}.js`;

const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

const errors = [];
const start = new Date();
try {
  const [types, plugins] = [await nodeTypes(), Object.keys(manifest['node-red'].plugins)];
  const pages = [...types.map((type) => editorFiles(type)), ...plugins.map((plugin) => pluginFiles(plugin))];
  const steps = await Promise.allSettled([declarations(), scripts(types), sharedScript(), ...pages]);
  errors.push(...steps.filter((step) => step.status === 'rejected').map((step) => step.reason));
  await trim(aside, manifest);
} catch (error) {
  errors.push(error);
}
await rm(dist, { recursive: true, force: true });
await rm(shared, { force: true });
if (errors.length === 0 || (process.argv.includes('--despite-errors') && existsSync(aside))) {
  // As old as the beginning of the build, so that whatever was changed meanwhile is newer.
  await utimes(aside, start, start);
  await rename(aside, dist);
  await mkdir(join(shared, '..'), { recursive: true });
  if (existsSync(sharedAside)) await rename(sharedAside, shared);
}
await rm(aside, { recursive: true, force: true });
await rm(sharedAside, { force: true });
for (const error of errors) console.error(`build: ${error instanceof Error ? error.message : error}`);
process.exitCode = errors.length === 0 ? 0 : 1;

/** The node types that package.json announces: each has a folder, and each folder is announced, as is each plugin. */
async function nodeTypes() {
  const { nodes, plugins } = manifest['node-red'];
  const [types, announced] = [Object.keys(nodes), Object.keys({ ...nodes, ...plugins })];
  const folders = (await readdir(join(root, 'nodes'))).filter((name) => name !== 'shared');
  const odd = [...announced, ...folders].filter((name) => !announced.includes(name) || !folders.includes(name));
  if (odd.length > 0) throw new Error(`package.json and the folders in nodes/ differ: ${odd.join(', ')}`);
  for (const type of types) {
    const wanted = `dist/nodes/${type}/${type}.js`;
    if (manifest['node-red'].nodes[type] !== wanted) throw new Error(`package.json: ${type} should be ${wanted}`);
  }
  return types;
}

/**
 * The scripts that Node-RED and programs load. What several of them share is in a few files: to find, read and compile 280
 * small ones took most of what this package adds to Node-RED's start. esbuild divides only ES modules into shared files.
 */
async function scripts(types) {
  const names = ['src/index', ...types.map((type) => `nodes/${type}/${type}`)];
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(names.map((name) => [name, join(root, `${name}.ts`)])),
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    charset: 'utf8',
    outdir: aside,
    chunkNames: 'src/shared-[hash]',
    tsconfig: join(root, 'tsconfig.build.json'),
    absWorkingDir: root,
    logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    const isNode = path.startsWith(join(aside, 'nodes'));
    // Node-RED takes the function of a node type as what its file exports.
    await writeFile(path, (await asCommonJs(text)) + (isNode ? 'module.exports = exports.default;\n' : ''));
  }
}

/**
 * TypeScript makes plain properties of exports. esbuild makes getters, which cost an event 3 µs. The syntax is not minified:
 * programs that are ES modules find the names of exports in it.
 */
async function asCommonJs(text) {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(text, { compilerOptions });
  const { code } = await transform(outputText, { minifyWhitespace: true, minifyIdentifiers: true, charset: 'utf8' });
  return code;
}

/** Checks the types, and writes the declarations. */
function declarations() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', aside, '--pretty', 'false'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsc, ...options], { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`TypeScript ended with ${code}`))));
  });
}

async function editorFiles(type) {
  const from = join(root, 'nodes', type);
  const to = join(aside, 'nodes', type);
  const [script, form] = await Promise.all([pageScript(join(from, `${type}.editor.ts`)), fillForm(from, type)]);
  // The Flow Library reads this call from the HTML as text: it must stand there in full.
  if (!script.includes(`RED.nodes.registerType("${type}", {`)) throw new Error(`${type}: no literal registerType call`);
  await mkdir(to, { recursive: true });
  await writeFile(join(to, `${type}.html`), page(type, script, form));
  await copyTexts(join(from, 'locales'), join(to, 'locales'));
  for (const language of await readdir(join(to, 'locales'))) await fillHelp(join(to, 'locales', language), language);
  const icon = /\bicon:\s*"([^"/]+)"/.exec(script)?.[1];
  if (icon) await cp(join(root, 'icons', icon), join(to, 'icons', icon));
}

/**
 * A plugin of the editor, in one file: the editor loads plugins before the pages of node types, and does not start if a
 * script of theirs is missing.
 */
async function pluginFiles(plugin) {
  const to = join(aside, 'nodes', plugin);
  const script = await pageScript(join(root, 'nodes', plugin, `${plugin}.editor.ts`));
  await mkdir(to, { recursive: true });
  await writeFile(join(to, `${plugin}.html`), `<script type="text/javascript">\n${script}</script>\n`);
  await copyTexts(join(root, 'nodes', plugin, 'locales'), join(to, 'locales'));
}

/** What the pages have in common: each loads it, and the first to do so makes it work. */
async function sharedScript() {
  const define = { VERSION: JSON.stringify(manifest.version) };
  const script = await bundled(join(root, 'nodes', 'shared', 'editor', 'index.ts'), { define });
  await mkdir(join(aside, '..'), { recursive: true });
  await writeFile(sharedAside, script);
}

/** `import style from './form.css'` gives the minified text. */
function minifyCss({ onLoad }) {
  onLoad({ filter: /\.css$/ }, async ({ path }) => {
    const { code } = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
    return { contents: code.trim(), loader: 'text' };
  });
}

async function bundled(entry, options) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2020',
    charset: 'utf8',
    minify: true,
    tsconfig: join(root, 'tsconfig.editor.json'),
    plugins: [{ name: 'minify-css', setup: minifyCss }],
    absWorkingDir: root,
    logLevel: 'warning',
    ...options,
  });
  return result.outputFiles[0].text;
}

async function pageScript(entry) {
  // The Flow Library reads the file as text.
  const script = await bundled(entry, { lineLimit: 200 });
  // As it is written by hand: tools look for this call.
  const text = script.replace(/(RED\.nodes\.registerType\("[\w-]+",)\s*\{/, '$1 {');
  // It would end the script element early.
  if (/<\/script/i.test(text)) throw new Error(`${entry}: the script holds "</script"`);
  return text;
}

/** The form. `shared:` in a `data-i18n` means the connection's catalogue, where the texts of several nodes stand. */
async function fillForm(folder, type) {
  const form = await fill(join(folder, `${type}.form.html`), (name) => `nodes/shared/editor/${name}.html`);
  // A line end means as much as a line end with an indent.
  const small = form.trim().replace(/\n\s+/g, '\n');
  return small.replaceAll(/(?<=data-i18n="[^"]*)\bshared:/g, `${manifest.name}/chatapp-connection:`);
}

/** The catalogues of all languages, without the blanks in them. */
async function copyTexts(from, to) {
  await cp(from, to, { recursive: true });
  for (const name of (await readdir(to, { recursive: true })).filter((file) => file.endsWith('.json'))) {
    const texts = await readFile(join(to, name), 'utf8');
    await writeFile(join(to, name), JSON.stringify(JSON.parse(texts)));
  }
}

async function fillHelp(folder, language) {
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.html'))) {
    const help = await fill(join(folder, file), (name) => `nodes/shared/editor/locales/${language}/${name}.md`);
    // To Markdown, the indent that the source has inside of the script element would mean something.
    await writeFile(join(folder, file), help.replace(/^ {2}/gm, ''));
  }
}

/** The text of a file with another one, `place(name)`, for each `{{name}}`: what several nodes have exists once. */
async function fill(file, place) {
  const text = await readFile(file, 'utf8');
  const parts = new Map();
  for (const [, name] of text.matchAll(/\{\{([\w/-]+)\}\}/g)) {
    parts.set(name, (await readFile(join(root, place(name)), 'utf8')).trim());
  }
  return text.replace(/\{\{([\w/-]+)\}\}/g, (_, name) => parts.get(name));
}

/** Each page loads the shared script: after an installation without a reload, the editor asks for the pages in any order. */
function page(type, script, form) {
  const source = `resources/${manifest.name}/editor.js?v=${manifest.version}`;
  return [
    `<script src="${source}"></script>`,
    `<script type="text/javascript">\n${script}</script>`,
    `<script type="text/html" data-template-name="${type}">\n${form}\n</script>\n`,
  ].join('\n');
}
