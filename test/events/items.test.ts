import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { CATALOGUE } from '../../src/events/catalogue';
import { Compiler } from '../support/compiler';

const EVENTS = resolve(__dirname, '../../src/events');
const ENTRY = resolve(EVENTS, 'index.ts');

describe('the type of every item', function () {
  // A compiler is started, which takes its seconds on a busy machine.

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
  const file = compiler.compile().getSourceFile(resolve(EVENTS, 'items/index.ts'));
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

const compiler = new Compiler([ENTRY], OPTIONS);

/** The files of src/events, relative to it, about which the compiler complains after `change` was made to one. */
function complaints(changedFile: string, change: (text: string) => string): string[] {
  const changed = resolve(EVENTS, changedFile);
  const program = compiler.compile({ [changed]: change(readFileSync(changed, 'utf8')) });
  const files = ts.getPreEmitDiagnostics(program).map(({ file }) => relative(EVENTS, file?.fileName ?? ''));
  return [...new Set(files)].map((file) => file.split(sep).join('/')).sort();
}
