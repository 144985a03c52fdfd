import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../../simulator';
import { isRecord } from '../../../src/events/json';
import { connectionTo, debugNode, sharedNodeRed, type FlowNode, type NodeRedChild } from '../../support/node-red-child';

const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const SHOWN = debugNode('shown', 'tab');
const FAILED = debugNode('failed', 'tab');
const CATCH = { id: 'catch', type: 'catch', z: 'tab', scope: null, uncaught: false, wires: [['failed']] };

/** How the dialogs call the fields. */
const LABELS: Readonly<Record<string, string>> = {
  events: 'Events',
  licenseId: 'Line',
  messengerType: 'Messenger',
  separate: 'One output for each chosen event',
  direction: 'Direction',
  ignoreOwn: 'Ignore messages sent through this connection',
  companyId: 'Company',
  userId: 'User',
  connection: 'Connection',
};

/** Settings as people edit them by hand, and the field that the error must name. */
const BROKEN: readonly (readonly [field: string, node: FlowNode])[] = [
  ['events', { id: 'events-number', type: 'chatapp-messenger', licenseId: '50101', events: 5 }],
  ['events', { id: 'events-object', type: 'chatapp-messenger', licenseId: '50101', events: { message: true } }],
  ['events', { id: 'events-mixed', type: 'chatapp-messenger', licenseId: '50101', events: ['message', 7] }],
  ['licenseId', { id: 'line-object', type: 'chatapp-messenger', licenseId: { id: 50101 } }],
  ['licenseId', { id: 'line-words', type: 'chatapp-messenger', licenseId: 'the flower shop' }],
  ['messengerType', { id: 'messenger-path', type: 'chatapp-messenger', messengerType: '../telegram' }],
  ['licenseId', { id: 'line-variable', type: 'chatapp-messenger', licenseId: '${NOBODY_SET_THIS}' }],
  ['separate', { id: 'separate-maybe', type: 'chatapp-user', userId: '7001', separate: 'maybe' }],
  ['direction', { id: 'direction-up', type: 'chatapp-messenger', direction: 'up' }],
  ['ignoreOwn', { id: 'ignore-array', type: 'chatapp-messenger', ignoreOwn: ['yes'] }],
  ['companyId', { id: 'company-missing', type: 'chatapp-company' }],
  ['userId', { id: 'user-missing', type: 'chatapp-employee', companyId: '3001' }],
  ['connection', { id: 'connection-missing', type: 'chatapp-user', userId: '7001', connection: '' }],
  ['connection', { id: 'connection-gone', type: 'chatapp-user', userId: '7001', connection: 'gone' }],
  ['connection', { id: 'connection-other', type: 'chatapp-user', userId: '7001', connection: 'another' }],
  ['connection', { id: 'connection-list', type: 'chatapp-user', userId: '7001', connection: ['simulator'] }],
];

describe('settings that hands or generators have spoilt', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;
  const ends: (() => Promise<void>)[] = [];

  before(async () => {
    simulator = await startSimulator();
    ends.unshift(() => simulator.close());
    nodeRed = await sharedNodeRed();
    ends.unshift(() => nodeRed.deploy([]));
    await nodeRed.deploy([
      TAB,
      connectionTo(simulator, 'simulator'),
      { id: 'another', type: 'tls-config', cert: '', key: '', ca: '' },
      { id: 'sound', type: 'chatapp-user', z: 'tab', connection: 'simulator', userId: '7001', wires: [['shown']] },
      ...BROKEN.map(([, node]) => ({ connection: 'simulator', ...node, z: 'tab', wires: [['shown']] })),
      CATCH,
      SHOWN,
      FAILED,
    ]);
    await nodeRed.untilListening('sound');
    await nodeRed.until('an error for each broken node', () => nodeRed.shownBy('failed').length >= BROKEN.length);
  });

  after(async () => {
    for (const end of ends) await end();
  });

  for (const [field, { id }] of BROKEN) {
    it(`are reported once to Catch nodes, by the label of the field, and shown: ${id}`, () => {
      const errors = nodeRed.shownBy('failed').flatMap((message) => {
        return isRecord(message) && isRecord(message.error) ? [message.error] : [];
      });
      const own = errors.filter(({ source }) => isRecord(source) && source.id === id);
      assert.deepEqual(
        own.map(({ code }) => code),
        ['CONFIG_INVALID'],
      );
      assert.match(String(own[0]?.message), new RegExp(`^${LABELS[field] ?? ''} is (not usable|missing)`));
      assert.deepEqual(nodeRed.statuses(id), [{ fill: 'red', shape: 'ring', text: 'check settings' }]);
    });
  }

  it('keep no other node from its events', async () => {
    simulator.announce('private-v1.users.7001', 'quickResponse', { data: [{ type: 'create' }], meta: {} });
    await nodeRed.until('the event', () => nodeRed.shownBy('shown').length > 0);
    assert.equal(nodeRed.shownBy('shown').length, 1);
  });

  it('make nothing throw', () => {
    assert.deepEqual(
      nodeRed.lines.filter((line) => /uncaught|TypeError|\bat .*\.js:\d+/i.test(line)),
      [],
    );
  });
});
