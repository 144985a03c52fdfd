import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import manifest from '../../package.json';
import { spawnSync } from 'node:child_process';
import { DEFAULT_API_URL, DEFAULT_SOCKET_URL } from '../../src';
import { codeBlocks, document, documents, inCode, ROOT, tableRows } from './documents';

const texts = documents();
const commands = new Set<string>(Object.keys(manifest.scripts));

/** Variables that belong to the machine, not to this project. */
const OF_THE_SYSTEM = ['NO_PROXY', 'PATH', 'HOME'];

/** What a reader has, or is asked to install. */
const PROGRAMS = ['npm', 'npx', 'node', 'cd', 'cp', 'curl', 'openssl', 'docker', 'kubectl'];

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

  it('run before a release what the table says, and nothing else', () => {
    const rows = tableRows(document('CONTRIBUTING.md'), 'Command', 'What it proves');
    const listed = rows.filter((row) => row.at(-1) === 'before a release').map(([command]) => inCode(command)[0]);
    const script = readFileSync(join(ROOT, 'scripts/release-check.mjs'), 'utf8');
    const run = [...script.matchAll(/command: \['npm', ([^\]]*)\]/g)].map(([, words = '']) => {
      return ['npm', ...[...words.matchAll(/'([^']*)'/g)].map(([, word]) => word)].join(' ');
    });
    assert.deepEqual(run.toSorted(), listed.filter((command) => command !== 'npm run release-check').toSorted());
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

  it('can be read by a shell, and begin with programs that the text may count on', () => {
    const blocks = texts.flatMap((text) => codeBlocks(text, 'sh').map((block) => ({ path: text.path, block })));
    assert.ok(blocks.length >= 6);
    for (const { path, block } of blocks) {
      const { status, stderr } = spawnSync('bash', ['-n'], { input: block, encoding: 'utf8' });
      assert.equal(status, 0, `${path}: ${stderr}`);
      const programs = [...block.matchAll(/^(\w[\w-]*)/gm)].map(([, program = '']) => program);
      for (const program of programs) assert.ok(PROGRAMS.includes(program), `${path}: ${program}`);
    }
  });

  it('reach ChatApp where the nodes do', () => {
    const { text } = document('docs/proxy-and-tls.md');
    const urls = [...text.matchAll(/https:\/\/api[^\s/]*/g)].map(([url]) => url);
    const hosts = [...text.matchAll(/-connect (\S+)/g)].map(([, host]) => host);
    assert.ok(urls.length > 1 && hosts.length > 1);
    assert.deepEqual([...new Set(urls)], [DEFAULT_API_URL]);
    assert.deepEqual([...new Set(hosts)], [new URL(DEFAULT_SOCKET_URL).host]);
    const reached = tableRows(document('docs/proxy-and-tls.md'), 'Host', 'Port').map(([host, port = '']) => [
      inCode(host)[0],
      port.replace(/\D/g, ''),
    ]);
    assert.deepEqual(reached, [[new URL(DEFAULT_API_URL).host, '443'], new URL(DEFAULT_SOCKET_URL).host.split(':')]);
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

describe('the variables of scripts and tests', () => {
  const rows = (): string[] =>
    tableRows(document('docs/environment.md'), 'Variable', 'Read by').flatMap(([names]) => inCode(names));

  it('are all in the list: what they read', () => {
    const sources = ['test', 'scripts', 'bench'].flatMap(codeBelow).join('\n');
    const read = [...sources.matchAll(/process\.env\.([A-Z][A-Z_]*)\b|(?:numberFrom\(|variable: )'([A-Z_]+)'/g)];
    const names = new Set(read.map(([, plain, byName]) => plain ?? byName ?? ''));
    for (const [, parts = ''] of sources.matchAll(/const \{([^}]*)\} = process\.env\b/g)) {
      for (const [name] of parts.matchAll(/\b[A-Z][A-Z_]+\b/g)) names.add(name);
    }
    for (const usual of OF_THE_SYSTEM) names.delete(usual);
    assert.ok(names.size > 5);
    assert.deepEqual([...names].sort(), rows().sort());
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
