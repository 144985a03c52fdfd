import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { documents, ROOT } from './documents';

const texts = documents();
const commands = new Set<string>(Object.keys(manifest.scripts));

describe('the commands that the texts name', () => {
  it('are there: npm run …', () => {
    const named = texts.flatMap(({ path, text }) =>
      [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, own]) => ({
        path,
        name: run ?? own ?? '',
      })),
    );
    assert.ok(named.length > 10);
    for (const { path, name } of named) assert.ok(commands.has(name), `${path} names the command "${name}"`);
  });

  it('run files that are there', () => {
    for (const [name, command] of Object.entries(manifest.scripts)) {
      for (const [file] of command.matchAll(/(?<=^| )[\w/-]+\.(?:ts|mjs)\b/g)) {
        assert.ok(existsSync(join(ROOT, file)), `${name} runs ${file}`);
      }
    }
    const single = texts.flatMap(({ text }) => [...text.matchAll(/--spec ([\w./-]+)/g)].map(([, file = '']) => file));
    assert.ok(single.length > 0);
    for (const file of single) assert.ok(existsSync(join(ROOT, file)), file);
  });

  it('are led by variables that something reads', () => {
    const named = texts.flatMap(({ text }) =>
      [...text.matchAll(/\b([A-Z][A-Z_]+)=\S+ npm\b/g)].map(([, name = '']) => name),
    );
    assert.ok(named.length >= 3);
    const sources = ['test', 'scripts', 'bench'].flatMap(codeBelow);
    for (const name of named)
      assert.ok(
        sources.some((text) => text.includes(`process.env.${name}`)),
        name,
      );
  });
});

describe('what is published', () => {
  const MACHINE = /(?:^|[\s"'`(=])(?:\/(?:work|home|root|Users|tmp|mnt|srv)\/|[A-Z]:\\)/m;

  it('names no path of a particular machine', () => {
    for (const { path, text } of texts) assert.doesNotMatch(text, MACHINE, path);
    assert.doesNotMatch(readFileSync(join(ROOT, 'package.json'), 'utf8'), MACHINE);
    assert.match('see `/home/somebody/flows`', MACHINE);
  });

  it('is listed by files and folders of this repository', () => {
    for (const file of manifest.files) {
      assert.doesNotMatch(file, /^[/~.]|\\|:/);
      if (file !== 'dist') assert.ok(existsSync(join(ROOT, file)), file);
    }
  });
});

function codeBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('commands.test.ts'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'));
}
