import assert from 'node:assert/strict';
import manifest from '../../package.json';

/** Scripts that need `dist`: they run the package in Node-RED, or all tests. */
const WITH_DIST = [
  'start',
  'test',
  'compat',
  'scorecard',
  'bench',
  'cluster',
  'screenshots',
  'recipe-pictures',
  'durability',
];

describe('the scripts of package.json', () => {
  it('install and build first what they need, so that each works in a fresh clone', () => {
    const scripts = new Map<string, string>(Object.entries(manifest.scripts));
    const isHook = (name: string): boolean => name.startsWith('pre') && scripts.has(name.slice('pre'.length));
    for (const [name, command] of scripts) {
      // npm runs the hooks of a script that another one runs.
      if (isHook(name) || command.startsWith('npm run ')) continue;
      const wanted = WITH_DIST.includes(name)
        ? 'node scripts/ensure-built.mjs'
        : 'node scripts/ensure-built.mjs install';
      assert.equal(scripts.get(`pre${name}`), wanted, `pre${name}`);
    }
  });
});
