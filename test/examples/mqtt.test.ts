import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isRecord } from '../../src/events/json';
import { ExampleStage, type ExampleSettings, type RunningExample } from '../support/example-stage';
import { findBroker, type Broker } from '../support/mqtt';
import { startNodeRedChild, type FlowNode, type NodeRedChild } from '../support/node-red-child';
import { TcpProxy } from '../support/tcp-proxy';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const OTHER_LINE = { licenseId: '50102', messengerType: 'instagram' } as const;
const SENDER = 'send what is due';
const ERRORS = 'read the text and act';
const SHOWN = 'done here';

describe('the examples of shared work by MQTT', function () {
  this.timeout(60_000);
  let stage: ExampleStage;
  let broker: Broker;
  /** The publisher's way to the broker. */
  let proxy: TcpProxy;
  let workers: readonly [NodeRedChild, NodeRedChild];
  /** Topics of this test alone: others may use the broker as well. */
  let root: string;
  const ends: (() => Promise<unknown>)[] = [];

  before(async function () {
    const found = await findBroker();
    if (!found) {
      console.log(
        '      skipped: no MQTT broker answers here, and Mosquitto is not installed (apt-get install mosquitto)',
      );
      return this.skip();
    }
    broker = found;
    ends.unshift(() => broker.end());
    proxy = await TcpProxy.start(broker.port, broker.host);
    ends.unshift(() => proxy.down());
    stage = await ExampleStage.start();
    ends.unshift(() => stage.close());
    workers = [await startNodeRedChild(), await startNodeRedChild()];
    ends.unshift(() => Promise.all(workers.map((worker) => worker.stop())));
  });

  after(async () => {
    for (const end of ends) await end();
  });

  beforeEach(() => {
    root = `chatapp-test-${randomBytes(6).toString('hex')}`;
  });

  afterEach(async () => {
    await Promise.all([stage.deploy([]), ...workers.map((worker) => worker.deploy([]))]);
  });

  it('gives every event to one of the workers, and to each of them some', async () => {
    const flow = await share();
    const [one, other] = await Promise.all(workers.map((worker) => work(worker)));
    assert.ok(one && other);
    const ids = Array.from({ length: 20 }, () => stage.simulator.message(LINE).id);
    await settled(flow, () => doneBy(one).length + doneBy(other).length >= ids.length);
    assert.deepEqual([...doneBy(one), ...doneBy(other)].sort(), [...ids].sort());
    assert.ok(doneBy(one).length > 0 && doneBy(other).length > 0);
  });

  it('hands a worker the whole msg of the listener', async () => {
    const flow = await share();
    const worker = await work(workers[0]);
    stage.announce('chatTag', { type: 'messenger', ...LINE }, { type: 'add', tag: { id: 6 }, chat: { id: '7' } });
    await settled(flow, () => worker.shown().length > 0);
    const [msg] = worker.shown();
    assert.ok(isRecord(msg) && isRecord(msg.chatapp));
    assert.deepEqual([msg.topic, msg.payload], ['chatTag', { type: 'add', tag: { id: 6 }, chat: { id: '7' } }]);
    const { event, licenseId, messengerType, chatId, recovered } = msg.chatapp;
    assert.deepEqual(
      [event, licenseId, messengerType, chatId, recovered],
      ['chatTag', '50101', 'telegram', '7', false],
    );
  });

  it('has a topic for each line, messenger and event', async () => {
    await share();
    const ofLine = await work(workers[0], { SUBSCRIPTION: `$share/one-line/${root}/50102/#` });
    const ofEvent = await work(workers[1], { SUBSCRIPTION: `$share/one-event/${root}/+/telegram/messageSystem` });
    const expected = [stage.simulator.message(OTHER_LINE).id, stage.simulator.message({ ...LINE, type: 'system' }).id];
    stage.simulator.message(LINE);
    await inAnyOf('both', () => doneBy(ofLine).length > 0 && doneBy(ofEvent).length > 0);
    assert.deepEqual([...doneBy(ofLine), ...doneBy(ofEvent)], expected);
  });

  it('keeps what comes while the broker is away, shows it, and sends it when the broker is back', async () => {
    const flow = await share({ RESEND_SECONDS: 60 });
    const worker = await work(workers[0]);
    stage.simulator.message(LINE);
    await settled(flow, () => worker.shown().length === 1);
    await proxy.down();
    await stage.nodeRed.until('no broker', () => lastStatus(flow) === 'no broker, 0 waiting');
    const ids = ['one', 'two', 'three'].map((text) => stage.simulator.message({ ...LINE, text }).id);
    await stage.nodeRed.until('what waits', () => lastStatus(flow) === 'no broker, 3 waiting');
    await proxy.up();
    await settled(flow, () => worker.shown().length >= 4);
    assert.deepEqual(doneBy(worker).slice(1), ids);
  });

  it('keeps what nobody works on, over a deploy as well, until a worker comes', async () => {
    const before = await share();
    const { id } = stage.simulator.message(LINE);
    await stage.nodeRed.until('what waits', () => lastStatus(before) === '1 waiting');
    const after = await share();
    const worker = await work(workers[0]);
    await pressUntil(after, () => doneBy(worker).includes(id));
    await settled(after, () => true);
  });

  it('sends again, to another worker, what a worker had in its hands when it was killed', async () => {
    const flow = await share({ RESEND_SECONDS: 1 });
    const doomed = await startNodeRedChild();
    try {
      // It takes events, and nothing comes of them.
      const stuck = await work(doomed, {}, (node) =>
        node.name === 'your work here' ? { ...node, wires: [[]] } : node,
      );
      const other = await work(workers[0]);
      const ids = Array.from({ length: 10 }, () => stage.simulator.message(LINE).id);
      await doomed.until('events in its hands', () => stuck.count() > 0);
      assert.ok(doomed.pid !== undefined);
      process.kill(doomed.pid, 'SIGKILL');
      await pressUntil(flow, () => new Set(doneBy(other)).size === ids.length);
      assert.deepEqual([...new Set(doneBy(other))].sort(), [...ids].sort());
      await settled(flow, () => true);
    } finally {
      await doomed.stop();
    }
  });

  it('sends again what a worker has failed at', async () => {
    const flow = await share({ RESEND_SECONDS: 0.2 });
    const func = `if (context.get('failed')) return msg;\ncontext.set('failed', true);\nthrow new Error('not today');`;
    const worker = await work(workers[0], {}, (node) => (node.name === 'your work here' ? { ...node, func } : node));
    const { id } = stage.simulator.message(LINE);
    await workers[0].until('the error', () => worker.errors().length > 0);
    assert.match(JSON.stringify(worker.errors()[0]), /not today/);
    assert.deepEqual(doneBy(worker), []);
    await pressUntil(flow, () => doneBy(worker).length > 0);
    assert.ok(doneBy(worker).includes(id));
    await settled(flow, () => true);
  });

  it('tells of an event that was sent ten times in vain, and keeps it', async () => {
    const flow = await share({ RESEND_SECONDS: 0.01 });
    stage.simulator.message(LINE);
    await pressUntil(flow, () => flow.shown(ERRORS).length > 0);
    assert.match(JSON.stringify(flow.shown(ERRORS)[0]), new RegExp(`Sent 10 times.*${root}/50101/telegram/message"`));
    assert.equal(lastStatus(flow), '1 waiting');
  });

  it('gives workers no more events ahead of their reports than they shall have at once', async () => {
    const flow = await share({ AT_ONCE: 3, RESEND_SECONDS: 60 });
    const worker = await work(workers[0], {}, (node) =>
      node.name === 'your work here' ? { ...node, wires: [[]] } : node,
    );
    for (let count = 0; count < 10; count++) stage.simulator.message(LINE);
    await stage.nodeRed.until('all of them', () => lastStatus(flow) === '10 waiting');
    await workers[0].until('its share', () => worker.count() >= 3);
    const before = flow.statuses(SENDER).length;
    await flow.press('every 5 seconds');
    await stage.nodeRed.until('the look', () => flow.statuses(SENDER).length >= before);
    assert.equal(worker.count(), 3);
  });

  async function share(variables: ExampleSettings['variables'] = {}): Promise<RunningExample> {
    const topics = { TOPIC: root, DONE_TOPIC: `${root}-done`, MQTT_URL: `mqtt://127.0.0.1:${proxy.port}` };
    const flow = await stage.run('mqtt/share-the-work', { variables: { RESEND_SECONDS: 2, ...topics, ...variables } });
    await stage.nodeRed.until('the broker', () => flow.statuses('to the workers').at(-1)?.fill === 'green');
    return flow;
  }

  /** Runs the worker's flow in a Node-RED of its own, each node as `changed` makes it; resolves once it is subscribed. */
  async function work(
    nodeRed: NodeRedChild,
    variables: ExampleSettings['variables'] = {},
    changed: (node: FlowNode) => FlowNode = (node) => node,
  ): Promise<Worker> {
    const own = { SUBSCRIPTION: `$share/workers/${root}/#`, DONE_TOPIC: `${root}-done` };
    const url = `mqtt://${broker.host}:${broker.port}`;
    const nodes = await stage.imported('mqtt/worker', { variables: { MQTT_URL: url, ...own, ...variables } });
    const idOf = (name: string): string => nodes.find((node) => node.name === name)?.id ?? assert.fail(name);
    const before = nodeRed.debugged.length;
    await nodeRed.deploy(nodes.map(changed));
    await nodeRed.until('the broker', () => nodeRed.statuses(idOf('my share')).at(-1)?.fill === 'green');
    const shownBy = (name: string): unknown[] =>
      nodeRed.debugged.slice(before).flatMap(({ id, shown }) => (id === idOf(name) ? [shown] : []));
    return {
      shown: () => shownBy(SHOWN),
      errors: () => shownBy(ERRORS),
      count: () => {
        const text = nodeRed.statuses(idOf('your work here')).at(-1)?.text;
        return typeof text === 'string' ? Number.parseInt(text, 10) : 0;
      },
    };
  }

  /** Resolves once `holds`, and nothing waits any more. */
  function settled(flow: RunningExample, holds: () => boolean): Promise<void> {
    return inAnyOf('nothing that waits', () => lastStatus(flow) === '0 waiting' && holds());
  }

  /** Resolves once `holds`, whichever Node-RED has the last word. */
  function inAnyOf(what: string, holds: () => boolean): Promise<void> {
    return Promise.any([stage.nodeRed, ...workers].map((nodeRed) => nodeRed.until(what, holds)));
  }

  /** Lets the flow look for what is due, again and again, until `holds`: an answer to each look takes a moment. */
  async function pressUntil(flow: RunningExample, holds: () => boolean): Promise<void> {
    const until = Date.now() + 10_000;
    while (!holds()) {
      assert.ok(Date.now() < until, `It did not come to that within 10 s; last: ${lastStatus(flow)}`);
      await flow.press('every 5 seconds');
    }
  }
});

/** A worker's flow, as its Node-RED shows it. */
interface Worker {
  /** What it has done. */
  shown(): unknown[];
  errors(): unknown[];
  /** How many it has begun. */
  count(): number;
}

/** The ids of the messages that a worker has done, in its order. */
function doneBy(worker: Worker): string[] {
  return worker.shown().map((msg) => (isRecord(msg) && isRecord(msg.payload) ? String(msg.payload.id) : ''));
}

function lastStatus(flow: RunningExample): string {
  return String(flow.statuses(SENDER).at(-1)?.text);
}
