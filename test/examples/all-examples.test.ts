import assert from 'node:assert/strict';
import manifest from '../../package.json';
import { isRecord } from '../../src/events/json';
import { document } from '../docs/documents';
import { entriesOf, examples, recipeName, type Example, type FlowNode } from '../../scripts/example-flows';
import { acknowledgedListeners, countedNodes, countJsonata, FlowGraph, isDrawn, REQUEST_SECONDS } from './flow-graph';
import { boxOf, overlap, type Box } from './layout';

const all = examples();
/** They need function nodes: a form, working hours, a page in the browser. */
const FOR_DEVELOPERS = ['answer/questions', 'dashboard/live-inbox', 'unanswered/unanswered'];
/** Robust flows that need more than ten nodes, for a reason that their page tells. */
const LARGER = ['answer/ai', 'answer/broadcast', 'answer/menu-bot', 'crm/hubspot', 'crm/kommo', 'email/digest'];
const connectionOfAll = all.flatMap(({ nodes }) => nodes).find(({ type }) => type === 'chatapp-connection');
const MAX_NODES = { simple: 6, robust: 10, larger: 14 } as const;
const MAX_FUNCTIONS = 8;
const MAX_LINES = 250;
/** Variables that hold a secret. Of the type `cred`, they are kept encrypted, and no export has them. */
const SECRET = /PASSWORD|SECRET|TOKEN|KEY|WEBHOOK/;
/** Nodes whose number of outputs the editor takes from this property: without it, it draws one. */
const TELLS_OUTPUTS = /^(switch|function|chatapp-(?!connection|send|done).*)$/;
/** A whole property, code, and JSONata, as they stand in JSON. */
const USES = /"\$\{(\w+)\}"|\benv\.get\('(\w+)'\)|\$env\(\\"(\w+)\\"\)/g;

