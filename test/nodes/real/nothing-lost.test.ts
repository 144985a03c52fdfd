import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkPackage } from '../../../scripts/demo/node-red';
import { startSimulator, type Simulator } from '../../../simulator';
import { connectionTo, startNodeRedChild, type FlowNode, type NodeRedChild } from '../../support/node-red-child';

const LINES = [
  { licenseId: '50101', messengerType: 'grWhatsApp' },
  { licenseId: '50101', messengerType: 'telegram' },
] as const;

/** Customers who write all the time: each message has a running number. */
class Customers {
  sent = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly simulator: Simulator) {}

  start(): void {
    this.#timer = setInterval(() => {
      const line = LINES[this.sent % LINES.length] ?? LINES[0];
      this.simulator.message({ ...line, chat: `chat-${this.sent % 3}`, text: `number ${this.sent}` });
      this.sent += 1;
    }, 15);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves once so many more were sent. */
  async more(count: number): Promise<void> {
    const end = this.sent + count;
    await this.simulator.until(() => this.sent >= end);
  }
}

/** Two listeners, one on a single line and one on all lines; each prints what it gets. */
function flow(simulator: Simulator, change = ''): FlowNode[] {
  const listener = (id: string, line: object): FlowNode[] => [
    { id, type: 'chatapp-messenger', z: 'tab', name: change, connection: 'chatapp', ...line, wires: [[`print-${id}`]] },
    {
      id: `print-${id}`,
      type: 'function',
      z: 'tab',
      // A write to the pipe is done before the next line: a killed process has printed all that it was given.
      func: `node.warn('${id} got ' + msg.payload.message.text);`,
      wires: [],
    },
  ];
  return [
    { id: 'tab', type: 'tab', label: 'test' },
    connectionTo(simulator, 'chatapp'),
    ...listener('one', LINES[0]),
    ...listener('all', {}),
  ];
}

/** The numbers that a listener was given, in order. */
function numbers({ lines }: Pick<NodeRedChild, 'lines'>, id: string): number[] {
  return lines.flatMap((line) => {
    const number = new RegExp(`${id} got number (\\d+)$`).exec(line)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

/**
 * Waits until every message has come, in whatever order: what was missed is fetched line by line, and its times are
 * whole seconds. What never comes is named by the assertions that follow.
 */
async function untilAllCame(sent: number, ...children: readonly NodeRedChild[]): Promise<void> {
  const hasCome = (id: string, wanted: readonly number[]): boolean => {
    const got = new Set(children.flatMap((child) => numbers(child, id)));
    return wanted.every((number) => got.has(number));
  };
  const isAllThere = (): boolean => hasCome('all', upTo(sent)) && hasCome('one', upTo(sent).filter(isOfOne));
  await children
    .at(-1)
    ?.until('every message', isAllThere)
    .catch(() => undefined);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
const isOfOne = (number: number): boolean => number % LINES.length === 0;
const inOrder = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);

describe('a real Node-RED, while customers write,', () => {
  let simulator: Simulator;
  let customers: Customers;
  let folder: string;
  const running: NodeRedChild[] = [];

  beforeEach(async () => {
    simulator = await startSimulator();
    customers = new Customers(simulator);
    folder = await mkdtemp(join(tmpdir(), 'chatapp-nothing-lost-'));
    await linkPackage(folder);
  });
  afterEach(async () => {
    customers.stop();
    // The last one runs: whichever is stopped removes the folder that they share.
    for (const child of running.splice(0).reverse()) await child.stop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<NodeRedChild> => {
    const child = await startNodeRedChild(folder);
    running.push(child);
    return child;
  };

  it('loses and doubles nothing through deploys of nodes, flows and everything, and opens no second socket', async () => {
    const child = await start();
    await child.deploy(flow(simulator));
    await child.untilListening('one', 'all');
    customers.start();
    for (const type of ['nodes', 'flows', 'full', 'nodes', 'full'] as const) {
      await customers.more(40);
      await child.deploy(flow(simulator, `changed ${customers.sent}`), type);
    }
    await customers.more(40);
    customers.stop();
    await untilAllCame(customers.sent, child);
    assert.deepEqual(inOrder(numbers(child, 'all')), upTo(customers.sent));
    assert.deepEqual(numbers(child, 'one'), upTo(customers.sent).filter(isOfOne));
    assert.equal(simulator.connections, 1);
    assert.equal(simulator.requestsTo('/v1/tokens').length, 1);
  });

  it('loses nothing when it is killed in the middle and started again, and spends no login on it', async () => {
    const first = await start();
    await first.deploy(flow(simulator));
    await first.untilListening('one', 'all');
    customers.start();
    await customers.more(150);
    assert.ok(first.pid !== undefined);
    process.kill(first.pid, 'SIGKILL');
    await customers.more(100);
    const second = await start();
    await customers.more(50);
    customers.stop();
    await untilAllCame(customers.sent, first, second);
    for (const [id, wanted] of [
      ['all', upTo(customers.sent)],
      ['one', upTo(customers.sent).filter(isOfOne)],
    ] as const) {
      const got = new Set([...numbers(first, id), ...numbers(second, id)]);
      assert.deepEqual(
        wanted.filter((number) => !got.has(number)),
        [],
        `lost by ${id}`,
      );
    }
    assert.equal(simulator.requestsTo('/v1/tokens').length, 1);
  });

  it('loses and doubles nothing when it is stopped gracefully and started again', async () => {
    const first = await start();
    await first.deploy(flow(simulator));
    await first.untilListening('one', 'all');
    customers.start();
    await customers.more(100);
    assert.ok(first.pid !== undefined);
    process.kill(first.pid, 'SIGTERM');
    await simulator.until(({ sockets }) => sockets === 0);
    await customers.more(100);
    const second = await start();
    await customers.more(50);
    customers.stop();
    await untilAllCame(customers.sent, first, second);
    assert.deepEqual(inOrder([...numbers(first, 'all'), ...numbers(second, 'all')]), upTo(customers.sent));
  });

  it('closes within a second, even where the other end is dead', async () => {
    const child = await start();
    await child.deploy(flow(simulator));
    await child.untilListening('one', 'all');
    simulator.freeze();
    const before = Date.now();
    await child.deploy([{ id: 'tab', type: 'tab', label: 'empty' }]);
    assert.ok(Date.now() - before < 1_500, `${Date.now() - before} ms`);
    assert.deepEqual(
      child.lines.filter((line) => /timed out|uncaught/i.test(line)),
      [],
    );
  });
});
