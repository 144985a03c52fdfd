import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import manifest from '../../package.json';
import { fileOfNodeRed } from '../../scripts/demo/which-node-red';
import { flowTypes } from '../../scripts/flow-types';
import { CATALOGUE } from '../../src/events';
import { codeBlocks, document, inCode, ROOT, tableRows } from './documents';

const page = document('docs/types.md');
const DECLARATIONS = join(ROOT, 'resources/flow-types.d.ts');
/** What Node-RED's code editor declares for function nodes. */
const FUNCTION_NODE = join(dirname(fileOfNodeRed('@node-red/editor-client/package.json')), 'public/types/node-red');

/** As Node-RED's code editor checks a function node. */
const AS_FUNCTION: ts.CompilerOptions = {
  strict: false,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
  lib: ['lib.esnext.d.ts'],
  types: ['node'],
};

/** As somebody's own project does. */
const STRICT: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  skipLibCheck: true,
  types: ['node'],
  paths: { [manifest.name]: [join(ROOT, 'src/index.ts')] },
};

/** A function node's code is no whole script: it may end with a "return". */
const RETURN_OUTSIDE = 1108;

/** What the compiler has read before: most of it is the same each time. */
const FILES_READ = new Map<ts.CompilerOptions, Map<string, ts.SourceFile>>();

describe('the types for flows', function () {
  // The compiler reads a lot on a slow machine.
  this.timeout(60_000);

  it('are those of the code', async () => {
    const kept = readFileSync(DECLARATIONS, 'utf8');
    assert.equal(kept, await flowTypes(), 'resources/flow-types.d.ts is out of date: "npm run docs" renews it');
  });

  it('lie where the editor asks for them, and are published', () => {
    const asking = readFileSync(join(ROOT, 'nodes/shared/editor/flow-types.ts'), 'utf8');
    assert.ok(asking.includes(`'resources/${manifest.name}/flow-types.d.ts'`));
    assert.ok(manifest.files.includes('resources'));
  });

  it('are the same in a function node as in TypeScript', () => {
    const names = ['FlowMessage', 'SentMessage', 'AnyItem', ...CATALOGUE.map(({ name }) => `ItemOf['${name}']`)];
    const lines = names.map((name, at) => {
      const imported = name.replace(/^\w+/, (word) => `Published.${word}`);
      return `export const same${at}: Same<ChatApp.${name}, ${imported}> = true;`;
    });
    const text = [
      "import type * as Published from '@chatapp-community/node-red-chatapp';",
      'type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;',
      'export const differ: Same<ChatApp.MessageItem, Published.ChatTagItem> = false;',
      ...lines,
    ].join('\n');
    assert.deepEqual(problems('same.ts', text, STRICT), []);
  });

  it('are listed, each under its name', () => {
    const rows = tableRows(page, 'Event', 'Type of `payload`');
    assert.deepEqual(
      rows.map(([event]) => inCode(event)[0]),
      CATALOGUE.map(({ name }) => name),
    );
    const lines = rows.map(
      ([event = '', type = ''], at) =>
        `export const t${at} = (item: ItemOf['${inCode(event)[0]}']): ${inCode(type)[0]} => item;`,
    );
    const types = [...new Set(rows.map(([, type]) => inCode(type)[0]))].join(', ');
    const text = `import type { ItemOf, ${types} } from '${manifest.name}';\n${lines.join('\n')}`;
    assert.deepEqual(problems('listed.ts', text, STRICT), []);
  });

  for (const [at, code] of codeBlocks(page, 'js').entries()) {
    it(`fit the function node of the page: ${at + 1}`, () => {
      assert.deepEqual(problems('function.js', code, AS_FUNCTION), []);
      const wrong = code.replace(/(text|tag)\b(?=[^\n]*\n)/, 'noSuchField');
      assert.notEqual(wrong, code);
      assert.match(problems('function.js', wrong, AS_FUNCTION).join('\n'), /noSuchField/);
    });
  }

  for (const [at, code] of codeBlocks(page, 'ts').entries()) {
    it(`fit the TypeScript of the page: ${at + 1}`, () => {
      assert.deepEqual(problems('own.ts', code, STRICT), []);
    });
  }

  it('know what a send node sends on', () => {
    const sent = (field: string): string[] =>
      problems('function.js', `const sent = /** @type {ChatApp.SentMessage} */ (msg);\nsent.${field};`, AS_FUNCTION);
    for (const field of ['payload.id', 'chatapp.messageId', 'chatapp.chatId', 'chatapp.event', 'chatapp.meta'])
      assert.deepEqual(sent(field), [], field);
    assert.match(sent('payload.messageId').join(), /messageId/);
    assert.match(sent('chatapp.id').join(), /'id'/);
  });

  it('know what the ChatApp nodes add, without a word about it', () => {
    assert.deepEqual(problems('function.js', 'msg.chatapp.licenseId.length;', AS_FUNCTION), []);
    assert.match(problems('function.js', 'msg.chatapp.lisence;', AS_FUNCTION).join(), /lisence/);
  });
});

/** What the compiler has to say about a file that is not there. */
function problems(name: string, text: string, options: ts.CompilerOptions): string[] {
  const file = join(ROOT, 'test', name);
  const disk = ts.createCompilerHost(options);
  const read = FILES_READ.get(options) ?? new Map<string, ts.SourceFile>();
  FILES_READ.set(options, read);
  const host: ts.CompilerHost = {
    ...disk,
    getSourceFile: (path, version, ...more) => {
      if (path === file) return ts.createSourceFile(path, text, version, true);
      const source = read.get(path) ?? disk.getSourceFile(path, version, ...more);
      if (source) read.set(path, source);
      return source;
    },
    fileExists: (path) => path === file || disk.fileExists(path),
    readFile: (path) => (path === file ? text : disk.readFile(path)),
  };
  const program = ts.createProgram([file, DECLARATIONS, join(FUNCTION_NODE, 'func.d.ts')], options, host);
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .filter(({ code }) => code !== RETURN_OUTSIDE)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
