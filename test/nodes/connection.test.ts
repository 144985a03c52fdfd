import assert from 'node:assert/strict';
import { at, Flow } from '../support/flow';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

/** How Node-RED's own words for the state of a connection begin. */
const SOCKET = 'node-red:common.status.';

describe('a connection in a flow', () => {
  let flow: Flow;
  before(async () => (flow = await Flow.start()));
  afterEach(() => flow.unload());
  after(() => flow.stop());

  const listener = (id: string, properties: object = {}): object => ({
    id,
    type: 'chatapp-messenger',
    connection: 'connection',
    licenseId: '50101',
    messengerType: 'telegram',
    wires: [[]],
    ...properties,
  });
  const OBSERVERS = [
    { id: 'observer', type: 'status', wires: [['seen']] },
    { id: 'seen', type: 'collect' },
    { id: 'catcher', type: 'catch', wires: [['caught']] },
    { id: 'caught', type: 'collect' },
  ];

  /** The statuses of the connection itself that Status nodes got. */
  const lifecycle = (): unknown[] =>
    flow
      .received('seen')
      .filter((message) => at(message, 'status', 'source', 'type') === 'chatapp-connection')
      .map((message) => String(at(message, 'status', 'text')))
      .filter((text) => text.startsWith(SOCKET))
      .map((text) => text.replace(SOCKET, ''));
  /** The status events of the connection that Status nodes got. */
  const statusEvents = (): unknown[] =>
    flow.received('seen').flatMap((message) => at(message, 'status', 'event') ?? []);

  it('tells its life to the Status nodes of a tab once, however many listeners it has there', async () => {
    await flow.load([flow.connection(), listener('a'), listener('b'), listener('c'), ...OBSERVERS]);
    await flow.listening(CHANNEL);
    assert.deepEqual(lifecycle(), ['connecting', 'connected']);
    const { connections } = flow.simulator;
    flow.simulator.dropAll();
    await flow.simulator.until((simulator) => simulator.connections > connections);
    await flow.listening(CHANNEL);
    assert.deepEqual(lifecycle(), ['connecting', 'connected', 'disconnected', 'connecting', 'connected']);
    const ofSocket = statusEvents().filter((event) => event === 'connected' || event === 'disconnected');
    assert.deepEqual(ofSocket, ['connected', 'disconnected', 'connected']);
  });

  it('opens no socket without a listener, and one however many there are', async () => {
    const { connections } = flow.simulator;
    await flow.load([flow.connection()]);
    assert.equal(flow.simulator.connections, connections);
    await flow.unload();
    await flow.load([flow.connection(), listener('a'), listener('b', { messengerType: 'grWhatsApp' })]);
    await flow.listening('private-v1.licenses.50101.messengers.grWhatsApp');
    await flow.listening(CHANNEL);
    assert.equal(flow.simulator.connections, connections + 1);
  });

  it('shares its session with another one of the same account: a dead token is renewed once for both', async () => {
    const { email, password, appId } = flow.simulator.account;
    // Logged in by now, at the latest by the tests above: what is kept is used again.
    flow.simulator.expireAccessToken();
    const before = flow.simulator.requestsTo('/v1/tokens/refresh').length;
    const second = flow.connection({ id: 'second' });
    const nodes = [listener('a'), listener('b', { connection: 'second', messengerType: 'grWhatsApp' })];
    await flow.load(
      [flow.connection(), second, ...nodes],
      { email, password, appId },
      { second: { email, password, appId } },
    );
    await flow.listening(CHANNEL);
    await flow.listening('private-v1.licenses.50101.messengers.grWhatsApp');
    assert.equal(flow.simulator.requestsTo('/v1/tokens/refresh').length - before, 1);
  });

  it('keeps a refused login to itself: one error, one request', async () => {
    const { email, appId } = flow.simulator.account;
    const before = flow.simulator.requestsTo('/v1/tokens').length;
    const nodes = [listener('a'), listener('b', { messengerType: 'grWhatsApp' }), ...OBSERVERS];
    await flow.load([flow.connection(), ...nodes], { email, appId, password: 'wrong' });
    const [error] = await flow.messages('caught');
    assert.equal(at(error, 'error', 'code'), 'LOGIN_REFUSED');
    assert.equal(at(error, 'error', 'source', 'type'), 'chatapp-connection');
    assert.equal(flow.received('caught').length, 1);
    assert.equal(flow.simulator.requestsTo('/v1/tokens').length, before + 1);
  });

  it('reports a socket URL where no socket server is', async () => {
    const wrong = `${flow.simulator.socketUrl}/nowhere`;
    await flow.load([flow.connection({ socketUrl: wrong }), listener('a'), ...OBSERVERS]);
    const [error] = await flow.messages('caught');
    assert.equal(at(error, 'error', 'code'), 'CONNECTION_REFUSED');
    assert.match(String(at(error, 'error', 'message')), /HTTP 404.*socket URL/);
  });
});
