import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { entriesOf } from '../../scripts/example-flows';
import { isRecord } from '../../src/events/json';
import { ExampleHarness, type RunningExample } from '../support/example-harness';
import { HttpStub } from '../support/http-stub';
import { findBroker, type Broker } from '../support/mqtt';
import { ALL_NODES, startNodeRedChild, type FlowNode, type NodeRedChild } from '../support/node-red-child';
import { TcpProxy } from '../support/tcp-proxy';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;

describe('the examples of MQTT', () => {
  let harness: ExampleHarness;
  let broker: Broker;
  let proxy: TcpProxy;
  let alerts: HttpStub;
  let other: NodeRedChild;
  /** How the topics of a test begin: others may use the broker as well. */
  let root: string;
  const ends: (() => Promise<unknown>)[] = [];

  before(async () => {
    broker = await findBroker();
    ends.unshift(() => broker.end());
    proxy = await TcpProxy.start(broker.port, broker.host);
    ends.unshift(() => proxy.down());
    alerts = await HttpStub.start();
    ends.unshift(() => alerts.down());
    harness = await ExampleHarness.start();
    ends.unshift(() => harness.close());
    other = await startNodeRedChild(undefined, {}, ALL_NODES);
    ends.unshift(() => other.stop());
  });

  after(async () => {
    for (const end of ends) await end();
  });

  beforeEach(() => {
    root = `chatapp-test-${randomBytes(6).toString('hex')}`;
    alerts.requests.length = 0;
  });

  afterEach(() => Promise.all([harness.deploy([]), other.deploy([])]));

  /** The examples that listen, with `ackSeconds` for each attempt. */
  async function run(
    name: string,
    more: Readonly<Record<string, string>> = {},
    ackSeconds = 2,
  ): Promise<RunningExample> {
    const variables = { MQTT_URL: `mqtt://127.0.0.1:${proxy.port}`, TOPIC: root, ALERT_URL: alerts.url, ...more };
    const nodes = await harness.imported(name, { variables });
    const flow = await harness.deploy(
      nodes.map(asBrokerCan).map((node) => ({ ...node, ...('ack' in node && { ackSeconds }) })),
    );
    await flow.untilListening();
    await harness.nodeRed.until('the broker', () => outputOf(flow).at(-1)?.fill === 'green');
    return flow;
  }

  /** A flow that keeps what comes from the broker: a subscriber, or a worker whose debug node has this name. */
  async function subscribe(nodes: readonly FlowNode[], shownBy: string): Promise<() => Record<string, unknown>[]> {
    await other.deploy(nodes.map(asBrokerCan));
    const input = nodes.find(({ type }) => type === 'mqtt in')?.id ?? assert.fail('there is no mqtt in node');
    await other.until('the broker', () => other.statuses(input).at(-1)?.fill === 'green');
    const before = other.debuggedBefore;
    const id = nodes.find(({ name }) => name === shownBy)?.id;
    return () =>
      other.debugged.slice(before).flatMap((one) => (one.id === id && isRecord(one.shown) ? [one.shown] : []));
  }

  const subscriber = (): FlowNode[] => [
    { id: 'tab', type: 'tab' },
    { id: 'broker', type: 'mqtt-broker', broker: broker.host, port: String(broker.port), autoConnect: true },
    {
      id: 'in',
      type: 'mqtt in',
      z: 'tab',
      topic: `${root}/#`,
      qos: '1',
      datatype: 'json',
      broker: 'broker',
      wires: [['shown']],
    },
    {
      id: 'shown',
      type: 'debug',
      name: 'shown',
      z: 'tab',
      active: true,
      tosidebar: true,
      complete: 'true',
      targetType: 'full',
    },
  ];

  const worker = async (): Promise<FlowNode[]> =>
    harness.imported('mqtt/worker', {
      variables: {
        MQTT_URL: `mqtt://${broker.host}:${broker.port}`,
        SUBSCRIPTION: `${broker.shares ? '$share/workers/' : ''}${root}/#`,
        DONE_TOPIC: `${root}-done`,
      },
    });

  const share = (): Promise<RunningExample> => run('mqtt/share-the-work', { DONE_TOPIC: `${root}-done` });

  function asBrokerCan(node: FlowNode): FlowNode {
    return node.type === 'mqtt-broker' ? { ...node, protocolVersion: broker.protocolVersion } : node;
  }

  it('publishes the fields of each event below a topic for line, messenger and event', async () => {
    const published = await subscribe(subscriber(), 'shown');
    const flow = await run('mqtt/publish');
    harness.simulator.message({ ...LINE, text: 'hello', chat: { id: '7', name: 'Eve', phone: '77000000001' } });
    harness.announce('chatTag', { type: 'messenger', ...LINE }, { type: 'add', tag: { id: 6 }, chat: { id: '7' } });
    await other.until('both events', () => published().length >= 2);
    assert.deepEqual(
      published().map(({ topic }) => topic),
      [`${root}/50101/telegram/message`, `${root}/50101/telegram/chatTag`],
    );
    const [message] = published().map(({ payload }) => payload);
    assert.ok(isRecord(message) && isRecord(message.from));
    assert.deepEqual([message.text, message.from.phone, message.attempt], ['hello', '+77000000001', 1]);
    await harness.nodeRed.until('done', () => lastText(flow, 'done or again').startsWith('done'));
  });

  it('publishes an event again that the broker has not confirmed, and says which attempt it is', async () => {
    const published = await subscribe(subscriber(), 'shown');
    const flow = await run('mqtt/publish');
    await proxy.down();
    await harness.nodeRed.until('no broker', () => outputOf(flow).at(-1)?.fill !== 'green');
    harness.simulator.message({ ...LINE, text: 'hello' });
    await harness.nodeRed.until('the failure', () => lastText(flow, 'an event').startsWith('retry'));
    assert.deepEqual(published(), []);
    await proxy.up();
    await other.until('the event', () => published().length > 0);
    const [message] = published().map(({ payload }) => payload);
    assert.equal(isRecord(message) && message.attempt, 2);
    await harness.nodeRed.until('done', () => lastText(flow, 'done or again').startsWith('done'));
  });

  it('gives a worker the msg of the listener, and is done when the worker has reported', async () => {
    const shown = await subscribe(await worker(), 'your work here');
    const flow = await share();
    const { id } = harness.simulator.message({ ...LINE, text: 'hello' });
    await harness.nodeRed.until('done', () => lastText(flow, 'done or again').startsWith('done'));
    const [msg] = shown();
    assert.ok(msg && isRecord(msg.payload) && isRecord(msg.chatapp));
    assert.deepEqual([msg.topic, msg.payload.id, msg.chatapp.text], ['message', id, 'hello']);
  });

  it('delivers a message again if the worker has died with it', async () => {
    const flow = await share();
    harness.simulator.message({ ...LINE, text: 'hello' });
    await harness.nodeRed.until('no report', () => lastText(flow, 'a message').startsWith('retry'));
    const shown = await subscribe(await worker(), 'your work here');
    await other.until('the second attempt', () =>
      shown().some(({ chatapp }) => isRecord(chatapp) && chatapp.attempt === 2),
    );
    await harness.nodeRed.until('done', () => lastText(flow, 'done or again').startsWith('done'));
  });

  it('gives a message up, and alerts once, if a worker reports that its API refuses it', async () => {
    const nodes = (await worker()).map((node) =>
      node.name === 'the message'
        ? {
            ...node,
            rules: [...entriesOf(node.rules), { t: 'set', p: 'statusCode', pt: 'msg', to: '422', tot: 'num' }],
          }
        : node,
    );
    await subscribe(nodes, 'your work here');
    await share();
    harness.simulator.message({ ...LINE, text: 'hello' });
    await alerts.until(({ length }) => length > 0);
    assert.match(alerts.requests[0]?.body ?? '', /status 422/);
    assert.equal(alerts.requests.length, 1);
  });

  function lastText(flow: RunningExample, name: string): string {
    return String(flow.statuses(name).at(-1)?.text);
  }

  function outputOf(flow: RunningExample): ReturnType<RunningExample['statuses']> {
    return flow.statuses(String(flow.nodes.find(({ type }) => type === 'mqtt out')?.name));
  }
});
