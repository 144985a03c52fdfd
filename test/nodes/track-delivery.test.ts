import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { Node, NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import type { NodeListener } from '../../nodes/shared/connection-node';
import type { Delivery } from '../../src';
import { at, coreNode, deploy, Flow } from '../support/flow';
import { WAIT_LIMIT } from '../support/wait-limit';

describe('a listener that gets an event in the turn in which a deploy stops the flows', () => {
  let flow: Flow;
  let core: NodeInitializer;
  const listeners = new Map<string, NodeListener>();
  /** Called as soon as a deploy stops the flows, before it has closed any node. */
  let onStopping: () => void = () => undefined;
  const checks = new EventEmitter();

  before(async () => {
    flow = await Flow.start();
    core = await coreNode('function/15-change');
  });
  afterEach(() => flow.unload());
  after(() => flow.stop());

  const connection: NodeInitializer = (RED) => {
    RED.events.on('flows:stopping', () => onStopping());
    RED.nodes.registerType('fake-connection', function (this: Node, saved) {
      RED.nodes.createNode(this, saved);
      const listen = (node: Node, listener: NodeListener) => {
        listeners.set(node.id, listener);
        return () => undefined;
      };
      Object.assign(this, { listen, namingOf: () => ({}) });
    });
  };
  /** A node that takes its time to close, and hands messages on until then. */
  const slow: NodeInitializer = (RED) => {
    RED.nodes.registerType('slow', function (this: Node, saved) {
      RED.nodes.createNode(this, saved);
      this.on('input', () => checks.emit('got'));
      this.on('close', (done: () => void) => setTimeout(done, 20));
    });
  };
  const nodes = (rule: string, more: readonly object[] = []): object[] => [
    { id: 'tab', type: 'tab' },
    { id: 'fake', type: 'fake-connection' },
    {
      ...{ id: 'listener', z: 'tab', type: 'chatapp-messenger', connection: 'fake', separate: true },
      events: ['message', 'chatTag'],
      wires: [['next', 'seen', 'third'], ['next']],
    },
    {
      ...{ id: 'next', z: 'tab', type: 'change', wires: [['changed']] },
      rules: [{ t: 'set', p: 'topic', to: rule, tot: 'str' }],
    },
    { id: 'changed', z: 'tab', type: 'collect' },
    { id: 'seen', z: 'tab', type: 'collect' },
    ...more,
  ];
  /** Gives the event to the listener; the result says one turn later whether the next nodes have got it. */
  const deliver = (event: string): Promise<boolean | undefined> => {
    const delivery: Delivery = {
      ...{ event, channel: 'private-v1.licenses.1.messengers.telegram', item: {}, meta: {} },
      ...{ receivedAt: 0, recovered: false },
    };
    const listener = listeners.get('listener') ?? assert.fail('nobody listens');
    const isDelivered = listener.trackDelivery?.(delivery);
    listener.onItem(delivery);
    return new Promise((resolve) => setImmediate(() => resolve(isDelivered?.())));
  };

  /** What is said of the event that comes while this deploy stops the flows. */
  async function during(
    type: 'full' | 'nodes',
    before: readonly object[],
    after: readonly object[],
    event: string,
  ): Promise<boolean | undefined> {
    await flow.load(before.slice(1), {}, {}, [core, connection, slow]);
    const answer = new Promise<boolean | undefined>((resolve) => {
      onStopping = () => {
        onStopping = () => undefined;
        resolve(deliver(event));
      };
    });
    await deploy(after, type);
    return answer;
  }

  it('says that the next nodes did not get it, if one of them was closed before', async () => {
    assert.equal(await during('full', nodes('before'), nodes('after'), 'message'), false);
    assert.equal(await deliver('message'), true);
    const [message] = await flow.messages('changed');
    assert.equal(message?.topic, 'after');
  });

  it('says that they got it, if the deploy leaves them as they are', async () => {
    assert.equal(await during('nodes', nodes('same'), nodes('same'), 'message'), true);
    await flow.messages('seen');
    await flow.messages('changed');
    assert.deepEqual([flow.received('seen').length, flow.received('changed').length], [1, 1]);
  });

  it('asks only about the nodes behind the output of the event', async () => {
    const before = nodes('same', [{ id: 'third', z: 'tab', type: 'collect' }]);
    const after = nodes('same', [{ id: 'third', z: 'tab', type: 'collect', name: 'changed' }]);
    assert.equal(await during('nodes', before, after, 'chatTag'), true);
    await flow.unload();
    assert.equal(await during('nodes', before, after, 'message'), false);
  });

  it('says that a node got it that closes slowly and still took it', async () => {
    const got = once(checks, 'got', { signal: AbortSignal.timeout(WAIT_LIMIT) });
    const before = nodes('same', [{ id: 'third', z: 'tab', type: 'slow' }]);
    const after = nodes('same', [{ id: 'third', z: 'tab', type: 'slow', name: 'changed' }]);
    assert.equal(await during('nodes', before, after, 'message'), true);
    await got;
    assert.equal(at(helper.getNode('third'), 'name'), 'changed');
  });
});
