import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { document, inCode, ROOT, tableRows } from './documents';

/** What architecture.md names and Node-RED has. */
const OF_NODE_RED = ['node.send'];

describe('the path of an event in the architecture', () => {
  const path = tableRows(document('docs/architecture.md'), 'Step', 'Function', 'File');
  const named = path.flatMap(([, functions]) => inCode(functions)).filter((name) => !OF_NODE_RED.includes(name));
  const files = ['src', 'nodes'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(ROOT, folder, name), 'utf8')),
  );

  it('names functions', () => {
    assert.ok(named.length > 20);
  });

  for (const name of new Set(named)) {
    it(`names a function that there is: ${name}`, () => {
      const [owner = '', method] = name.split('.');
      const isThere = method === undefined ? isFunction(name) : isMethod(owner, method);
      assert.ok(files.some(isThere), name);
    });
  }
});

function isFunction(name: string): (text: string) => boolean {
  const declaration = new RegExp(`\\bfunction ${name}[(<]|^ *${name}(\\(|: \\()`, 'm');
  return (text) => declaration.test(text);
}

function isMethod(owner: string, method: string): (text: string) => boolean {
  const declaration = new RegExp(`^ +(async |readonly )?${method}(<.*>)?( = )?\\(`, 'm');
  return (text) => text.includes(`class ${owner} `) && declaration.test(text);
}
