import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../../simulator';
import { at } from '../../support/flow';
import { HttpStub, type FarAnswer } from '../../support/http-stub';
import { ALL_NODES, connectionTo, debugNode, startNodeRedChild, type NodeRedChild } from '../../support/node-red-child';

const LINE = { licenseId: '50101', messengerType: 'telegram' };
const TAB = { id: 'tab', type: 'tab', label: 'Flow' };
const HOPELESS = ['400', '404', '422'];
const PASSING = ['401', '429', '503', 'network'];
/** How long the server asks to wait, in s: longer than the usual wait. */
const RETRY_AFTER = 8;

describe('http request → done, and a Catch node to the same done node, in a real Node-RED', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;
  let server: HttpStub;

  before(async () => {
    simulator = await startSimulator();
    nodeRed = await startNodeRedChild(undefined, {}, ALL_NODES);
    server = await HttpStub.start(({ path }) => answerTo(path.slice(1)));
  });
  after(async () => {
    await nodeRed.stop();
    await simulator.close();
    await server.down();
  });

  /** Hopeless requests fail each time, others the first time. */
  function answerTo(name: string): FarAnswer | undefined {
    const isFirst = timesOf(name).length === 1;
    if (HOPELESS.includes(name)) return { status: Number(name), body: `no ${name}` };
    if (name === '200' || !isFirst) return {};
    if (name === 'network') return undefined;
    return { status: Number(name), ...(name === '429' && { headers: { 'retry-after': String(RETRY_AFTER) } }) };
  }

  /** When the requests of a name came, in ms since the epoch. */
  const timesOf = (name: string): number[] =>
    server.requests.filter(({ path }) => path === `/${name}`).map(({ time }) => time);

  it('handles each event once, repeats what may pass, and reports what is hopeless once, with the reason', async () => {
    const url = `"${server.url}/" & chatapp.text`;
    await nodeRed.deploy([
      TAB,
      { ...connectionTo(simulator, 'connection'), name: 'Main' },
      {
        ...{ id: 'listener', type: 'chatapp-messenger', z: 'tab', connection: 'connection', version: 1, ack: 'done' },
        ...LINE,
        wires: [['url']],
      },
      {
        ...{ id: 'url', type: 'change', z: 'tab', wires: [['request']] },
        rules: [{ t: 'set', p: 'url', pt: 'msg', to: url, tot: 'jsonata' }],
      },
      { id: 'request', type: 'http request', z: 'tab', method: 'GET', ret: 'txt', url: '', wires: [['done']] },
      { id: 'catch', type: 'catch', z: 'tab', scope: ['request'], wires: [['done']] },
      { id: 'done', type: 'chatapp-done', z: 'tab' },
      { id: 'failures', type: 'catch', z: 'tab', scope: ['listener'], wires: [['alert']] },
      debugNode('alert', 'tab'),
    ]);
    await nodeRed.untilListening('listener');
    const names = ['200', ...HOPELESS, ...PASSING];
    for (const name of names) simulator.message({ ...LINE, text: name, chat: { id: `chat-${name}`, name } });
    await server.until(() => PASSING.every((name) => timesOf(name).length === 2));
    await nodeRed.until('the alerts', () => nodeRed.shownBy('alert').length === HOPELESS.length);
    const status = (): string => String(at(nodeRed.statuses('listener').at(-1), 'text'));
    await nodeRed.until('nothing waiting', () => status().startsWith('last event'));

    for (const name of ['200', ...HOPELESS]) assert.equal(timesOf(name).length, 1, name);
    for (const name of PASSING) assert.equal(timesOf(name).length, 2, name);
    const [first = 0, second = 0] = timesOf('429');
    assert.ok(second - first >= RETRY_AFTER * 1_000, 'the wait that the server asked for');

    const alerts = new Map(nodeRed.shownBy('alert').map((alert) => [at(alert, 'chatapp', 'text'), alert]));
    for (const name of HOPELESS) {
      const alert = alerts.get(name);
      assert.equal(at(alert, 'error', 'code'), 'DELIVERY_FAILED');
      assert.match(
        String(at(alert, 'error', 'message')),
        new RegExp(`in attempt 1: .*Reason: status ${name}, no ${name}$`),
      );
      assert.deepEqual(
        ['lineName', 'messengerName', 'connectionName'].map((field) => at(alert, 'chatapp', field)),
        ['Flower shop', 'Telegram', 'Main'],
      );
    }
    assert.deepEqual(
      nodeRed.lines.filter((line) => line.includes('chatapp-done')),
      [],
      'nothing in the log',
    );
  });
});
