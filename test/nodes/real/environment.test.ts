import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../../simulator';
import { connectionTo, startNodeRedChild, type FlowNode, type NodeRedChild } from '../../support/node-red-child';

/** A line that the account has, and one that it has not: listeners there are refused. */
const GOOD = '50101';
const WRONG = '1';

/** As `docs/environment.md` tells it. */
describe('environment variables of a real Node-RED', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;
  before(async () => {
    simulator = await startSimulator();
    nodeRed = await startNodeRedChild(undefined, {
      IN_PROCESS: GOOD,
      OVER_PROCESS: WRONG,
      EMPTY: '',
      API_URL: simulator.url,
      PASSWORD: simulator.account.password,
    });
    await nodeRed.deploy(flow(simulator));
  });
  after(async () => {
    await nodeRed.stop();
    await simulator.close();
  });

  it('come from the process, from the global ones, from the tab and from the group: the nearest one counts', async () => {
    await nodeRed.untilListening('of-process', 'of-global', 'of-tab', 'of-group');
  });

  it('serve a connection, its credentials too; those of a tab, if it belongs to the tab', async () => {
    await nodeRed.untilListening('of-process', 'on-connection-of-tab');
    const text = 'the environment variable TAB_URL is not set';
    await nodeRed.until(text, () => nodeRed.lines.some((line) => line.includes('on-global') && line.includes(text)));
  });

  it('mean "all" where they are set to nothing', async () => {
    await nodeRed.untilListening('of-empty');
    assert.equal(simulator.subscriptions('private-v1.licenses.50102.messengers.instagram'), 1);
  });

  it('make the node red where they are not set, or are only a part of the value', async () => {
    for (const id of ['of-nothing', 'of-part']) {
      await nodeRed.until(`${id} is red`, () => nodeRed.statuses(id).at(-1)?.text === 'check settings');
    }
    assert.ok(nodeRed.lines.some((line) => line.includes('the environment variable NOT_SET is not set')));
  });
});

function flow(simulator: Simulator): FlowNode[] {
  const connection = connectionTo(simulator, 'connection');
  const { email, appId } = simulator.account;
  const listener = (id: string, licenseId: string, more: object = {}): FlowNode => ({
    id,
    type: 'chatapp-messenger',
    z: 'tab',
    name: id,
    connection: 'connection',
    licenseId,
    messengerType: '',
    wires: [[]],
    ...more,
  });
  return [
    { id: 'global', type: 'global-config', env: [variable('OVER_PROCESS', GOOD), variable('OVER_GLOBAL', WRONG)] },
    {
      id: 'tab',
      type: 'tab',
      env: [variable('OVER_GLOBAL', GOOD), variable('OVER_TAB', WRONG), variable('TAB_URL', simulator.url)],
    },
    { id: 'group', type: 'group', z: 'tab', nodes: ['of-group'], env: [variable('OVER_TAB', GOOD)], w: 100, h: 100 },
    { ...connection, apiUrl: '${API_URL}', credentials: { email, appId, password: '${PASSWORD}' } },
    { ...connection, id: 'of-tab-alone', z: 'tab', apiUrl: '${TAB_URL}' },
    { ...connection, id: 'global-one', apiUrl: '${TAB_URL}' },
    listener('of-process', '${IN_PROCESS}'),
    listener('of-global', '${OVER_PROCESS}'),
    listener('of-tab', '${OVER_GLOBAL}'),
    listener('of-group', '${OVER_TAB}', { g: 'group' }),
    listener('of-empty', '${EMPTY}'),
    listener('of-nothing', '${NOT_SET}'),
    listener('of-part', '5${IN_PROCESS}'),
    listener('on-connection-of-tab', GOOD, { connection: 'of-tab-alone' }),
    listener('on-global', GOOD, { connection: 'global-one' }),
  ];
}

function variable(name: string, value: string): object {
  return { name, type: 'str', value };
}
