import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asNodes, entriesOf, linkExamples, PACKAGE } from '../../scripts/example-flows';
import { startSimulator, type Simulator, type SimulatorOptions } from '../../simulator';
import { channelName, sampleEnvelope, type ChannelAddress, type EventName } from '../../src/events';
import { isRecord, parseJson, type JsonRecord } from '../../src/events/json';
import { makeCertificate, type Certificate } from './certificate';
import { ALL_NODES, connectionTo, startNodeRedChild, type FlowNode, type NodeRedChild } from './node-red-child';
import { oncePerWorker } from './once-per-worker';

/** What someone who imports an example fills in. */
export interface ExampleSettings {
  /** The variables of the tab and the properties of subflows by name. What is left out stays as the example has it; one that it has not fails the test. */
  readonly variables?: Readonly<Record<string, string | number>>;
  /** Credentials by node type, such as `{ 'e-mail': { userid, password } }`. */
  readonly credentials?: Readonly<Record<string, JsonRecord>>;
  /** What stands in the flow for a service, such as `https://slack.com`, and the address that takes its place. */
  readonly services?: Readonly<Record<string, string>>;
  /** Whose account the connection logs in to. Default: the harness's. */
  readonly account?: Simulator;
}

/** An example that runs. Its nodes are found by their names. */
export interface RunningExample {
  readonly nodes: readonly FlowNode[];
  /** What a debug node showed, oldest first. */
  shown(name: string): unknown[];
  /** The statuses that a node has had, oldest first. */
  statuses(name: string): JsonRecord[];
  /** The button of an inject node; with properties, these take the place of the node's own in its `msg`. */
  press(name: string, properties?: Readonly<Record<string, string | number>>): Promise<void>;
  /** Resolves once all its listeners are green. */
  untilListening(): Promise<void>;
}

/** The ChatApp simulator and a real Node-RED in which this package, and every module that examples need, is installed. */
export class ExampleHarness {
  private constructor(
    readonly simulator: Simulator,
    readonly nodeRed: NodeRedChild,
    /** Node-RED's user directory. */
    readonly folder: string,
    /** Trusted by Node-RED, for stub servers that speak TLS. */
    readonly certificate: Certificate,
  ) {}

  /** In a Node-RED that all files of this worker share, or in another one that was started by `startWithExamples`. */
  static async start(
    shared: () => Promise<NodeRedWithExamples> = sharedExamples,
    options: SimulatorOptions = {},
  ): Promise<ExampleHarness> {
    const { nodeRed, folder, certificate } = await shared();
    nodeRed.forget();
    return new ExampleHarness(await startSimulator(options), nodeRed, folder, certificate);
  }

  async close(): Promise<void> {
    await this.nodeRed.deploy([]);
    await this.simulator.close();
    // What flows wrote would be there for the next test file.
    for (const name of await readdir(this.folder)) {
      if (name.endsWith('.jsonl')) await rm(join(this.folder, name));
    }
  }

  /** Imports an example such as `start/watch-a-line`, fills in the settings, deploys it and waits for its listeners. */
  async run(name: string, settings: ExampleSettings = {}): Promise<RunningExample> {
    const running = await this.deploy(await this.imported(name, settings));
    await running.untilListening();
    return running;
  }

  /** The example out of Node-RED's import menu, with the settings filled in. */
  async imported(name: string, settings: ExampleSettings = {}): Promise<FlowNode[]> {
    const { variables = {}, credentials = {}, services = {}, account = this.simulator } = settings;
    let text = JSON.stringify(await this.nodeRed.get(`/library/examples/flows/${PACKAGE}/${name}`));
    for (const [service, stub] of Object.entries(services)) text = text.replaceAll(service, stub);
    const nodes = asNodes(parseJson(text));
    const known = nodes.filter(hasSettings).flatMap(({ env }) => entriesOf(env).map(nameOf));
    for (const variable of Object.keys(variables)) assert.ok(known.includes(variable), `${name} has no ${variable}`);
    // The editor reads the modules out of this node and does not import it.
    const wanted = nodes.filter(({ type }) => type !== 'global-config');
    return wanted.map((node) => {
      if (hasSettings(node)) {
        return { ...node, env: filled(node.env, variables), credentials: secrets(node.env, variables) };
      }
      if (node.type === 'chatapp-connection') return { ...node, ...connectionTo(account, node.id) };
      const own = credentials[node.type];
      return own ? { ...node, credentials: own } : node;
    });
  }

