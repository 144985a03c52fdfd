import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import manifest from '../../package.json';
import { fileOfNodeRed } from '../../scripts/demo/which-node-red';
import { flowTypes } from '../../scripts/flow-types';
import { CATALOGUE } from '../../src/events';
import { Compiler } from '../support/compiler';
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

const compilers = new Map<ts.CompilerOptions, Compiler>();

describe('the types for flows', function () {
  // The compiler reads a lot on a slow machine.

  it('are those of the code', async () => {
    const kept = readFileSync(DECLARATIONS, 'utf8');
    assert.equal(kept, await flowTypes(), 'resources/flow-types.d.ts is out of date: "npm run docs" renews it');
  });

  it('lie where the editor asks for them, and are published', () => {
    const asking = readFileSync(join(ROOT, 'nodes/shared/editor/function-types.ts'), 'utf8');
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
    assert.deepEqual(problems(text, STRICT), []);
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
    assert.deepEqual(problems(text, STRICT), []);
  });

  for (const [at, code] of codeBlocks(page, 'js').entries()) {
    it(`fit the function node of the page: ${at + 1}`, () => {
      assert.deepEqual(problems(code, AS_FUNCTION), []);
      const wrong = code.replace(/(text|tag)\b(?=[^\n]*\n)/, 'noSuchField');
      assert.notEqual(wrong, code);
      assert.match(problems(wrong, AS_FUNCTION).join('\n'), /noSuchField/);
    });
  }

  for (const [at, code] of codeBlocks(page, 'ts').entries()) {
    it(`fit the TypeScript of the page: ${at + 1}`, () => {
      assert.deepEqual(problems(code, STRICT), []);
    });
  }

  it('accept a message from which ChatApp leaves out fields, or gives them as null', () => {
    const chat = `id: -1001, internalId: 7, type: 'group', username: null, email: null, name: null, image: null, lastTime: null,
      timeLastInMessage: null, lastRead: null, unreadMessages: null, lastMessage: null, link: null, secondLink: null,
      inviteLink: null, responsiblePin: false, accomplices: null, auditors: null, status: null, level: null, process: null,
      advert: null, subtype: null, comment: null, consentSendMessage: null`;
    const file = "{ link: 'https://files.example/1', name: '1.jpg', mimeType: 'image/jpeg' }";
    const message = (fields: string): string =>
      `import type { ItemOf } from '${manifest.name}';
       export const item: ItemOf['message'] = { id: '1', internalId: '1', fromApi: false, fromMe: false, side: 'in', time: '1',
         type: 'image', subtype: null, message: { text: null, caption: 'A picture', file: ${file} }, chat: { ${chat} }${fields} };`;
    const empty = ['fromUser', 'fromApp', 'created', 'quotedMessage', 'groupId']
      .map((name) => `, ${name}: null`)
      .join('');
    for (const fields of ['', empty]) assert.deepEqual(problems(message(fields), STRICT), []);
    assert.match(problems(message(', edited: 1'), STRICT).join(), /boolean/);
  });

  it('say of such fields that they may be absent', () => {
    for (const field of [
      'chat.tags.length',
      'chat.customFields.length',
      'chat.responsible.id',
      'message.textLang.en',
    ]) {
      const text = `import type { MessageItem } from '${manifest.name}';\nexport const read = (item: MessageItem) => item.${field};`;
      assert.match(problems(text, STRICT).join(), /possibly/, field);
    }
  });

  it('know what a send node sends on', () => {
    const sent = (field: string): string[] =>
      problems(`const sent = /** @type {ChatApp.SentMessage} */ (msg);\nsent.${field};`, AS_FUNCTION);
    for (const field of ['payload.id', 'chatapp.messageId', 'chatapp.chatId', 'chatapp.event', 'chatapp.meta'])
      assert.deepEqual(sent(field), [], field);
    assert.match(sent('payload.messageId').join(), /messageId/);
    assert.match(sent('chatapp.id').join(), /'id'/);
  });

  it('know what the ChatApp nodes add, without a word about it', () => {
    assert.deepEqual(problems('msg.chatapp.licenseId.length;', AS_FUNCTION), []);
    assert.match(problems('msg.chatapp.lisence;', AS_FUNCTION).join(), /lisence/);
  });
});

/** What the compiler reports about a file with this text. */
function problems(text: string, options: ts.CompilerOptions): string[] {
  const file = join(ROOT, 'test', options === AS_FUNCTION ? 'function.js' : 'own.ts');
  const compiler =
    compilers.get(options) ?? new Compiler([file, DECLARATIONS, join(FUNCTION_NODE, 'func.d.ts')], options);
  compilers.set(options, compiler);
  const program = compiler.compile({ [file]: text });
  const source = program.getSourceFile(file);
  return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
    .filter(({ code }) => code !== RETURN_OUTSIDE)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
