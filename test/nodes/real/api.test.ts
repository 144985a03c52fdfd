import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../../simulator';
import { at } from '../../support/flow';
import { connectionTo, debugNode, sharedNodeRed, type FlowNode, type NodeRedChild } from '../../support/node-red-child';

const LINE = { licenseId: '50101', messengerType: 'grWhatsApp' } as const;
const FROM_INJECT = { type: 'chatapp-api', z: 'tab', connection: 'simulator', preset: 'path', version: 1, wires: [[]] };
const INJECT = { type: 'inject', z: 'tab', props: [], once: true, onceDelay: 0.1, repeat: '' };
const CURE = 'Enter it in the API node, or set it in the msg.';

describe('API nodes in a real Node-RED', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;

  before(async () => {
    simulator = await startSimulator();
    nodeRed = await sharedNodeRed();
    await nodeRed.deploy(flow());
    await nodeRed.untilListening('listener');
  });
  after(async () => {
    await nodeRed.deploy([]);
    await simulator.close();
  });

  const shown = (): unknown[] => nodeRed.shownBy('shown');

  it('take line, messenger and chat from the event before them, and hand a conversation on', async () => {
    simulator.message({ ...LINE, text: 'Are you open?' });
    await nodeRed.until('the conversation', () => shown().length === 1);
    assert.deepEqual(at(shown()[0], 'payload'), [{ role: 'user', text: 'Are you open?' }]);
    assert.equal(at(shown()[0], 'chatapp', 'event'), 'message');
    await nodeRed.until('a green status', () => at(nodeRed.statuses('asks').at(-1), 'fill') === 'green');
  });

  it('lose no answer of ChatApp to a deploy', async () => {
    const count = (): number => simulator.requests.filter(({ path }) => path.endsWith('/messages')).length;
    const before = count();
    simulator.faults.answerWith('messages', { delayMs: 1_000 }, 1);
    simulator.message({ ...LINE, text: 'And now?' });
    await simulator.until(() => count() > before);
    await nodeRed.deploy(flow({ name: 'changed' }), 'nodes');
    await nodeRed.until('the answer', () => shown().length === 2);
  });

  it('name a missing value as the path does, whatever it is called', async () => {
    const names = ['constructor', 'toString', '__proto__', 'label'];
    const asks = names.map((name) => ({ ...FROM_INJECT, id: `asks ${name}`, path: `/v1/{${name}}` }));
    const injects = names.map((name) => ({ ...INJECT, id: `inject ${name}`, wires: [[`asks ${name}`]] }));
    const catcher = { id: 'catcher', type: 'catch', z: 'tab', scope: null, wires: [['caught']] };
    await nodeRed.deploy([...flow(), ...asks, ...injects, catcher, debugNode('caught', 'tab')]);
    const caught = (): unknown[] => nodeRed.shownBy('caught').map((shown) => at(shown, 'error', 'message'));
    await nodeRed.until('all errors', () => caught().length === names.length);
    const texts = names.map((name) => `Nothing was asked: ${name} is missing. ${CURE}`);
    assert.deepEqual(caught().sort(), texts.sort());
  });

  function flow(changes: object = {}): FlowNode[] {
    const listener = { type: 'chatapp-messenger', z: 'tab', connection: 'simulator', ...LINE, events: ['message'] };
    const limit = { name: 'limit', value: '20', type: 'str' };
    const asks = { type: 'chatapp-api', z: 'tab', connection: 'simulator', preset: 'messages', format: 'conversation' };
    return [
      { id: 'tab', type: 'tab', label: 'Flow' },
      connectionTo(simulator, 'simulator'),
      { ...listener, id: 'listener', direction: 'in', wires: [['asks']] },
      { ...asks, id: 'asks', query: [limit], version: 1, wires: [['shown']], ...changes },
      debugNode('shown', 'tab'),
    ];
  }
});
