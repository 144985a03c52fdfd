import assert from 'node:assert/strict';
import type { NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import { at, coreNode, Flow } from '../support/flow';

const LINE = { licenseId: '50101', messengerType: 'telegram' };
const CHAT = '7301';
const BASE = '/v1/licenses/50101/messengers/telegram';

describe('an API node in a flow', () => {
  let flow: Flow;
  let complete: NodeInitializer;
  before(async () => (complete = await coreNode('common/24-complete')));
  beforeEach(async () => (flow = await Flow.start({ requestsPerSecond: 10_000 })));
  afterEach(async () => {
    await flow.unload();
    await flow.stop();
  });

  const api = (properties: object = {}): object => ({
    ...{ id: 'node', type: 'chatapp-api', connection: 'connection', preset: 'path', version: 1 },
    ...{ wires: [['out']], ...properties },
  });
  const row = (name: string, value: string, type = 'str'): object => ({ name, value, type });
  const load = (...nodes: object[]): Promise<void> =>
    flow.load(
      [
        flow.connection(),
        ...nodes,
        { id: 'out', type: 'collect' },
        { id: 'catcher', type: 'catch', wires: [['caught']] },
        { id: 'caught', type: 'collect' },
      ],
      undefined,
      {},
      [complete],
    );
  const give = (message: object = {}): void => helper.getNode('node')?.receive({ _msgid: 'm', ...message });
  const out = async (count = 1): Promise<unknown> => (await flow.messages('out', count)).at(-1);
  const errors = async (count = 1): Promise<unknown[]> =>
    (await flow.messages('caught', count)).map((msg) => msg.error);
  const reasonOf = (error: unknown): string => `${String(at(error, 'code'))}.${String(at(error, 'cause', 'reason'))}`;
  const asked = (path: string): readonly object[] => flow.simulator.requestsTo(path);
  const write = (count: number): void => {
    for (let number = 1; number <= count; number += 1)
      flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: CHAT, text: `message ${number}` });
  };

  it('answers with the data, the status, and all else of the msg as it was', async () => {
    await load(api({ preset: 'phoneCheck', query: [row('phone', 'payload', 'msg')] }));
    const chatapp = { ...LINE, chatId: CHAT, event: 'message' };
    give({ payload: '+7 (900) 111-22-33', topic: 'kept', chatapp });
    const message = await out();
    assert.deepEqual(at(message, 'payload'), { exist: true, chatId: '79001112233@c.us' });
    assert.equal(at(message, 'statusCode'), 200);
    assert.equal(at(message, 'topic'), 'kept');
    assert.deepEqual(at(message, 'chatapp'), chatapp);
    assert.equal(asked(`${BASE}/phones/79001112233/check`).length, 1);
  });

  it('asks every method that is offered', async () => {
    write(1);
    const values = [row('phone', '79001112233'), row('username', 'anna'), row('companyId', '3001')];
    const query = [
      ...values,
      row('employeeId', '7002'),
      row('name', 'Team'),
      row('phones', '79001112233, 79001112234'),
    ];
    const where = { ...LINE, chatId: CHAT, query };
    const answers: Record<string, (payload: unknown) => boolean> = {
      messages: (payload) => at(payload, 'items', '0', 'message', 'text') === 'message 1',
      chat: (payload) => at(payload, 'id') === CHAT,
      chats: (payload) => at(payload, 'items', '0', 'id') === CHAT,
      allChats: (payload) => at(payload, 'items', '0', 'id') === CHAT,
      templates: (payload) => at(payload, 'items', '0', 'elementName') === 'order_ready',
      phoneCheck: (payload) => at(payload, 'exist') === true,
      userCheck: (payload) => at(payload, 'chatId') === 'anna',
      createGroup: (payload) => at(payload, 'participants') === 2,
      tags: (payload) => at(payload, 'items', '0', 'name') === 'VIP',
      companies: (payload) => at(payload, 'items', '0', 'companyId') === 3001,
      employees: (payload) => at(payload, 'items', '1', 'id') === 7002,
      employee: (payload) => at(payload, 'fullName') === 'João Lima',
      lines: (payload) => at(payload, '0', 'licenseId') === 50101,
      balance: (payload) => at(payload, 'balance') === 250,
      me: (payload) => at(payload, 'cabinetUserId') === 7001,
    };
    await load(...Object.keys(answers).map((preset) => api({ ...where, id: `ask-${preset}`, preset })));
    for (const [index, [preset, isGood]] of Object.entries(answers).entries()) {
      helper.getNode(`ask-${preset}`)?.receive({ topic: preset });
      const payload = at(await out(index + 1), 'payload');
      assert.ok(isGood(payload), `${preset}: ${JSON.stringify(payload)}`);
    }
    assert.equal(flow.received('caught').length, 0);
  });

  it('asks any other method by its path, with query and body', async () => {
    const path = '/v1/licenses/{licenseId}/messengers/{messengerType}/chats/{id}/messages/{kind}';
    const query = [row('id', 'payload.to', 'msg'), row('kind', 'text'), row('empty', ''), row('extra', '{{topic}}')];
    await load(api({ method: 'POST', path, ...LINE, query, body: '{"text": payload.words}', bodyType: 'jsonata' }));
    give({ payload: { to: CHAT, words: 'by path' }, topic: 'a b&c' });
    assert.ok(at(await out(), 'payload', 'id'));
    const [request] = asked(`${BASE}/chats/${CHAT}/messages/text`);
    assert.equal(at(request, 'query'), '?extra=a+b%26c');
  });

  it('reads all pages of a list, as one list or as a msg with parts for each page', async () => {
    write(230);
    const where = { preset: 'messages', ...LINE, chatId: CHAT };
    await load(
      api({ ...where, pages: 'all' }),
      api({ ...where, id: 'some', pages: 'all', query: [row('limit', '120')] }),
      api({ ...where, id: 'by-page', pages: 'each' }),
    );
    give();
    const all = at(await out(), 'payload');
    assert.ok(Array.isArray(all) && all.length === 230, 'each once');
    helper.getNode('some')?.receive({});
    const some = at(await out(2), 'payload');
    assert.ok(Array.isArray(some) && some.length === 120);
    helper.getNode('by-page')?.receive({ topic: 'kept' });
    const pages = (await flow.messages('out', 5)).slice(2);
    assert.deepEqual(
      pages.map((page) => [at(page, 'payload', 'length'), at(page, 'parts', 'index'), at(page, 'parts', 'count')]),
      [
        [100, 0, undefined],
        [100, 1, undefined],
        [30, 2, 3],
      ],
    );
    assert.equal(new Set(pages.map((page) => at(page, 'parts', 'id'))).size, 1);
    assert.ok(pages.every((page) => page.topic === 'kept'));
  });

  it('gives the history of a chat as a conversation, oldest first', async () => {
    write(2);
    flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: CHAT, text: 'answer', side: 'out' });
    await load(api({ preset: 'messages', format: 'conversation', query: [row('limit', '20')] }));
    give({ chatapp: { ...LINE, chatId: CHAT } });
    assert.deepEqual(at(await out(), 'payload'), [
      { role: 'user', text: 'message 1' },
      { role: 'user', text: 'message 2' },
      { role: 'assistant', text: 'answer' },
    ]);
  });

  it('reports ChatApp’s status, code and words, marked as such', async () => {
    await load(api({ path: '/v1/companies', query: [row('limit', '101')] }));
    give({ own: 1 });
    const [error] = await errors();
    assert.deepEqual(at(error, 'cause'), {
      reason: 'refused',
      status: 422,
      apiCode: 'ApiValidationError',
      words: 'The limit must be between 1 and 100.',
    });
    assert.match(String(at(error, 'message')), /status 422 \(ApiValidationError\)\. ChatApp says: “The limit must/);
    assert.equal(at(flow.received('caught')[0], 'own'), 1);
  });

  it('repeats a GET that fails, and nothing else once it has left', async () => {
    await load(
      api({ preset: 'lines' }),
      api({ id: 'post', method: 'POST', path: `${BASE}/chats/${CHAT}/messages/text`, body: '{"text":"once"}' }),
    );
    flow.simulator.faults.answerWith('lines', { status: 503, body: {} }, 1);
    give();
    assert.equal(at(await out(), 'statusCode'), 200);
    for (const fault of ['accept and hang up', { status: 502, body: {} }] as const) {
      const count = flow.received('caught').length + 1;
      flow.simulator.faults.answerWith('send', fault);
      helper.getNode('post')?.receive({});
      await errors(count);
    }
    for (const error of await errors(2)) {
      assert.equal(reasonOf(error), 'API_FAILED.uncertain');
      assert.doesNotMatch(String(at(error, 'message')), new RegExp(CHAT), 'a chat may be a phone');
    }
    flow.simulator.faults.answerWith('send', { status: 429, body: {} });
    helper.getNode('post')?.receive({});
    assert.equal(reasonOf((await errors(3))[2]), 'API_FAILED.refused');
    assert.equal(asked(`${BASE}/chats/${CHAT}/messages/text`).length, 3);
  });

  it('lets the send nodes of the connection count the messages that it posts', async () => {
    const send = { id: 'send', type: 'chatapp-send', connection: 'connection', ...LINE, chatId: CHAT, perMinute: 2 };
    const body = '{"text":"by the API"}';
    await load(api({ method: 'POST', path: `${BASE}/chats/${CHAT}/messages/text`, body }), {
      ...send,
      wires: [['out']],
    });
    give();
    await out();
    for (const payload of ['two', 'three']) helper.getNode('send')?.receive({ payload });
    await out(2);
    assert.equal(reasonOf((await errors())[0]), 'SEND_REFUSED.loop');
  });

  it('renews a dead token, and never shows one', async () => {
    await load(api({ preset: 'me' }));
    give();
    await out();
    flow.simulator.expireAccessToken();
    give();
    await out(2);
    assert.ok(!JSON.stringify(flow.received('out')).includes(flow.simulator.account.accessToken));
  });

  it('refuses a value that is missing, or that would lead elsewhere, and asks nothing', async () => {
    await load(
      api({ path: '/v1/companies/{companyId}/employees' }),
      api({ id: 'needs', preset: 'createGroup', ...LINE, query: [row('name', 'Team'), row('phones', 'soon')] }),
    );
    give();
    for (const companyId of ['..', 'a/b', '%2e%2e', 'a\\b']) give({ companyId });
    helper.getNode('needs')?.receive({});
    const reasons = (await errors(6)).map(reasonOf);
    assert.deepEqual(reasons.sort(), [...Array<string>(5).fill('API_FAILED.badValue'), 'API_FAILED.noValue']);
    assert.deepEqual(
      flow.simulator.requests.filter(({ path }) => path.includes('companies') || path.endsWith('/chats')),
      [],
    );
  });

  it('refuses several chats in the place of one, and asks nothing', async () => {
    await load(api({ preset: 'chat', ...LINE }), api({ id: 'other', path: '/v1/companies/{companyId}/employees' }));
    for (const chatId of [['7301', '7302'], ['7301'], '+79001112233, +79001112234']) give({ chatId });
    helper.getNode('other')?.receive({ _msgid: 'm', companyId: ['3001', '3002'] });
    const reasons = (await errors(4)).map(reasonOf);
    assert.deepEqual(reasons.sort(), ['API_FAILED.badValue', ...Array<string>(3).fill('SEND_REFUSED.chatList')]);
    assert.deepEqual(flow.simulator.requests, []);
  });

  it('names at deploy a path that leads elsewhere, and asks nothing', async () => {
    await load(api({ path: '/v1/../tokens' }), api({ id: 'login', path: '/v1/tokens/check' }), api({ id: 'no-path' }));
    const reported = await errors(3);
    for (const error of reported) {
      assert.equal(at(error, 'code'), 'CONFIG_INVALID');
      assert.match(String(at(error, 'message')), /^path is (not usable|missing): a path of the API such as/);
    }
    give();
    await errors(4);
    assert.equal(flow.simulator.requests.length, 0);
  });

  it('hands the error of a msg whose getter throws to Catch nodes, and goes on', async () => {
    await load(api({ preset: 'me' }));
    const message = { _msgid: 'a' };
    Object.defineProperty(message, 'bad', { get: () => assert.fail('by the test'), enumerable: true });
    helper.getNode('node')?.receive(message);
    const [error] = await errors();
    assert.equal(reasonOf(error), 'API_FAILED.badValue');
    give();
    await out();
  });

  it('completes a msg whose request was carried out, and catches nothing, if Node-RED’s send() throws', async () => {
    await load(
      api({ method: 'POST', path: `${BASE}/chats/${CHAT}/messages/text`, body: '{"text":"once"}' }),
      { id: 'completed', type: 'complete', scope: ['node'], wires: [['received']] },
      { id: 'received', type: 'collect' },
    );
    const node = helper.getNode('node');
    assert.ok(node);
    node.send = () => assert.fail('by the test');
    const logged: unknown[][] = [];
    node.error = (...args: unknown[]) => void logged.push(args);
    give();
    await flow.messages('received');
    assert.equal(asked(`${BASE}/chats/${CHAT}/messages/text`).length, 1);
    assert.deepEqual(flow.received('caught'), []);
    assert.deepEqual([logged.length, logged[0]?.length], [1, 1], 'with the msg, it would reach Catch nodes');
  });
});
