import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { startSimulator, type Simulator } from '../../../simulator';
import { isRecord } from '../../../src/events/json';
import {
  connectionTo,
  debugNode,
  startNodeRedChild,
  type FlowNode,
  type NodeRedChild,
} from '../../support/node-red-child';

const PACKAGE = '@chatapp-community/node-red-chatapp';
const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;

describe('a package that is removed and installed again in a running Node-RED', () => {
  let simulator: Simulator;
  let child: NodeRedChild;

  before(async () => {
    simulator = await startSimulator({ callbacks: { waitMs: 50 } });
    child = await startNodeRedChild(undefined, {}, { externalModules: { palette: { allowInstall: true } } });
  });
  after(async () => {
    await child.stop();
    await simulator.close();
  });

  const tab = { id: 'tab', type: 'tab', label: 'test' };
  const flow = (): FlowNode[] => [
    tab,
    { ...connectionTo(simulator, 'chatapp'), receive: 'webhook', webhookUrl: child.url },
    { id: 'one', type: 'chatapp-messenger', z: 'tab', connection: 'chatapp', ...LINE, events: [], wires: [['shows']] },
    debugNode('shows', 'tab'),
  ];
  const palette = async (method: string, path: string, body?: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${child.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.text()}`);
  };

  it('gets callbacks and answers editors as before', async () => {
    await child.deploy(flow());
    await child.untilListening('one');
    await child.deploy([tab]);
    await palette('DELETE', `/nodes/${PACKAGE}`);
    await palette('POST', '/nodes', { module: resolve(__dirname, '../../..') });
    await child.deploy(flow());
    await child.untilListening('one');

    simulator.message({ ...LINE, text: 'after the second load' });
    await child.until('the message', () => child.shownBy('shows').length > 0);
    const listed = await child.get('/chatapp/callbacks/chatapp');
    assert.ok(isRecord(listed));
    assert.deepEqual(listed.callbacks, [{ ...LINE, state: 'set' }]);
    assert.ok(Array.isArray(await child.get('/chatapp/account/chatapp/lines')));
  });
});