describe('every example flow', () => {
  for (const example of all) {
    const { name, nodes } = example;
    const drawn = nodes.filter(isDrawn);
    const tab = nodes.find(({ type }) => type === 'tab')?.id ?? '';
    const canvases = [tab, ...nodes.filter(({ type }) => type === 'subflow').map(({ id }) => id)];
    const graph = new FlowGraph(nodes);
    const caught = nodes.filter(({ type }) => type === 'catch');
    const listeners = acknowledgedListeners(nodes).map(({ id }) => id);
    const isAlert = ({ scope }: FlowNode): boolean => listeners.some((id) => entriesOf(scope).includes(id));
    const isRobust = caught.some((node) => node.uncaught === true || isAlert(node));

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

    it(`has ids of its own, except for the connection: ${name}`, () => {
      const others = new Set(
        all.filter((other) => other !== example).flatMap((other) => other.nodes.map(({ id }) => id)),
      );
      const shared = nodes.filter(({ id }) => others.has(id)).filter(({ type }) => type !== 'chatapp-connection');
      assert.deepEqual(
        shared.map(({ id }) => id),
        [],
      );
    });

    it(`brings the same connection as all others, and first of all says to choose one: ${name}`, () => {
      const connections = nodes.filter(({ type }) => type === 'chatapp-connection');
      if (connections.length === 0) return;
      assert.deepEqual(connections, [connectionOfAll]);
      const [comment] = nodes.filter(({ type }) => type === 'comment');
      assert.match(String(comment?.info), /\n1\. [^\n]*choose your connection/i);
    });

    it(`has only wires, groups, scopes and connections that lead somewhere: ${name}`, () => {
      const onTab = new Map(drawn.map((node) => [node.id, node]));
      for (const node of drawn) {
        assert.ok(canvases.includes(String(node.z)), node.id);
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

    it(`is small enough to be understood, and has no function node unless it is for developers: ${name}`, () => {
      const isForDevelopers = FOR_DEVELOPERS.includes(name);
      const text = JSON.stringify(nodes.filter(({ type }) => type === 'tab'));
      const entry = document('docs/recipes/README.md')
        .text.split('\n- ')
        .find((line) => line.includes(`](${recipeName(example)}.md)`));
      for (const where of [text, entry]) assert.equal(/for developers/i.test(String(where)), isForDevelopers, where);
      if (isForDevelopers) return;
      assert.deepEqual(functionsOf(nodes), []);
      const most = LARGER.includes(name) ? MAX_NODES.larger : isRobust ? MAX_NODES.robust : MAX_NODES.simple;
      for (const canvas of canvases) {
        const names = countedNodes(nodes, canvas).map((node) => `${node.type} "${String(node.name)}"`);
        assert.ok(names.length <= most, `${names.length} nodes, ${most} at most: ${names.join(', ')}`);
      }
      if (!isRobust) assert.ok(countJsonata(nodes) <= 1, 'a simple flow has one JSONata expression at most');
    });

    it(`acknowledges each event on every path, and gives it time for each request: ${name}`, () => {
      for (const listener of acknowledgedListeners(nodes)) {
        assert.deepEqual(graph.looseEnds(listener), []);
        const seconds = REQUEST_SECONDS * graph.requestsBehind(listener);
        assert.ok(Number(listener.ackSeconds) > seconds, `ackSeconds must be more than ${seconds}`);
      }
      for (const node of nodes.filter(({ type }) => type === 'http request')) {
        assert.equal(node.senderr, false);
      }
    });

    if (isRobust)
      it(`leads errors to the done node, and those of the listener to an alert: ${name}`, () => {
        if (listeners.length === 0) return;
        const alerts = caught.filter(isAlert);
        assert.ok(alerts.length > 0 && alerts.every((node) => !graph.reaches(node, 'chatapp-done')));
        const watched = alerts.flatMap(({ scope }) => entriesOf(scope));
        assert.ok(listeners.every((id) => watched.includes(id)));
        for (const node of caught.filter((one) => !isAlert(one))) assert.deepEqual(graph.looseEnds(node), []);
      });

    it(`is laid out so that nothing covers anything else: ${name}`, () => {
      for (const canvas of canvases) {
        const boxes = drawn.filter(({ type, z }) => type !== 'group' && z === canvas).map(boxOf);
        for (const [at, box] of boxes.entries()) {
          assert.ok(box.left >= 0 && box.top >= 0, `${box.name} leaves the canvas`);
          const covered = boxes.slice(at + 1).filter((other) => overlap(box, other));
          assert.deepEqual(
            covered.map((other) => `${box.name} covers ${other.name}`),
            [],
          );
        }
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

  it('has, with all others, few function nodes and little code', () => {
    const code = all.flatMap(({ nodes }) => functionsOf(nodes));
    const lines = code.flatMap((text) => text.split('\n'));
    assert.ok(code.length <= MAX_FUNCTIONS, `${code.length} function nodes`);
    assert.ok(lines.length <= MAX_LINES, `${lines.length} lines`);
  });

  it('together use every node that the package has', () => {
    const used = new Set(all.flatMap(({ nodes }) => nodes.map(({ type }) => type)));
    assert.deepEqual(
      Object.keys(manifest['node-red'].nodes).filter((type) => !used.has(type)),
      [],
    );
  });
});

function variablesOf({ nodes }: Example): Readonly<Record<string, unknown>>[] {
  return nodes.flatMap(({ type, env }) => (/^(tab|subflow)$/.test(type) ? entriesOf(env).filter(isRecord) : []));
}

/** The code of each function node. */
function functionsOf(nodes: readonly FlowNode[]): string[] {
  return nodes
    .filter(({ type }) => type === 'function')
    .map(({ initialize, func, finalize }) => [initialize, func, finalize].filter(Boolean).join('\n'));
}

function arrays(value: unknown): unknown[][] {
  return entriesOf(value).map(entriesOf);
}

function groupBox(node: FlowNode): Box {
  const [left, top] = [Number(node.x), Number(node.y)];
  const [right, bottom] = [left + Number(node.w), top + Number(node.h)];
  return { id: node.id, name: `the group "${String(node.name)}"`, left, right, top, bottom };
}
