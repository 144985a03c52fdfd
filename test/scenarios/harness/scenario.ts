import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linkPackage } from '../../../scripts/demo/node-red';
import { fileOfNodeRed } from '../../../scripts/demo/which-node-red';
import { startNodeRedChild, type FlowNode, type NodeRedChild } from '../../support/node-red-child';
import { ChatAppServer, type Written } from '../server/chatapp';
import type { Bound, Line } from '../server/history';
import { ClockControl, clockEnvironment } from './clock';
import { assertDelivered, missing, readDelivery, type Delivery, type Expected } from './delivered';
import { flowOf, type ListenerSpec } from './flow';

/** Clocks are moved by at most so many ms at once. */
const STEP = 2_000;
/** Core nodes that scenarios use. The others only take time to load. */
const CORE_NODES = /^(05-tls|20-inject|21-debug|25-catch|25-status)\.js$/;

interface DeployOptions {
  /** Properties of the connection node. */
  readonly connection?: Readonly<Record<string, unknown>>;
  readonly type?: 'full' | 'flows' | 'nodes';
}

interface WaitOptions {
  /** Seconds of the moved clock. */
  readonly within?: number;
  /** Default: true. False if it is promised only that everything comes, once. */
  readonly inOrder?: boolean;
}

/**
 * A real Node-RED with the built package, a ChatApp server for each test, and a clock for both that the test moves: what
 * takes minutes takes a moment.
 */
export class ScenarioRun {
  chatapp: ChatAppServer;
  /** Changes with every test: nothing of one is left for the next. */
  connectionId = 'connection-0';
  #nodeRed: NodeRedChild;
  #clock: ClockControl;
  #deliveries: Delivery[] = [];
  #linesRead = 0;
  /** ms by which tests have moved all clocks, and the wall clock of Node-RED alone. */
  #passed = 0;
  #shifted = 0;
  #isRunning = true;
  #tests = 0;
  #texts = 0;

  private constructor(
    private readonly folder: string,
    chatapp: ChatAppServer,
    nodeRed: NodeRedChild,
    clock: ClockControl,
  ) {
    this.chatapp = chatapp;
    this.#nodeRed = nodeRed;
    this.#clock = clock;
  }

  static async start(): Promise<ScenarioRun> {
    const folder = await mkdtemp(join(tmpdir(), 'chatapp-scenario-'));
    await linkPackage(folder);
    const [nodeRed, clock] = await startIn(folder, 0);
    return new ScenarioRun(folder, await ChatAppServer.start(), nodeRed, clock);
  }

  get nodeRed(): NodeRedChild {
    return this.#nodeRed;
  }