  async deploy(nodes: readonly FlowNode[]): Promise<RunningExample> {
    await this.nodeRed.deploy(nodes);
    const before = this.nodeRed.debuggedBefore;
    const idOf = (name: string): string =>
      nodes.find((node) => node.name === name || node.dname === name)?.id ?? assert.fail(`there is no node "${name}"`);
    return {
      nodes,
      shown: (name) => {
        const id = idOf(name);
        return this.nodeRed.debugged.slice(before).flatMap((message) => (message.id === id ? [message.shown] : []));
      },
      statuses: (name) => this.nodeRed.statuses(idOf(name)),
      press: async (name, properties) => {
        const props = Object.entries(properties ?? {}).map(([p, v]) => ({
          p,
          v,
          vt: typeof v === 'number' ? 'num' : 'str',
        }));
        const body = JSON.stringify(properties ? { __user_inject_props__: props } : {});
        const headers = { 'content-type': 'application/json' };
        const answer = await fetch(`${this.nodeRed.url}/inject/${idOf(name)}`, { method: 'POST', headers, body });
        assert.ok(answer.ok, `the button of "${name}" was answered with ${answer.status}`);
      },
      untilListening: () => this.nodeRed.untilListening(...listenersOf(nodes)),
    };
  }

  /** Announces an event on a channel: with this item, by default with a sample. */
  announce(event: EventName, address: ChannelAddress, item?: object): void {
    const { data, meta } = sampleEnvelope(event, address);
    this.simulator.announce(channelName(address), event, { data: item ? [item] : data, meta: { ...meta } });
  }
}

export interface NodeRedWithExamples {
  readonly nodeRed: NodeRedChild;
  readonly folder: string;
  readonly certificate: Certificate;
}

/** A Node-RED in which the modules of all examples are installed. Its http request nodes wait 5 s for an answer. */
export async function startWithExamples(
  environment: Readonly<Record<string, string>> = {},
): Promise<NodeRedWithExamples> {
  const folder = await mkdtemp(join(tmpdir(), 'shared-examples-'));
  await linkExamples(folder);
  const certificate = makeCertificate();
  const authority = join(folder, 'authority.pem');
  await writeFile(authority, certificate.ca);
  const nodeRed = await startNodeRedChild(
    folder,
    { NODE_EXTRA_CA_CERTS: authority, ...environment },
    { ...ALL_NODES, httpRequestTimeout: 5_000 },
  );
  return { nodeRed, folder, certificate };
}

/** Used by all files of this worker, one after the other. */
const sharedExamples = oncePerWorker(startWithExamples, ({ nodeRed }) => nodeRed.stop());

function listenersOf(nodes: readonly FlowNode[]): string[] {
  return nodes.filter(({ type }) => /^chatapp-(messenger|company|user|employee)$/.test(type)).map(({ id }) => id);
}

/** A tab, or a subflow with its properties. */
function hasSettings({ type }: FlowNode): boolean {
  return type === 'tab' || type === 'subflow';
}

function filled(variables: unknown, values: Readonly<Record<string, string | number>>): unknown[] {
  return entriesOf(variables).map((variable) => {
    const value = values[nameOf(variable)];
    const isPlain = isRecord(variable) && variable.type !== 'cred';
    return isPlain && value !== undefined ? { ...variable, value: String(value) } : variable;
  });
}

/** Variables of the type credential: Node-RED keeps their values apart from the flow, encrypted. */
function secrets(variables: unknown, values: Readonly<Record<string, string | number>>): JsonRecord {
  const hidden = (Array.isArray(variables) ? variables : []).filter(
    (variable: unknown) => isRecord(variable) && variable.type === 'cred',
  );
  return Object.fromEntries(hidden.map((variable) => [nameOf(variable), String(values[nameOf(variable)] ?? '')]));
}

function nameOf(variable: unknown): string {
  return isRecord(variable) ? String(variable.name) : '';
}
