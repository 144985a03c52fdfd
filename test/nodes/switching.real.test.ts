import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
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
/** Some chats have a message in hand at any time, and some wait behind it. */
const FLOW_TAKES = 100;
const ON_THEIR_WAY = 12;

describe('a real Node-RED, while customers write,', () => {
  let nats: Nats | undefined;
  let simulator: Simulator;
  let api: HttpStub;
  let child: NodeRedChild;
  let sent: number;
  let timer: NodeJS.Timeout | undefined;

  before(async function () {
    nats = await startNats();
    if (nats) return;
    console.log('      skipped: there is no nats-server here; the variable NATS_SERVER may name one');
    this.skip();
  });
  beforeEach(async () => {
    simulator = await startSimulator();
    api = await HttpStub.start(() => pause(FLOW_TAKES, {}));
    child = await startNodeRedChild(undefined, {}, ALL_NODES);
    sent = 0;
  });
  afterEach(async () => {
    clearInterval(timer);
    await child.stop();
    await api.down();
    await simulator.close();
  });
  after(() => nats?.end());

  it('goes on without a loss or an unmarked repeat when deploys switch NATS on, off and on again', async () => {
    await child.deploy(flow(''));
    await child.untilListening('listener');
    timer = setInterval(() => {
      // No faster than a busy machine works: what waits in NATS has 10 s to be taken along.
      if (sent - new Set(numbers()).size >= ON_THEIR_WAY) return;
      simulator.message({ ...LINE, chat: { id: chatOf(sent) }, text: `number ${sent}` });
      sent += 1;
    }, 30);
    await more();
    for (const servers of [nats?.servers.join() ?? '', '', nats?.servers.join() ?? '', '']) {
      await child.deploy(flow(servers));
      await child.untilListening('listener');
      await more();
    }
    clearInterval(timer);
    await api.until(() => new Set(numbers()).size >= sent);
    const first = tries().flatMap(({ number, attempt, recovered }) => (attempt > 1 || recovered ? [] : [number]));
    assert.equal(new Set(first).size, first.length, 'nothing is delivered twice without a mark');
    for (const chat of CHATS) {
      const own = numbers().filter((number) => chatOf(number) === chat);
      assert.deepEqual(own, own.toSorted(ascending), `those of ${chat} are in order`);
    }
    assert.deepEqual(
      child.lines.filter((line) => /timed out|uncaught|\[error\]/i.test(line)),
      [],
    );
  });

  /** All goes to the API, and is done then. */
  function flow(cluster: string): FlowNode[] {
    const toApi =
      'const { attempt, recovered } = msg.chatapp;' +
      'msg.payload = { text: msg.payload.message.text, attempt, recovered }; return msg;';
    return [
      { id: 'tab', type: 'tab', label: 'test' },
      { ...connectionTo(simulator, 'chatapp'), cluster },
      {
        ...{ id: 'listener', type: 'chatapp-messenger', z: 'tab', connection: 'chatapp', ...LINE },
        // What has no history may really be lost if a busy machine takes more than 5 s for a deploy.
        ...{ events: ['message'], ack: 'done', ackSeconds: 10, wires: [['order']] },
      },
      { id: 'order', type: 'function', z: 'tab', func: toApi, wires: [['api']] },
      { id: 'api', type: 'http request', z: 'tab', method: 'POST', ret: 'txt', url: api.url, wires: [['done']] },
      { id: 'done', type: 'chatapp-done', z: 'tab' },
    ];
  }

  /** Twenty more messages have come to the flow. */
  async function more(): Promise<void> {
    const end = new Set(numbers()).size + 20;
    await api.until(() => new Set(numbers()).size >= end);
  }

  function numbers(): number[] {
    return tries().map(({ number }) => number);
  }

  /** The attempts, as the API saw them. */
  function tries(): { readonly number: number; readonly attempt: number; readonly recovered: boolean }[] {
    return api.requests.flatMap(({ json }) => {
      const number = isRecord(json) && /^number (\d+)$/.exec(String(json.text))?.[1];
      return number
        ? [{ number: Number(number), attempt: Number(json.attempt), recovered: json.recovered === true }]
        : [];
    });
  }
});

function chatOf(number: number): string {
  return CHATS[number % CHATS.length] ?? CHATS[0];
}

function ascending(one: number, other: number): number {
  return one - other;
}
