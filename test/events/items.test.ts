import assert from 'node:assert/strict';
import { relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { CATALOGUE } from '../../src/events/catalogue';

const EVENTS = resolve(__dirname, '../../src/events');
const ENTRY = resolve(EVENTS, 'index.ts');

describe('the type of every item', function () {
  // A compiler is started, which takes its seconds on a busy machine.
  this.timeout(120_000);

  it('is named by its event, in catalogue order', () => {
    assert.deepEqual(
      membersOfItemOf(),
      CATALOGUE.map((entry) => entry.name),
    );
  });

  it('compiles together with its sample', () => {
    assert.deepEqual(
      complaints('index.ts', (text) => text),
      [],
    );
  });

  it('an event in the catalogue alone does not compile: it wants a type and a sample', () => {
    const entry = "{ name: 'chatPoll', channels: ['messenger'], group: 'chat', meaning: 'A poll' }";
    const files = complaints('catalogue.ts', (text) => text.replace('CATALOGUE = [', `CATALOGUE = [${entry},`));
    assert.ok(files.includes('items/index.ts'));
    assert.ok(files.includes('samples/index.ts'));
  });

  it('a type without an event does not compile', () => {
    const files = complaints('items/index.ts', (text) => text.replace('ItemOf {', 'ItemOf { chatPoll: ChatReadItem;'));
    assert.deepEqual(files, ['items/index.ts']);
  });

  it('an entry of the catalogue with an unknown group or channel does not compile', () => {
    const group = complaints('catalogue.ts', (text) => text.replace("group: 'team'", "group: 'teams'"));
    assert.ok(group.includes('catalogue.ts'));
    const channel = complaints('catalogue.ts', (text) => text.replace("['user']", "['users']"));
    assert.ok(channel.includes('catalogue.ts'));
  });
});

function membersOfItemOf(): string[] {
  const file = source(resolve(EVENTS, 'items/index.ts'));
  assert.ok(file !== undefined);
  const declaration = file.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === 'ItemOf');
  assert.ok(declaration !== undefined);
  return declaration.members.map((member) => member.name?.getText(file) ?? '');
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  noEmit: true,
  types: ['node'],
  skipLibCheck: true,
};

/** The files of src/events, relative to it, about which the compiler complains after `change` was made to one. */
function complaints(changedFile: string, change: (text: string) => string): string[] {
  const changedPath = resolve(EVENTS, changedFile);
  const host = ts.createCompilerHost(OPTIONS);
  host.getSourceFile = (path) => (resolve(path) === changedPath ? source(path, change) : unchanged(path));
  const program = ts.createProgram([ENTRY], OPTIONS, host);
  const files = ts.getPreEmitDiagnostics(program).map(({ file }) => relative(EVENTS, file?.fileName ?? ''));
  return [...new Set(files)].map((file) => file.split(sep).join('/')).sort();
}

const parsed = new Map<string, ts.SourceFile | undefined>();

/** A file as it stands. Kept, so that the library's declarations are parsed once. */
function unchanged(path: string): ts.SourceFile | undefined {
  if (!parsed.has(path)) parsed.set(path, source(path));
  return parsed.get(path);
}

function source(path: string, change = (text: string): string => text): ts.SourceFile | undefined {
  const text = ts.sys.readFile(path);
  if (text === undefined) return undefined;
  return ts.createSourceFile(path, change(text), { languageVersion: ts.ScriptTarget.ES2022 }, true);
}
