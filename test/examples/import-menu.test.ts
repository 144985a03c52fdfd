import assert from 'node:assert/strict';
import { entriesOf, examples, isInstalled, modulesOf, PACKAGE } from '../../scripts/example-flows';
import { isRecord } from '../../src/events/json';
import { ExampleHarness } from '../support/example-harness';

const all = examples();

describe('every example flow, in a Node-RED', () => {
  let harness: ExampleHarness;

  before(async () => {
    harness = await ExampleHarness.start();
  });

  after(() => harness.close());

  it('stands in the import menu, in the folder of its purpose', async () => {
    const listed = await listedBelow('');
    assert.deepEqual(listed.sort(), all.map(({ name }) => name).sort());
  });

  it('declares the modules of the nodes that it uses, and no other, so that the editor offers to install them', async () => {
    const sets = await harness.nodeRed.get('/nodes');
    const moduleOf = new Map<string, { module: string; version: string }>();
    for (const set of entriesOf(sets)) {
      if (!isRecord(set)) continue;
      const from = { module: String(set.module), version: String(set.version) };
      for (const type of entriesOf(set.types)) moduleOf.set(String(type), from);
    }
    for (const { name, nodes } of all) {
      // Of a module that is not installed here, Node-RED does not know the nodes.
      if (!Object.keys(modulesOf(nodes)).every(isInstalled)) continue;
      const wanted = new Map<string, string>();
      for (const { type } of nodes.filter((node) => !/^(tab|group|subflow)/.test(node.type))) {
        const { module, version } = moduleOf.get(type) ?? assert.fail(`${name}: nobody knows ${type}`);
        if (module !== 'node-red' && module !== PACKAGE) wanted.set(module, version);
      }
      assert.deepEqual(modulesOf(nodes), Object.fromEntries(wanted), name);
    }
  });

  async function listedBelow(folder: string): Promise<string[]> {
    const entries = await harness.nodeRed.get(`/library/examples/flows/${PACKAGE}/${folder}`);
    assert.ok(Array.isArray(entries));
    const names: string[][] = [];
    for (const entry of entries) {
      if (typeof entry === 'string') names.push(await listedBelow(`${folder}${entry}/`));
      else if (isRecord(entry)) names.push([`${folder}${String(entry.fn)}`]);
    }
    return names.flat();
  }
});