  /** Everything for a test is new but Node-RED itself. */
  async begin(bound?: Bound): Promise<ChatAppServer> {
    if (this.#shifted !== 0) await this.correctClock(-this.clockError);
    if (!this.#isRunning) await this.start();
    await this.chatapp.close();
    this.chatapp = await ChatAppServer.start(bound);
    this.chatapp.ahead = this.#passed;
    this.connectionId = `connection-${(this.#tests += 1)}`;
    await this.#clearFlows();
    return this.chatapp;
  }

  async close(): Promise<void> {
    this.#clock.close();
    await this.#nodeRed.stop();
    await this.chatapp.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Deploys listeners with a collector each, and a Catch node with one. */
  async deploy(listeners: readonly ListenerSpec[], { connection, type }: DeployOptions = {}): Promise<void> {
    await this.#nodeRed.deploy(this.flow(listeners, connection), type);
  }

  flow(listeners: readonly ListenerSpec[], connection: object = {}): FlowNode[] {
    return flowOf(this.chatapp, this.connectionId, connection, listeners);
  }

  /** Deploys, and waits until all listeners are green. */
  async listen(listeners: readonly ListenerSpec[], options: DeployOptions = {}): Promise<void> {
    await this.deploy(listeners, options);
    await this.untilListening(...listeners.map(({ id }) => id));
  }

  async untilListening(...ids: readonly string[]): Promise<void> {
    const isGreen = (id: string): boolean => {
      const { fill, text } = this.#nodeRed.statuses(id).at(-1) ?? {};
      return fill === 'green' && !/^\d+ of \d+ /.test(String(text));
    };
    if (await this.within(120, () => ids.every(isGreen))) return;
    const last = ids.map((id) => `${id}: ${JSON.stringify(this.#nodeRed.statuses(id).at(-1))}`);
    const asked = this.chatapp.requests.slice(-10).map(({ line: request, status }) => `${request}: ${status}`);
    const said = [...asked, ...this.#nodeRed.lines.slice(-10)].join('\n');
    throw new Error(
      `Not all listen: ${last.join(', ')}\n${said}\nsubscribed: ${this.chatapp.pusher.subscribed.join()}`,
    );
  }

  /** What reached the collector of this listener (or `errors`), oldest first, over all runs of Node-RED. */
  got(id: string): readonly Delivery[] {
    const { lines } = this.#nodeRed;
    for (; this.#linesRead < lines.length; this.#linesRead += 1) {
      const delivery = readDelivery(lines[this.#linesRead] ?? '');
      if (delivery) this.#deliveries.push(delivery);
    }
    return this.#deliveries.filter(({ at }) => at === `at-${id}`);
  }

  /** The codes of the errors that reached the Catch node. */
  get errors(): string[] {
    return this.got('errors').map(({ failure }) => failure?.code ?? '');
  }

  /** Customers write `count` messages, in turn in each chat. */
  say(line: Line, count: number, chats: readonly string[] = ['chat'], more: Partial<Written> = {}): Expected[] {
    return Array.from({ length: count }, (_, index) => {
      const chat = chats[index % chats.length] ?? 'chat';
      const text = `number ${(this.#texts += 1)}`;
      this.chatapp.write({ line, chat, text, ...more });
      return { chat, text };
    });
  }

  /** Fails unless the listener gets these messages once each, in the order of each chat, and nothing else. */
  async expect(
    id: string,
    wanted: readonly Expected[],
    { within = 120, inOrder = true }: WaitOptions = {},
  ): Promise<void> {
    await this.within(within, () => missing(this.got(id), wanted) === 0);
    // What is delivered twice may come later.
    await this.pass(20);
    assertDelivered(this.got(id), wanted, inOrder);
  }

  /** Waits for this number of seconds. */
  async pass(seconds: number): Promise<void> {
    await this.within(seconds, () => false);
  }

  /** Waits until a condition holds, but at most this number of seconds. Resolves with whether it held. */
  async within(seconds: number, holds: () => boolean): Promise<boolean> {
    const end = this.#passed + seconds * 1_000;
    while (!holds()) {
      if (this.#passed >= end) return false;
      const atMost = Math.min(STEP, end - this.#passed);
      const by = this.#isRunning ? await this.#clock.step(atMost) : atMost;
      this.#passed += by;
      this.chatapp.ahead += by;
    }
    return true;
  }

  /** Seconds by which the wall clock of Node-RED's machine is ahead of the right time. */
  get clockError(): number {
    return this.#shifted / 1_000;
  }

  /** Somebody corrects that clock by so many seconds. */
  async correctClock(seconds: number): Promise<void> {
    this.#shifted += seconds * 1_000;
    if (this.#isRunning) await this.#clock.shift(seconds * 1_000);
  }

  /** Ends Node-RED: gracefully, or as a power cut would. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const { pid, lines } = this.#nodeRed;
    if (pid === undefined) throw new Error('Node-RED does not run.');
    process.kill(pid, signal);
    await this.#nodeRed.until('the end', () => lines.some((line) => line.startsWith('Node-RED has ended')));
    this.#isRunning = false;
    this.#clock.close();
    this.got('errors');
    await this.chatapp.pusher.untilClosed();
  }

  /** Stops or starts all flows, as the editor's menu does. */
  async setFlows(state: 'stop' | 'start'): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ state });
    const { status } = await fetch(`${this.#nodeRed.url}/flows/state`, { method: 'POST', headers, body });
    if (status !== 200) throw new Error(`to ${state} the flows was answered with ${status}`);
  }

  /** Starts it again, with the flows and files that are there; by default with the wall clock that it had. */
  async start(): Promise<void> {
    const [nodeRed, clock] = await startIn(this.folder, this.#passed + this.#shifted);
    this.#nodeRed = nodeRed;
    this.#clock = clock;
    this.#linesRead = 0;
    this.#isRunning = true;
  }

  /** The socket server is not there, until `end` is called. */
  async outage(): Promise<() => void> {
    const { pusher } = this.chatapp;
    pusher.refuses = 'down';
    pusher.drop();
    await pusher.untilClosed();
    return () => (pusher.refuses = undefined);
  }

  async #clearFlows(): Promise<void> {
    await this.#nodeRed.deploy([]);
    this.#nodeRed.forget();
    this.#deliveries = [];
    this.#linesRead = 0;
  }
}

async function startIn(folder: string, shift: number): Promise<[NodeRedChild, ClockControl]> {
  const settings = {
    nodesDir: join(__dirname, 'collect'),
    nodesExcludes: unusedNodes(),
    runtimeState: { enabled: true, ui: false },
  };
  const nodeRed = await startNodeRedChild(folder, clockEnvironment(shift), settings);
  return [nodeRed, await ClockControl.connect(nodeRed.lines)];
}

function unusedNodes(): string[] {
  const core = join(dirname(fileOfNodeRed('@node-red/nodes/package.json')), 'core');
  const files = readdirSync(core, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => name).filter((name) => name.endsWith('.js') && !CORE_NODES.test(name));
}
