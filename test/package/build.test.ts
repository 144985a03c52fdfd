import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

describe('the build', function () {
  // Each build starts the compiler.

  let copy: string;
  before(() => {
    copy = mkdtempSync(join(tmpdir(), 'chatapp-build-'));
    for (const name of [
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'tsconfig.editor.json',
      'icons',
      'nodes',
    ]) {
      cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    }
    for (const name of ['build.mjs', 'trim-dist.mjs']) cpSync(join(ROOT, 'scripts', name), join(copy, 'scripts', name));
    // To compile the real code takes half a minute, and these tests do not need it.
    for (const name of readdirSync(join(copy, 'nodes'), { recursive: true, encoding: 'utf8' })) {
      if (/(?<!\.d)\.ts$/.test(name)) rmSync(join(copy, 'nodes', name));
    }
    for (const name of readdirSync(join(copy, 'nodes'))) {
      const script = `declare const RED: any; RED.nodes.registerType('${name}', { icon: 'company.svg' });`;
      if (name !== 'shared') writeFileSync(join(copy, 'nodes', name, `${name}.editor.ts`), script);
    }
    for (const path of ['src', 'nodes/shared/editor']) {
      mkdirSync(join(copy, path), { recursive: true });
      writeFileSync(join(copy, path, 'index.ts'), 'export {};');
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'junction');
  });
  after(() => rmSync(copy, { recursive: true, force: true }));

  const build = (): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [join(copy, 'scripts', 'build.mjs')], { encoding: 'utf8' });

  it('names everything that is wrong at once, ends with 1 and leaves no dist behind', () => {
    writeFileSync(join(copy, 'src', 'wrong.ts'), 'export const seconds: number = "many";\n');
    writeFileSync(join(copy, 'nodes', 'chatapp-user', 'chatapp-user.form.html'), '{{no-such-rows}}\n');
    rmSync(join(copy, 'icons', 'company.svg'));
    const { status, stdout, stderr } = build();
    assert.equal(status, 1);
    assert.match(stdout + stderr, /src\/wrong\.ts\(1,14\): error TS2322/);
    assert.match(stderr, /no-such-rows\.html/);
    assert.match(stderr, /company\.svg/);
    assert.ok(!existsSync(join(copy, 'dist')));
  });

  it('refuses a node type without a folder, and a folder without a node type', () => {
    cpSync(join(copy, 'nodes', 'chatapp-company'), join(copy, 'nodes', 'chatapp-extra'), { recursive: true });
    mkdirSync(join(copy, 'dist'));
    const { status, stderr } = build();
    assert.equal(status, 1);
    assert.match(stderr, /chatapp-extra/);
    assert.ok(!existsSync(join(copy, 'dist')));
  });
});
