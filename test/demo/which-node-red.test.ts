import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import { fileOfNodeRed } from '../../scripts/demo/which-node-red';
import { parseJson } from '../../src/events/json';
import { at, Flow } from '../support/flow';
import { startNodeRedChild } from '../support/node-red-child';

describe('the Node-RED that is chosen', () => {
  let chosen: unknown;
  before(async () => {
    chosen = at(parseJson(await readFile(fileOfNodeRed('node-red/package.json'), 'utf8')), 'version');
    assert.match(String(chosen), /^\d+\.\d+\.\d+/);
  });

  it('is the one that runs as a process', async () => {
    const nodeRed = await startNodeRedChild();
    try {
      assertChosen(at(await nodeRed.get('/settings'), 'version'));
      const { node } = process.versions;
      assert.ok(
        nodeRed.lines.some((line) => line.includes(`v${node}`)),
        nodeRed.lines.join('\n'),
      );
    } finally {
      await nodeRed.stop();
    }
  });

  it('is the one that runs in this process', async () => {
    const flow = await Flow.start();
    try {
      assertChosen(at(helper, '_RED', 'settings', 'version'));
    } finally {
      await flow.stop();
    }
  });

  it('is never another one further up', () => {
    assert.throws(() => fileOfNodeRed('node-red', 'scripts'), /no Node-RED in .*scripts$/);
    assert.ok(fileOfNodeRed('node-red', '').startsWith(join(__dirname, '../../node_modules')));
  });

  /** Node-RED puts a suffix behind its version in a clone. */
  function assertChosen(version: unknown): void {
    assert.equal(String(version).replace('-git', ''), chosen);
  }
});
