import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { natsProgram } from '../../scripts/demo/nats-server';
import { startSimulator, type Simulator } from '../../simulator';
import { isRecord } from '../../src/events/json';
import { HttpStub } from '../support/http-stub';
import { startNats, type Nats } from '../support/nats';
import {
  connectionTo,
  ALL_NODES,
  startNodeRedChild,
  type FlowNode,
  type NodeRedChild,
} from '../support/node-red-child';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const CHATS = ['anna', 'boris', 'clara', 'daria'] as const;
/** How long Node-RED waits for a node that is being closed, in ms. */
const NODE_RED_WAITS = 15_000;

/** One try of a message, as the flow's API saw it. */
interface Try {
  readonly number: number;
  readonly attempt: number;
}

describe('two real Node-REDs that share their work, while customers write,', () => {
  let nats: Nats | undefined;
  let simulator: Simulator;
  let api: HttpStub;
  let sent: number;
  let timer: NodeJS.Timeout | undefined;
  const running: NodeRedChild[] = [];

  before(function () {
    if (natsProgram() !== undefined) return;
    console.log('      skipped: there is no nats-server here; the variable NATS_SERVER may name one');
    this.skip();
  });
  beforeEach(async () => {
    // Each test has its own: what one leaves must not wait for the next one.
    nats = await startNats();
    simulator = await startSimulator();
    // Slow enough to have something in hand at any time.
    api = await HttpStub.start(() => pause(30, {}));
    sent = 0;
  });
  afterEach(async () => {
    clearInterval(timer);
    await Promise.all(running.splice(0).map((child) => child.stop()));
    await api.down();
    await simulator.close();
    await nats?.end();
  });

  it('hand over at once when the one that receives is stopped: nothing is lost, or done twice without a mark', async () => {
    const [one, other] = await startBoth();
    const { pid } = one;
    assert.ok(pid !== undefined);
    customersWrite();
    // So that the other one has received by itself, for more than 3 s, what it is to take over.
    await more(200);
    const watcher = await connect({ servers: [...(nats?.servers ?? [])] });
    const holders: string[] = [];
    watcher.subscribe('$KV.*.leader', { callback: (_, message) => void holders.push(message.string()) });
    await watcher.flush();
    const stopped = Date.now();
    process.kill(pid, 'SIGTERM');
    const gone = untilGone(pid).then(() => Date.now() - stopped);
    await other.until('it receives', () => receives(other));
    await watcher.close();
    assert.ok(holders.includes(''), 'the lease was given back: nobody had to wait for its end');
    assert.ok((await gone) < NODE_RED_WAITS, `${await gone} ms`);
    await more(60);
    await allHaveCome(one, other);
  });

  it('go on where they are when the one that receives deploys: nothing is lost, or done twice without a mark', async () => {
    const [one, other] = await startBoth();
    customersWrite();
    for (const type of ['full', 'flows', 'full'] as const) {
      await more(40);
      await one.deploy(flow({ name: `changed at ${sent}` }), type);
    }
    await more(40);
    await allHaveCome(one, other);
    assert.equal(simulator.connections, 2);
    await one.until('it receives', () => receives(one));
    assert.ok(!other.statuses('listener').some(isReceiving), 'another one need not take over');
  });

  it('lose nothing when the one that receives deploys another setting of the connection', async () => {
    const [one, other] = await startBoth();
    customersWrite();
    await more(40);
    await one.deploy(flow({}, { recoverHours: 23 }));
    await more(40);
    await allHaveCome(one, other);
  });

  /** The first one receives, the other stands by. */
  async function startBoth(): Promise<readonly [NodeRedChild, NodeRedChild]> {
    const both = await Promise.all([
      startNodeRedChild(undefined, {}, ALL_NODES),
      startNodeRedChild(undefined, {}, ALL_NODES),
    ]);
    running.push(...both);
    const [one, other] = both;
    await one.deploy(flow());
    await one.until('it receives', () => receives(one));
    await other.deploy(flow());
    await other.untilListening('listener');
    assert.ok(receives(one) && !receives(other));
    return both;
  }

  /** All goes to the API, which sees in which order both copies work, and is done then. */
  function flow(listener: object = {}, connection: object = {}): FlowNode[] {
    const toApi = 'msg.payload = { text: msg.payload.message.text, attempt: msg.chatapp.attempt }; return msg;';
    const work = { connection: 'chatapp', ...LINE, ack: 'done', ackSeconds: 2, wires: [['order']] };
    return [
      { id: 'tab', type: 'tab', label: 'test' },
      { ...connectionTo(simulator, 'chatapp'), cluster: nats?.servers.join(), ...connection },
      { id: 'listener', type: 'chatapp-messenger', z: 'tab', ...work, ...listener },
      { id: 'order', type: 'function', z: 'tab', func: toApi, wires: [['api']] },
      { id: 'api', type: 'http request', z: 'tab', method: 'POST', ret: 'txt', url: api.url, wires: [['done']] },
      { id: 'done', type: 'chatapp-done', z: 'tab' },
    ];
  }

  /** Each message has a running number. */
  function customersWrite(): void {
    timer = setInterval(() => {
      simulator.message({ ...LINE, chat: { id: chatOf(sent) }, text: `number ${sent}` });
      sent += 1;
    }, 20);
  }

  async function more(count: number): Promise<void> {
    const end = sent + count;
    await simulator.until(() => sent >= end);
  }

  /** Nobody writes any more, and all that was written has come: once, or marked as another try, and in order. */
  async function allHaveCome(...copies: readonly NodeRedChild[]): Promise<void> {
    clearInterval(timer);
    await api.until(() => new Set(tries().map(({ number }) => number)).size >= sent);
    const seen = tries().map(({ number, attempt }) => `${number}#${attempt}`);
    assert.equal(new Set(seen).size, seen.length, 'nothing is done twice without a mark');
    for (const chat of CHATS) {
      const numbers = tries().flatMap(({ number }) => (chatOf(number) === chat ? [number] : []));
      assert.deepEqual(numbers, [...numbers].sort(ascending), `${chat}’s are in order`);
    }
    assert.equal(simulator.requestsTo('/v1/tokens').length, 1);
    const complaints = copies.flatMap(({ lines }) =>
      lines.filter((line) => /timed out|uncaught|\[error\]/i.test(line)),
    );
    assert.deepEqual(complaints, []);
  }

  function tries(): Try[] {
    return api.requests.flatMap(({ json }) => {
      const number = isRecord(json) && /^number (\d+)$/.exec(String(json.text))?.[1];
      return number ? [{ number: Number(number), attempt: Number(json.attempt) }] : [];
    });
  }
});

function chatOf(number: number): string {
  return CHATS[number % CHATS.length] ?? CHATS[0];
}

function receives(child: NodeRedChild): boolean {
  const status = child.statuses('listener').at(-1);
  return status !== undefined && isReceiving(status);
}

/** As the copy that stands by looks, but filled. */
function isReceiving({ fill, shape }: { readonly fill?: unknown; readonly shape?: unknown }): boolean {
  return fill === 'green' && shape === 'dot';
}

async function untilGone(pid: number): Promise<void> {
  while (isThere(pid)) await pause(20);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function ascending(one: number, other: number): number {
  return one - other;
}
