import assert from 'node:assert/strict';
import manifest from '../../package.json';
import { isRecord } from '../../src/events/json';
import { document } from '../docs/documents';
import { entriesOf, examples, recipeName, type Example, type FlowNode } from '../../scripts/example-flows';
import { boxOf, overlap, type Box } from './layout';

const all = examples();
/** What belongs to the flow as a whole and is not drawn. */
const UNDRAWN = [
  'tab',
  'global-config',
  'chatapp-connection',
  'mqtt-broker',
  'ui-base',
  'ui-theme',
  'ui-page',
  'ui-group',
];
/** Variables that hold a secret. Of the type `cred`, they are kept encrypted, and no export has them. */
const SECRET = /PASSWORD|SECRET|TOKEN|KEY|WEBHOOK/;
/** Nodes whose number of outputs the editor takes from this property: without it, it draws one. */
const TELLS_OUTPUTS = /^(switch|function|chatapp-(?!connection|send|done).*)$/;
/** A whole property, code, and JSONata, as they stand in JSON. */
const USES = /"\$\{(\w+)\}"|\benv\.get\('(\w+)'\)|\$env\(\\"(\w+)\\"\)/g;

describe('every example flow', () => {
  for (const example of all) {
    const { name, nodes } = example;
    const drawn = nodes.filter(({ type }) => !UNDRAWN.includes(type));

    it(`says what it does, what to set, and what happens when it fails: ${name}`, () => {
      const comments = nodes.filter(({ type }) => type === 'comment');
      assert.equal(comments.length, 1);
      assert.match(String(comments[0]?.info), /^## .+\n\n[^]+\n### What to set\n[^]+\n### When it fails\n/);
      const tabs = nodes.filter(({ type }) => type === 'tab');
      assert.equal(tabs.length, 1);
      assert.ok(String(tabs[0]?.info).length > 20);
    });

    it(`names every variable where it says what to set, and uses it: ${name}`, () => {
      const [comment] = nodes.filter(({ type }) => type === 'comment');
      const others = JSON.stringify(nodes.filter(({ type }) => type !== 'comment' && type !== 'tab'));
      const known = variablesOf(example).map((variable) => String(variable.name));
      for (const variable of known) {
        assert.ok(String(comment?.info).includes(`\`${variable}\``), `the comment does not name ${variable}`);
        assert.ok(new RegExp(`\\b${variable}\\b`).test(others), `nothing uses ${variable}`);
      }
      for (const [, whole, inCode, inJsonata] of others.matchAll(USES)) {
        const used = whole ?? inCode ?? inJsonata ?? '';
        assert.ok(known.includes(used), `there is no variable ${used}`);
      }
    });

    it(`holds neither credentials nor ids of anyone: ${name}`, () => {
      for (const node of nodes) {
        assert.match(node.id, /^[0-9a-f]{16}$/);
        assert.ok(!('credentials' in node));
        for (const id of ['licenseId', 'companyId', 'userId']) {
          if (id in node) assert.match(String(node[id]), /^(\$\{[A-Z_]+\})?$/);
        }
      }
      assert.equal(new Set(nodes.map(({ id }) => id)).size, nodes.length);
      for (const { name: variable, type, value } of variablesOf(example)) {
        if (SECRET.test(String(variable))) assert.deepEqual([type, value ?? ''], ['cred', ''], String(variable));
      }
    });

    it(`has a page with its picture: ${name}`, () => {
      const recipe = recipeName(example);
      const { text } = document(`docs/recipes/${recipe}.md`);
      assert.ok(text.includes(`](../images/recipes/${recipe}.png)`), 'npm run recipe-pictures makes the picture');
      assert.ok(text.includes(`](../../examples/${name}.json)`));
      assert.ok(document('docs/recipes/README.md').text.includes(`](${recipe}.md)`));
    });

    it(`has ids of its own, that no other example has: ${name}`, () => {
      const others = new Set(
        all.filter((other) => other !== example).flatMap((other) => other.nodes.map(({ id }) => id)),
      );
      assert.deepEqual(
        nodes.filter(({ id }) => others.has(id)).map(({ id }) => id),
        [],
      );
    });

    it(`has only wires, groups, scopes and connections that lead somewhere: ${name}`, () => {
      const tab = nodes.find(({ type }) => type === 'tab')?.id;
      const onTab = new Map(drawn.map((node) => [node.id, node]));
      for (const node of drawn) {
        assert.equal(node.z, tab, node.id);
        const wires = arrays(node.wires);
        if (TELLS_OUTPUTS.test(node.type)) assert.equal(typeof node.outputs, 'number', node.id);
        if (typeof node.outputs === 'number' && node.type !== 'delay')
          assert.equal(wires.length, node.outputs, node.id);
        const scope = entriesOf(node.scope);
        const links = entriesOf(node.links);
        for (const target of [...wires.flat(), ...scope, ...links]) {
          assert.ok(onTab.has(String(target)), `${node.type} "${String(node.name)}" leads to ${String(target)}`);
        }
        if ('g' in node) {
          const members = onTab.get(String(node.g))?.nodes;
          assert.ok(Array.isArray(members) && members.includes(node.id), node.id);
        }
        if (node.type === 'group' && Array.isArray(node.nodes)) {
          for (const member of node.nodes) assert.equal(onTab.get(String(member))?.g, node.id);
        }
        if ('connection' in node) {
          assert.equal(nodes.find(({ id }) => id === node.connection)?.type, 'chatapp-connection');
        }
      }
    });

    it(`lets nothing that goes wrong pass unseen: ${name}`, () => {
      const catches = nodes.filter(({ type }) => type === 'catch');
      assert.ok(catches.length > 0);
      for (const one of catches) assert.ok(arrays(one.wires).flat().length > 0);
      // One of them hears whatever no other one does.
      assert.ok(catches.some(({ scope }) => scope === null));
    });

    it(`is laid out so that nothing covers anything else: ${name}`, () => {
      const boxes = drawn.filter(({ type }) => type !== 'group').map(boxOf);
      for (const box of boxes) assert.ok(box.left >= 0 && box.top >= 0, `${box.name} leaves the canvas`);
      for (const [at, box] of boxes.entries()) {
        const covered = boxes.slice(at + 1).filter((other) => overlap(box, other));
        assert.deepEqual(
          covered.map((other) => `${box.name} covers ${other.name}`),
          [],
        );
      }
      const groups = drawn.filter(({ type }) => type === 'group').map(groupBox);
      for (const [at, group] of groups.entries()) {
        const covered = groups.slice(at + 1).filter((other) => overlap(group, other));
        assert.deepEqual(
          covered.map((other) => `${group.name} covers ${other.name}`),
          [],
        );
      }
      for (const node of drawn.filter((one) => 'g' in one)) {
        const group = groups.find(({ id }) => id === node.g);
        const [x, y] = [Number(node.x), Number(node.y)];
        assert.ok(group && x > group.left && x < group.right && y > group.top && y < group.bottom, node.id);
      }
    });
  }

  it('together use every node that the package has', () => {
    const used = new Set(all.flatMap(({ nodes }) => nodes.map(({ type }) => type)));
    assert.deepEqual(
      Object.keys(manifest['node-red'].nodes).filter((type) => !used.has(type)),
      [],
    );
  });
});

function variablesOf({ nodes }: Example): Readonly<Record<string, unknown>>[] {
  return nodes.flatMap(({ type, env }) => (type === 'tab' ? entriesOf(env).filter(isRecord) : []));
}

function arrays(value: unknown): unknown[][] {
  return entriesOf(value).map(entriesOf);
}

function groupBox(node: FlowNode): Box {
  const [left, top] = [Number(node.x), Number(node.y)];
  const [right, bottom] = [left + Number(node.w), top + Number(node.h)];
  return { id: node.id, name: `the group "${String(node.name)}"`, left, right, top, bottom };
}
