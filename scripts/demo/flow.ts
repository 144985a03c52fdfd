import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRecord, parseJson } from '../../src/events/json';
import { asNodes, entriesOf, examples, modulesOf, type Example, type FlowNode } from '../example-flows';

/** The connection node of the demo's flow. */
const CONNECTION = '5d1c0f3a7b92e648';

/** The examples that the demo shows, each with what someone would fill in. */
const SHOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'start/watch-a-line': { LINE: '50102' },
  'start/route-by-event': { LINE: '50101', COMPANY: '3001', USER: '7001' },
  // The shop answers within seconds, at any time of the day.
  'unanswered/unanswered': {
    MINUTES: '0.05',
    WORK_FROM: '00:00',
    WORK_TO: '24:00',
    WORK_DAYS: 'Sun Mon Tue Wed Thu Fri Sat',
  },
  'dashboard/live-inbox': {},
};

/** What the demo's Node-RED runs. */
export interface DemoFlow {
  readonly nodes: readonly FlowNode[];
  /** The modules that its nodes come from, besides Node-RED's and this package's. */
  readonly modules: readonly string[];
}

/** The demo's own tab, and one for each example whose modules are installed here, made of the example itself. */
export function demoFlow(): DemoFlow {
  const own = flowOf('flow.json');
  const shown = examples().filter(
    ({ name, nodes }) => name in SHOWN && Object.keys(modulesOf(nodes)).every(isInstalled),
  );
  const order = Object.keys(SHOWN);
  shown.sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  return {
    nodes: [...own, ...shown.flatMap(tabOf)],
    modules: shown.flatMap(({ nodes }) => Object.keys(modulesOf(nodes))),
  };
}

/** The flow in a file of this folder. */
export function flowOf(file: string): FlowNode[] {
  return asNodes(parseJson(readFileSync(join(__dirname, file), 'utf8')));
}

/** With the settings filled in, and all its listeners at the demo's one connection. */
function tabOf({ name, nodes }: Example): FlowNode[] {
  const values = SHOWN[name] ?? {};
  const kept = nodes.filter(({ type }) => type !== 'global-config' && type !== 'chatapp-connection');
  return kept.map((node) => {
    if (node.type === 'tab') return { ...node, env: entriesOf(node.env).map((variable) => filled(variable, values)) };
    if ('connection' in node) return { ...node, connection: CONNECTION };
    // The sidebar has every event already, from the first tab: here they are seen below the nodes.
    if (node.type === 'debug' && name.startsWith('start/')) return { ...node, tosidebar: false, tostatus: true };
    return node;
  });
}

function filled(variable: unknown, values: Readonly<Record<string, string>>): unknown {
  if (!isRecord(variable)) return variable;
  return { ...variable, value: values[String(variable.name)] ?? variable.value };
}

function isInstalled(module: string): boolean {
  return existsSync(resolve(__dirname, '../../node_modules', module, 'package.json'));
}
