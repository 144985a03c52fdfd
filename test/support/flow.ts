import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import type { Node, NodeDef, NodeInitializer, NodeMessage } from 'node-red';
import { fileOfNodeRed } from '../../scripts/demo/which-node-red';
import { startSimulator, type Simulator } from '../../simulator';
import { WAIT_LIMIT } from './wait-limit';

const TYPES = ['connection', 'messenger', 'company', 'user', 'employee', 'send', 'api', 'done'] as const;

const TAB = { id: 'tab', type: 'tab' };

/** The built nodes, loaded as Node-RED loads them. */
async function builtNodes(): Promise<NodeInitializer[]> {
  return Promise.all(
    TYPES.map((type) => initializerIn(join(__dirname, `../../dist/nodes/chatapp-${type}/chatapp-${type}.js`))),
  );
}

/** A node of Node-RED's own, such as `common/25-catch`. */
export async function coreNode(name: string): Promise<NodeInitializer> {
  return initializerIn(fileOfNodeRed(`@node-red/nodes/core/${name}.js`));
}

async function initializerIn(file: string): Promise<NodeInitializer> {
  const module: unknown = await import(file);
  const initializer = at(module, 'default');
  assert.ok(isInitializer(initializer), `${file} is no node file: build first`);
  return initializer;
}

function isInitializer(value: unknown): value is NodeInitializer {
  return typeof value === 'function';
}

/** A flow of the built nodes in Node-RED's test helper, listening to a simulator of ChatApp. */
export class Flow {
  readonly #messages = new Map<string, NodeMessage[]>();
  #isLoaded = false;
  readonly #arrivals = new EventEmitter();

  private constructor(
    readonly simulator: Simulator,
    private readonly userDir: string,
  ) {}

  static async start(options?: Parameters<typeof startSimulator>[0]): Promise<Flow> {
    const simulator = await startSimulator(options);
    const userDir = mkdtempSync(join(tmpdir(), 'chatapp-flow-'));
    helper.init(fileOfNodeRed('node-red'), { userDir });
    await helper.startServer();
    return new Flow(simulator, userDir);
  }

  /** A connection node with id `connection` that logs in with the simulator's account. */
  connection(properties: object = {}): object {
    const { url, socketUrl } = this.simulator;
    return { id: 'connection', type: 'chatapp-connection', auth: 'account', apiUrl: url, socketUrl, ...properties };
  }

  /** Starts the flow on tab `tab`; nodes of type `collect` keep what reaches them. */
  async load(
    nodes: readonly object[],
    secrets?: object,
    more: object = {},
    types: readonly NodeInitializer[] = [],
  ): Promise<void> {
    const { email, password, appId } = this.simulator.account;
    const all = [TAB, ...nodes.map((node) => ({ z: zOf(node), ...node }))];
    const credentials = { connection: secrets ?? { email, password, appId }, ...more };
    this.#isLoaded = true;
    const core = await Promise.all([coreNode('common/25-catch'), coreNode('common/25-status')]);
    await helper.load([...(await builtNodes()), ...core, this.#collector, ...types], all, credentials);
  }

  /** The node type `collect`: keeps what reaches it, from the first moment on. */
  readonly #collector: NodeInitializer = (RED) => {
    const messages = this.#messages;
    const arrivals = this.#arrivals;
    RED.nodes.registerType('collect', function (this: Node, saved: NodeDef) {
      RED.nodes.createNode(this, saved);
      const received: NodeMessage[] = [];
      messages.set(this.id, received);
      this.on('input', (message) => {
        received.push(message);
        arrivals.emit(this.id);
      });
    });
  };

  /** What has reached the helper node so far. */
  received(id: string): readonly NodeMessage[] {
    return this.#messages.get(id) ?? [];
  }

  /** The messages at a helper node, as soon as there are `count`. */
  async messages(id: string, count = 1): Promise<readonly NodeMessage[]> {
    const limit = AbortSignal.timeout(WAIT_LIMIT);
    while (this.received(id).length < count) await once(this.#arrivals, id, { signal: limit });
    return this.received(id);
  }

  /** Resolves when the channel has its subscriber. */
  async listening(channel: string): Promise<void> {
    await this.simulator.until((simulator) => simulator.subscriptions(channel) > 0);
  }

  /** Removes every node, as a user does who deletes them: what only restarts would keep its connection for a while. */
  async unload(): Promise<void> {
    if (!this.#isLoaded) return;
    this.#isLoaded = false;
    this.#messages.clear();
    await deploy([TAB], 'nodes');
    await helper.unload();
  }

  async stop(): Promise<void> {
    await helper.stopServer();
    await this.simulator.close();
    rmSync(this.userDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Deploys other nodes over those that run in the test helper, which itself waits for no more than 300 ms until they have started. */
export async function deploy(nodes: readonly object[], type: 'full' | 'flows' | 'nodes'): Promise<void> {
  const util: unknown = await import(fileOfNodeRed('@node-red/util'));
  const events = at(util, 'default', 'events');
  assert.ok(events instanceof EventEmitter);
  const started = once(events, 'flows:started', { signal: AbortSignal.timeout(WAIT_LIMIT) });
  await Promise.all([started, helper.setFlows(nodes, type).catch(rethrowUnlessTimeout)]);
}

function rethrowUnlessTimeout(error: unknown): void {
  if (!(error instanceof Error && error.message === 'timeout waiting event')) throw error;
}

/** Config nodes belong to no tab. */
function zOf(node: object): string | undefined {
  return 'type' in node && (node.type === 'chatapp-connection' || node.type === 'tls-config') ? undefined : 'tab';
}

/** The value at a path into data of any shape; undefined where the path ends early. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => {
    const isBranch = (typeof node === 'object' && node !== null) || typeof node === 'function';
    return isBranch ? Reflect.get(node, name) : undefined;
  }, value);
}
