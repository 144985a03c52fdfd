import assert from 'node:assert/strict';
import parse from 'parse-prometheus-text-format';
import { startSimulator, type Simulator } from '../../../simulator';
import { isRecord, listIn, parseJson } from '../../../src/events/json';
import { at } from '../../support/flow';
import {
  connectionTo,
  debugNode,
  startNodeRedChild,
  type FlowNode,
  type NodeRedChild,
} from '../../support/node-red-child';
import { WAIT_LIMIT } from '../../support/wait-limit';

const LINE = { licenseId: '50101', messengerType: 'telegram' };
const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
/** What a customer writes and is: none of it may be seen. */
const MARKS = { text: 'M4RK-text', name: 'M4RK-name', chat: 'M4RK-chat', phone: '79995550123' };
/** Of connections that cannot log in. */
const SECRETS = {
  accessToken: 'M4RK-access',
  refreshToken: 'M4RK-refresh',
  clusterUser: 'M4RK-nats-user',
  clusterPassword: 'M4RK-nats-password',
};
const TAB = { id: 'tab', type: 'tab', label: 'Flow' };

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

describe('the state of a connection, as a real Node-RED tells it,', () => {
  let simulator: Simulator;
  let nodeRed: NodeRedChild;
  before(async () => {
    simulator = await startSimulator();
    nodeRed = await startNodeRedChild();
    await nodeRed.deploy(flow(simulator));
    await nodeRed.untilListening('listener', 'lost');
  });
  after(async () => {
    await nodeRed.stop();
    await simulator.close();
  });

  function flow(to: Simulator): FlowNode[] {
    const { email, password, appId } = to.account;
    const listener = { type: 'chatapp-messenger', z: 'tab', connection: 'connection', version: 1, events: ['message'] };
    return [
      TAB,
      { ...connectionTo(to, 'connection'), name: 'Main' },
      { ...listener, ...LINE, id: 'listener', ack: 'done', wires: [['failed', 'shown']] },
      { ...listener, ...LINE, id: 'lost', direction: 'out', wires: [] },
      { id: 'failed', type: 'chatapp-done', z: 'tab', outcome: 'giveUp' },
      debugNode('shown', 'tab'),
      {
        ...{ ...connectionTo(to, 'pasted'), auth: 'token', receive: 'both' },
        ...{ webhookUrl: 'https://example.com/M4RK-path/', credentials: SECRETS },
      },
      { ...listener, ...LINE, id: 'refused', connection: 'pasted', wires: [] },
      {
        ...{ ...connectionTo(to, 'shared'), cluster: 'nats://127.0.0.1:1', clusterAuth: 'user' },
        credentials: { email, password, appId, ...SECRETS },
      },
      { ...listener, ...LINE, id: 'unreachable', connection: 'shared', wires: [] },
      { id: 'broken', type: 'chatapp-connection', name: '', auth: 'account', credentials: {} },
      { id: 'statuses', type: 'status', z: 'tab', scope: null, wires: [['seen']] },
      debugNode('seen', 'tab'),
      { id: 'chosen', type: 'status', z: 'tab', scope: ['listener', 'lost'], wires: [['seenChosen']] },
      debugNode('seenChosen', 'tab'),
      { id: 'others', type: 'status', z: 'tab', scope: ['failed'], wires: [['seenOthers']] },
      debugNode('seenOthers', 'tab'),
    ];
  }

  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const answer = await fetch(`${nodeRed.url}${path}`, { signal: AbortSignal.timeout(WAIT_LIMIT), ...init });
    const text = await answer.text();
    return { status: answer.status, text, json: parseJson(text) };
  };
  const post = (path: string, body: object = {}): Promise<Answer> =>
    ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const healthOf = async (id: string): Promise<unknown> => {
    const connections = at((await ask('/chatapp/health')).json, 'connections');
    assert.ok(Array.isArray(connections));
    return connections.find((one: unknown) => isRecord(one) && one.id === id);
  };
  const letters = async (): Promise<unknown[]> => {
    const list: unknown = at((await ask('/chatapp/dead-letters/connection')).json, 'letters');
    return [...(listIn(list) ?? [])];
  };
  const write = (): void => {
    const chat = { id: MARKS.chat, name: MARKS.name, phone: MARKS.phone };
    simulator.message({ ...LINE, text: MARKS.text, chat });
  };
  const untilShown = (count: number): Promise<void> =>
    nodeRed.until(`${count} messages`, () => nodeRed.shownBy('shown').length === count);
  const untilDead = (count: number): Promise<void> =>
    nodeRed.until(`${count} dead letters`, () => deadLetterStatuses().length === count);
  const deadLetterStatuses = (): unknown[] =>
    nodeRed.shownBy('seen').filter((shown) => at(shown, 'status', 'event') === 'deadLetter');

  it('says what is received, how the login stands, and why a connection does not exist', async () => {
    const main = await healthOf('connection');
    assert.equal(at(main, 'name'), 'Main');
    const [channel] = [at(main, 'health', 'channels')].flat();
    assert.deepEqual(
      ['channel', 'type', 'lineName', 'messengerName', 'state', 'listeners'].map((field) => at(channel, field)),
      [CHANNEL, 'messenger', 'Flower shop', 'Telegram', 'receiving', ['listener', 'lost']],
    );
    assert.deepEqual([at(main, 'health', 'login', 'method'), at(main, 'health', 'login', 'state')], ['account', 'ok']);
    assert.equal(at(main, 'health', 'socket', 'state'), 'open');
    assert.equal(at(main, 'health', 'store', 'isWorking'), true);
    const broken = await healthOf('broken');
    assert.deepEqual([at(broken, 'problems', '0', 'code'), at(broken, 'health')], ['CONFIG_INVALID', undefined]);
  });

  it('lists, shows, delivers again and discards dead letters', async () => {
    write();
    await untilDead(1);
    const [letter] = await letters();
    assert.deepEqual(
      ['listener', 'event', 'channel', 'attempts', 'reason'].map((field) => at(letter, field)),
      ['listener', 'message', CHANNEL, 1, 'gaveUp'],
    );
    const path = `/chatapp/dead-letters/connection/${String(at(letter, 'id'))}`;
    const shown = await ask(path);
    assert.deepEqual([at(shown.json, 'chatapp', 'text'), at(shown.json, 'topic')], [MARKS.text, 'message']);

    await untilShown(1);
    assert.equal((await post(`${path}/redeliver`)).status, 204);
    await untilDead(2);
    await untilShown(2);
    assert.equal(at(nodeRed.shownBy('shown')[1], 'chatapp', 'attempt'), 1, 'it begins with attempt 1');
    const [again, ...others] = await letters();
    assert.deepEqual(others, []);
    const newPath = `/chatapp/dead-letters/connection/${String(at(again, 'id'))}`;
    assert.equal((await post(`${newPath}/discard`)).status, 204);
    assert.deepEqual(await letters(), []);
    for (const after of [await ask(path), await post(`${path}/redeliver`), await post(`${path}/discard`)])
      assert.equal(after.status, 404);
  });

  it('takes no form of another page for a yes', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const path of [
      '/chatapp/dead-letters/connection/1/discard',
      '/chatapp/gap/connection',
      '/chatapp/check/connection',
    ])
      assert.equal((await ask(path, { method: 'POST', headers, body: 'a=b' })).status, 415, path);
  });

  it('reports to Status nodes what a flow may want to know, with the names of docs/monitoring.md', async () => {
    write();
    await untilDead(3);
    const [latest] = deadLetterStatuses().slice(-1);
    assert.deepEqual(
      ['text', 'listener', 'eventName', 'source'].map((field) => at(latest, 'status', field)),
      ['dead letter: message', 'listener', 'message', { id: 'connection', type: 'chatapp-connection', name: 'Main' }],
    );
    const isOfConnection = (shown: unknown): boolean => at(shown, 'status', 'event') !== undefined;
    assert.ok(nodeRed.shownBy('seenChosen').some(isOfConnection), 'its listeners are selected');
    assert.ok(!nodeRed.shownBy('seenOthers').some(isOfConnection), 'no listener is selected');
    simulator.dropAll();
    const events = (): unknown[] =>
      nodeRed
        .shownBy('seen')
        .filter((shown) => at(shown, 'status', 'source', 'id') === 'connection')
        .flatMap((shown) => at(shown, 'status', 'event') ?? []);
    await nodeRed.until('a gap that opens', () => events().includes('gapOpened') && events().at(-1) !== 'disconnected');
    const since = events().indexOf('disconnected');
    assert.deepEqual(
      events()
        .slice(since, since + 3)
        .sort(),
      ['connected', 'disconnected', 'gapOpened'],
    );
  });

  it('says how far the filling of a gap is, and fetches when it is asked to', async () => {
    const [channel] = [at(await healthOf('connection'), 'health', 'channels')].flat();
    assert.equal(typeof at(channel, 'gap', 'from'), 'number');
    const list = '/v1/licenses/50101/messengers/telegram/chats';
    const before = simulator.requestsTo(list).length;
    assert.ok(before > 0);
    assert.equal((await post('/chatapp/gap/connection', { channel: CHANNEL })).status, 204);
    assert.equal((await post('/chatapp/gap/none')).status, 404);
    await simulator.until((one) => one.requestsTo(list).length > before);
  });

  it('counts for Prometheus', async () => {
    const { status, text } = await ask('/chatapp/metrics');
    assert.equal(status, 200);
    const families = parse(text);
    const valueOf = (name: string, labels: Readonly<Record<string, string>>): number | undefined => {
      const samples = families.find((family) => family.name === name)?.metrics ?? [];
      const sample = samples.find((one) =>
        Object.entries(labels).every(([label, value]) => one.labels?.[label] === value),
      );
      return sample && Number(sample.value);
    };
    const message = { connection: 'Main', event: 'message', source: 'socket' };
    assert.equal(valueOf('chatapp_events_received_total', message), 2);
    // Once by the socket and once out of the store.
    assert.equal(valueOf('chatapp_events_dead_lettered_total', message), 2);
    assert.equal(valueOf('chatapp_events_dead_lettered_total', { ...message, source: 'store' }), 1);
    assert.equal(valueOf('chatapp_dead_letters', { connection: 'Main' }), 1);
    assert.equal(valueOf('chatapp_line_receiving', { line: '50101', messenger: 'telegram' }), 1);
  });

  it('makes a report for a bug report', async () => {
    const { status, text } = await ask('/chatapp/diagnostics/connection');
    assert.equal(status, 200);
    assert.match(text, /^ {2}Node-RED: \d+\.\d+\.\d+(-git)?$/m);
    assert.match(text, /^ {2}login: email and password$/m);
    assert.match(text, new RegExp(`channel ${CHANNEL}, state receiving`));
    assert.match(text, /DELIVERY_FAILED\.gaveUp: The flow gave up an event "message"/);
    assert.equal((await ask('/chatapp/diagnostics/none')).status, 404);
  });

  it('tries a deployed connection', async () => {
    const steps = (await post('/chatapp/check/connection')).text
      .trim()
      .split('\n')
      .map((line) => parseJson(line));
    assert.deepEqual(
      steps.map((step) => [at(step, 'step'), at(step, 'outcome')]).sort(),
      ['lines', 'login', 'settings', 'socket'].map((step) => [step, 'ok']),
    );
  });

  it('holds no secret, and nothing of a customer', async () => {
    const { email, password, appId, accessToken } = simulator.account;
    const secrets = [...Object.values(MARKS), ...Object.values(SECRETS), 'M4RK', email, password, appId, accessToken];
    assert.ok(at(await healthOf('pasted'), 'health', 'login', 'failure'), 'what fails may tell too much');
    assert.ok(at(await healthOf('shared'), 'health', 'cluster', 'failure'), 'what fails may tell too much');
    const ids = ['connection', 'pasted', 'shared'];
    const paths = [...['health', 'metrics', 'dead-letters/connection'], ...ids.map((id) => `diagnostics/${id}`)];
    const texts = await Promise.all(paths.map(async (path) => (await ask(`/chatapp/${path}`)).text));
    for (const text of texts) {
      assert.ok(text.length > 100);
      assert.deepEqual(
        secrets.filter((secret) => text.includes(secret)),
        [],
      );
    }
  });
});

describe('the state of connections, for users of a Node-RED with logins,', () => {
  let nodeRed: NodeRedChild;
  before(async () => {
    const adminAuth = { type: 'credentials', users: [], default: { permissions: 'read' } };
    nodeRed = await startNodeRedChild(undefined, {}, { adminAuth });
  });
  after(() => nodeRed.stop());

  const statusOf = async (method: string, path: string): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const init = method === 'GET' ? {} : { headers, body: '{}' };
    return (await fetch(`${nodeRed.url}/chatapp/${path}`, { method, ...init })).status;
  };

  it('may be read by those who may read', async () => {
    for (const path of ['health', 'metrics']) assert.equal(await statusOf('GET', path), 200, path);
    for (const path of ['diagnostics/x', 'dead-letters/x']) assert.equal(await statusOf('GET', path), 404, path);
  });

  it('lets nobody else see messages or change something', async () => {
    assert.equal(await statusOf('GET', 'dead-letters/x/1'), 401);
    for (const path of ['dead-letters/x/1/redeliver', 'dead-letters/x/1/discard', 'gap/x', 'check/x'])
      assert.equal(await statusOf('POST', path), 401, path);
  });
});
