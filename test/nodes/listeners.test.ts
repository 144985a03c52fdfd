import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import { channelName, sampleEnvelope, type ChannelAddress, type EventName } from '../../src/events';
import { at, Flow } from '../support/flow';

describe('listeners in a flow', () => {
  let flow: Flow;
  before(async () => (flow = await Flow.start()));
  afterEach(() => flow.unload());
  after(() => flow.stop());

  const TELEGRAM = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;
  const messenger = (properties: object = {}): object => ({
    id: 'messenger',
    type: 'chatapp-messenger',
    connection: 'connection',
    licenseId: TELEGRAM.licenseId,
    messengerType: TELEGRAM.messengerType,
    wires: [['out']],
    ...properties,
  });
  const OUT = { id: 'out', type: 'collect' };
  const CATCH = [
    { id: 'catcher', type: 'catch', wires: [['caught']] },
    { id: 'caught', type: 'collect' },
  ];

  let announced = 0;
  const announce = (name: EventName, address: ChannelAddress): ReturnType<typeof sampleEnvelope> => {
    const { data: items, meta } = sampleEnvelope(name, address);
    announced += 1;
    // ChatApp never gives an id twice, and what was delivered is remembered beyond a deploy.
    const data = items.map((item) => ('id' in item ? { ...item, id: `${String(item.id)}-${announced}` } : item));
    flow.simulator.announce(channelName(address), name, { data, meta: { ...meta } });
    return { data, meta };
  };

  const errorsOf = async (count: number): Promise<unknown[]> =>
    (await flow.messages('caught', count)).map(({ error }) => error);

  it('each send one msg for an event of their channel, with the item as payload and its origin in msg.chatapp', async () => {
    const [company] = flow.simulator.account.companies;
    assert.ok(company);
    const companyId = String(company.companyId);
    const userId = String(flow.simulator.account.cabinetUserId);
    const cases = [
      { address: TELEGRAM, event: 'message', saved: { licenseId: 50101, messengerType: 'telegram' } },
      { address: { type: 'company', companyId }, event: 'employeeStatus', saved: { companyId } },
      { address: { type: 'user', userId }, event: 'quickResponseList', saved: { userId } },
      { address: { type: 'employee', companyId, userId }, event: 'chatTag', saved: { companyId, userId } },
    ] as const;
    await flow.load([
      flow.connection(),
      ...cases.flatMap(({ address: { type }, saved }) => [
        { id: type, type: `chatapp-${type}`, connection: 'connection', ...saved, wires: [[`out-${type}`]] },
        { id: `out-${type}`, type: 'collect' },
      ]),
    ]);
    for (const { address, event } of cases) {
      await flow.listening(channelName(address));
      const { data, meta } = announce(event, address);
      const [message] = await flow.messages(`out-${address.type}`);
      assert.ok(message);
      assert.equal(message.topic, event);
      assert.deepEqual(message.payload, data[0]);
      const { type: _, ...ids } = address;
      const { chatapp } = message;
      for (const [id, value] of Object.entries(ids)) assert.equal(at(chatapp, id), value);
      assert.equal(at(chatapp, 'event'), event);
      assert.equal(at(chatapp, 'channel'), channelName(address));
      assert.equal(at(chatapp, 'recovered'), false);
      assert.deepEqual(at(chatapp, 'meta'), meta);
      assert.ok(Math.abs(Number(at(chatapp, 'receivedAt')) - Date.now()) < 5_000);
    }
  });

  it('on one channel share one subscription, and get messages that are independent of each other', async () => {
    const framesBefore = flow.simulator.frames.length;
    const two = [messenger({ id: 'a', wires: [['outA']] }), messenger({ id: 'b', wires: [['outB']] })];
    await flow.load([flow.connection(), ...two, { id: 'outA', type: 'collect' }, { id: 'outB', type: 'collect' }]);
    const channel = channelName(TELEGRAM);
    await flow.listening(channel);
    const { data, meta } = announce('message', TELEGRAM);
    const [a] = await flow.messages('outA');
    const [b] = await flow.messages('outB');
    const body = at(a, 'payload', 'message');
    assert.ok(body instanceof Object);
    Object.assign(body, { text: 'changed' });
    Object.assign(at(a, 'chatapp', 'meta') ?? {}, { type: 'changed' });
    assert.deepEqual(b?.payload, data[0]);
    assert.deepEqual(at(b, 'chatapp', 'meta'), meta);
    const asked = flow.simulator.frames
      .slice(framesBefore)
      .filter((frame) => frame.event === 'pusher:subscribe' && frame.channel === channel);
    assert.equal(asked.length, 1);
  });

  it('with separate outputs send each event to its own, in the order of the catalogue', async () => {
    const outputs = ['first', 'second', 'third'].map((id) => ({ id, type: 'collect' }));
    const events = ['chatTag', 'somethingNew', 'message'];
    const wires = outputs.map(({ id }) => [id]);
    await flow.load([flow.connection(), messenger({ separate: true, events, wires }), ...outputs]);
    await flow.listening(channelName(TELEGRAM));
    announce('chatRead', TELEGRAM);
    announce('chatTag', TELEGRAM);
    flow.simulator.announce(channelName(TELEGRAM), 'somethingNew', { data: [{ id: 1 }], meta: {} });
    announce('message', TELEGRAM);
    await flow.messages('first');
    const topics = outputs.map(({ id }) => flow.received(id).map(({ topic }) => topic));
    assert.deepEqual(topics, [['message'], ['chatTag'], ['somethingNew']]);
  });

  it('send every event where none is chosen, also one that nobody knows yet', async () => {
    await flow.load([flow.connection(), messenger(), OUT]);
    await flow.listening(channelName(TELEGRAM));
    announce('chatRead', TELEGRAM);
    flow.simulator.announce(channelName(TELEGRAM), 'brandNew', { data: [{ a: 1 }], meta: {} });
    const messages = await flow.messages('out', 2);
    assert.deepEqual(
      messages.map(({ topic }) => topic),
      ['chatRead', 'brandNew'],
    );
  });

  it('drop the other direction, and what the own app sent', async () => {
    const { appId } = flow.simulator.account;
    const line = { licenseId: 50101, messengerType: 'telegram' };
    await flow.load([flow.connection(), messenger({ direction: 'out', ignoreOwn: 'true' }), OUT]);
    await flow.listening(channelName(TELEGRAM));
    flow.simulator.message({ ...line, side: 'in', text: 'from the customer' });
    flow.simulator.message({ ...line, side: 'out', text: 'own', fromApp: { id: appId } });
    flow.simulator.message({ ...line, side: 'out', text: 'an operator', fromApp: { id: 'webchat' } });
    announce('chatRead', TELEGRAM);
    const messages = await flow.messages('out', 2);
    const [first] = messages;
    assert.equal(at(first, 'payload', 'message', 'text'), 'an operator');
    assert.deepEqual(
      messages.map(({ topic }) => topic),
      ['message', 'chatRead'],
    );
  });

  it('leave out messageStatus for incoming only, unless they were saved before there were versions', async () => {
    const listen = (id: string, properties: object): object[] => [
      messenger({ id, direction: 'in', ...properties, wires: [[`${id}-out`]] }),
      { id: `${id}-out`, type: 'collect' },
    ];
    await flow.load([flow.connection(), ...listen('new', { version: 1, events: [] }), ...listen('old', {})]);
    await flow.listening(channelName(TELEGRAM));
    announce('messageStatus', TELEGRAM);
    announce('chatRead', TELEGRAM);
    const topicsOf = async (id: string, count: number): Promise<unknown[]> =>
      (await flow.messages(`${id}-out`, count)).map(({ topic }) => topic);
    assert.deepEqual(await topicsOf('new', 1), ['chatRead']);
    const statuses = (await topicsOf('old', 2)).filter((topic) => topic === 'messageStatus');
    assert.ok(statuses.length > 0);
  });

  it('to companies and users have no direction: what is saved of it does nothing', async () => {
    const saved = { direction: 'out', ignoreOwn: 'maybe', connection: 'connection', wires: [['out']] };
    const nodes = [{ id: 'c', type: 'chatapp-company', companyId: '3001', ...saved }, OUT, ...CATCH];
    await flow.load([flow.connection(), ...nodes]);
    await flow.listening('private-v1.companies.3001');
    flow.simulator.announce('private-v1.companies.3001', 'employeeStatus', { data: [{ side: 'in' }], meta: {} });
    await flow.messages('out');
    assert.equal(flow.received('caught').length, 0);
  });

  it('without a line and a messenger receive every line, also one that joins later', async () => {
    await flow.load([flow.connection(), messenger({ licenseId: '', messengerType: '' }), OUT]);
    await flow.listening(channelName(TELEGRAM));
    const { licenses } = flow.simulator.account;
    const channels = licenses.flatMap(({ licenseId, messenger: types }) =>
      types.map(({ type }) => channelName({ type: 'messenger', licenseId: String(licenseId), messengerType: type })),
    );
    assert.ok(channels.length > 2);
    for (const channel of channels) await flow.listening(channel);
    flow.simulator.account.addLine({ licenseId: 50199, messengers: ['instagram'] });
    flow.simulator.dropAll();
    await flow.listening('private-v1.licenses.50199.messengers.instagram');
    flow.simulator.message({ licenseId: 50199, messengerType: 'instagram', text: 'new here' });
    const [message] = await flow.messages('out');
    assert.equal(at(message, 'chatapp', 'licenseId'), '50199');
  });

  it('tell in status and error which field is wrong and what it wants, while their neighbours go on', async () => {
    const bad = [
      messenger({ id: 'm1', licenseId: 'twelve' }),
      messenger({ id: 'm2', messengerType: 'grWhats App' }),
      messenger({ id: 'm3', events: 7 }),
      messenger({ id: 'm4', separate: 'maybe' }),
      messenger({ id: 'm5', direction: {} }),
      messenger({ id: 'm6', connection: '' }),
      messenger({ id: 'm7', connection: 'out' }),
      messenger({ id: 'm8', connection: 'gone' }),
      messenger({ id: 'm9', ack: 'later' }),
      messenger({ id: 'n1', ackSeconds: 0 }),
      messenger({ id: 'n3', inFlight: 1.5 }),
      { id: 'c1', type: 'chatapp-company', connection: 'connection', wires: [['out']] },
      { id: 'e1', type: 'chatapp-employee', connection: 'connection', companyId: '7', userId: '', wires: [['out']] },
    ];
    await flow.load([flow.connection(), ...bad, messenger(), OUT, ...CATCH]);
    const errors = await errorsOf(bad.length);
    const reported = errors.map((error) => {
      assert.equal(at(error, 'code'), 'CONFIG_INVALID');
      assert.equal(at(error, 'stack'), undefined);
      return `${String(at(error, 'source', 'id'))} ${String(at(error, 'message')).split(' ', 1)[0]}`;
    });
    assert.deepEqual(reported.sort(), [
      'c1 companyId',
      'e1 userId',
      'm1 licenseId',
      'm2 messengerType',
      'm3 events',
      'm4 separate',
      'm5 direction',
      'm6 connection',
      'm7 connection',
      'm8 connection',
      'm9 ack',
      'n1 ackSeconds',
      'n3 inFlight',
    ]);
    await flow.listening(channelName(TELEGRAM));
    announce('message', TELEGRAM);
    await flow.messages('out');
    assert.equal(flow.received('caught').length, bad.length);
  });

  it('tell once what is wrong with their connection, not once for each of them', async () => {
    const nodes = [messenger({ id: 'a' }), messenger({ id: 'b' }), OUT, ...CATCH];
    await flow.load([flow.connection({ apiUrl: 'api.example' }), ...nodes], { email: 'x@example.org' });
    const errors = await errorsOf(2);
    const reported = errors.map((error) =>
      String(at(error, 'message'))
        .split(/[:.] | is /, 2)
        .join(' '),
    );
    assert.deepEqual(reported.sort(), ['These fields are missing password, appId', 'apiUrl not usable']);
    assert.equal(flow.received('caught').length, 2);
  });

  it('cannot leave out own messages without knowing the own app, and say so', async () => {
    const { accessToken } = flow.simulator.account;
    const nodes = [messenger({ ignoreOwn: true }), OUT, ...CATCH];
    await flow.load([flow.connection({ auth: 'token' }), ...nodes], { accessToken });
    const [error] = await errorsOf(1);
    assert.match(String(at(error, 'message')), /^appId is missing/);
  });

  it('of one refused channel tell it once a tab, and show it', async () => {
    const foreign = { licenseId: '99999', messengerType: 'telegram' };
    const nodes = [messenger({ id: 'a', ...foreign }), messenger({ id: 'b', ...foreign }), OUT, ...CATCH];
    await flow.load([flow.connection(), ...nodes]);
    const [error] = await errorsOf(1);
    assert.equal(at(error, 'code'), 'CHANNEL_REFUSED');
    assert.match(String(at(error, 'message')), /99999/);
    for (const id of ['a', 'b']) {
      const shown = at(helper.getNode(id), 'status', 'lastCall', 'args', '0');
      assert.equal(`${String(at(shown, 'fill'))} ${String(at(shown, 'shape'))}`, 'red ring');
    }
    assert.equal(flow.received('caught').length, 1);
  });

  it('of a dead pasted token tell it in plain words, once for the whole tab', async () => {
    const nodes = [messenger({ id: 'a' }), messenger({ id: 'b', messengerType: 'grWhatsApp' }), OUT, ...CATCH];
    await flow.load([flow.connection({ auth: 'token' }), ...nodes], { accessToken: 'long-dead' });
    const [error] = await errorsOf(1);
    assert.equal(at(error, 'code'), 'TOKEN_INVALID');
    assert.match(String(at(error, 'message')), /Paste a new one/);
    assert.doesNotMatch(JSON.stringify(error), /long-dead/);
    assert.equal(flow.received('caught').length, 1);
  });

  it('log in with a token that was pasted with invisible characters and blanks', async () => {
    const { accessToken } = flow.simulator.account;
    const pasted = `\ufeff${accessToken.slice(0, 9)}\u200b${accessToken.slice(9)}\u00a0\n`;
    await flow.load([flow.connection({ auth: 'token' }), messenger(), OUT, ...CATCH], { accessToken: pasted });
    await flow.listening(channelName(TELEGRAM));
    assert.equal(flow.received('caught').length, 0);
  });

  it('tell of a token that cannot be sent that it is not usable, not that ChatApp cannot be reached', async () => {
    const nodes = [messenger(), OUT, ...CATCH];
    await flow.load([flow.connection({ auth: 'token' }), ...nodes], { accessToken: '$2y$10$abc…', refreshToken: 'é' });
    const errors = await errorsOf(2);
    const reported = errors.map((error) => `${String(at(error, 'code'))} ${String(at(error, 'message'))}`);
    assert.match(
      reported.sort().join(),
      /^CONFIG_INVALID accessToken is not usable: .*CONFIG_INVALID refreshToken is not/,
    );
  });

  it('are gone from the wire as soon as they are gone from the flow', async () => {
    await flow.load([flow.connection(), messenger(), OUT]);
    await flow.listening(channelName(TELEGRAM));
    await flow.unload();
    await flow.simulator.until(({ sockets }) => sockets === 0);
  });
});
