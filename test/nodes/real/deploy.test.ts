import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../../simulator';
import { isRecord } from '../../../src/events/json';
import {
  connectionTo,
  debugNode,
  startNodeRedChild,
  type FlowNode,
  type NodeRedChild,
} from '../../support/node-red-child';

const LINE = { licenseId: '50101', messengerType: 'grWhatsApp' } as const;
const CHANNEL = 'private-v1.licenses.50101.messengers.grWhatsApp';

describe('listeners in a real Node-RED', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;
  const ends: (() => Promise<void>)[] = [];

  before(async () => {
    simulator = await startSimulator();
    ends.unshift(() => simulator.close());
    nodeRed = await startNodeRedChild();
    ends.unshift(() => nodeRed.stop());
    await nodeRed.deploy(flow());
    await nodeRed.untilListening('first', 'second');
  });

  after(async () => {
    for (const end of ends) await end();
  });

  it('of one channel share one subscription', () => {
    const subscribed = simulator.frames.filter(({ event }) => event === 'pusher:subscribe');
    assert.deepEqual(
      subscribed.map(({ channel }) => channel),
      [CHANNEL],
    );
    assert.equal(simulator.requestsTo('/broadcasting/auth').length, 1);
    assert.equal(simulator.subscriptions(CHANNEL), 1);
  });

  it('of one channel get messages of their own: what one flow changes, the other does not see', async () => {
    simulator.message({ ...LINE, text: 'as it was written' });
    const texts = (): unknown[][] => ['shown-by-first', 'shown-by-second'].map((id) => nodeRed.shownBy(id).map(textOf));
    // A warning of the connection is shown in the sidebar as well.
    await nodeRed.until('both messages', () => texts().every((shown) => shown.length > 0));
    assert.deepEqual(texts(), [['spoilt by the first flow'], ['as it was written']]);
  });

  const DEPLOYS = [
    ['nodes', 'of modified nodes'],
    ['flows', 'of modified flows'],
    ['full', 'of everything'],
  ] as const;
  for (const [type, meaning] of DEPLOYS) {
    it(`listen after a deploy ${meaning}, and once only`, async () => {
      await nodeRed.deploy(flow({ name: `changed for ${type}` }), type);
      await nodeRed.untilListening('first');
      await simulator.until(() => simulator.subscriptions(CHANNEL) === 1);
      const text = `after ${type}`;
      const before = nodeRed.debugged.length;
      simulator.message({ ...LINE, text });
      simulator.message({ ...LINE, text: 'the end' });
      const second = (): unknown[] => nodeRed.shownBy('shown-by-second').map(textOf);
      await nodeRed.until('the messages', () => nodeRed.debugged.length >= before + 4 && second().includes('the end'));
      assert.equal(second().filter((shown) => shown === text).length, 1);
      assert.equal(nodeRed.debugged.length, before + 4);
    });
  }

  it('say nothing bad about it in the log', () => {
    assert.deepEqual(
      nodeRed.lines.filter((line) => / - \[(error|fatal)\] |uncaught|timed out/i.test(line)),
      [],
    );
  });

  /** The first listener's flow changes what it gets; `changes` go to that listener. */
  function flow(changes: Readonly<Record<string, unknown>> = {}): FlowNode[] {
    const listener = { type: 'chatapp-messenger', z: 'tab', connection: 'simulator', ...LINE };
    const rules = [{ t: 'set', p: 'payload.message.text', pt: 'msg', to: 'spoilt by the first flow', tot: 'str' }];
    return [
      { id: 'tab', type: 'tab', label: 'Flow' },
      connectionTo(simulator, 'simulator'),
      { id: 'first', ...listener, wires: [['change']], ...changes },
      { id: 'second', ...listener, wires: [['shown-by-second']] },
      { id: 'change', type: 'change', z: 'tab', rules, wires: [['shown-by-first']] },
      debugNode('shown-by-first', 'tab'),
      debugNode('shown-by-second', 'tab'),
    ];
  }
});

function textOf(message: unknown): unknown {
  const payload = isRecord(message) ? message.payload : undefined;
  return isRecord(payload) && isRecord(payload.message) ? payload.message.text : undefined;
}
