import assert from 'node:assert/strict';
import helper from 'node-red-node-test-helper';
import type { NodeAPI, NodeMessage } from 'node-red';
import { fileOfNodeRed } from '../../scripts/demo/which-node-red';
import { channelName } from '../../src/events';
import { at, coreNode, Flow } from '../support/flow';

const LINE = { licenseId: '50101', messengerType: 'telegram' };
const CHANNEL = channelName({ type: 'messenger', ...LINE });
const CHAT = '7301';
const MESSAGES = `/v1/licenses/50101/messengers/telegram/chats/${CHAT}/messages`;

describe('a send node in a flow', () => {
  let flow: Flow;
  beforeEach(async () => (flow = await Flow.start()));
  afterEach(async () => {
    await flow.unload();
    await flow.stop();
  });

  const AROUND = [
    { id: 'out', type: 'collect' },
    { id: 'catcher', type: 'catch', wires: [['caught']] },
    { id: 'caught', type: 'collect' },
    { id: 'completer', type: 'complete', scope: ['send'], wires: [['completed']] },
    { id: 'completed', type: 'collect' },
  ];
  const send = (properties: object = {}): object => ({
    id: 'send',
    type: 'chatapp-send',
    connection: 'connection',
    ...LINE,
    chatId: CHAT,
    wires: [['out']],
    ...properties,
  });
  const load = (...nodes: object[]): Promise<void> => flow.load([flow.connection(), ...nodes, ...AROUND]);
  const give = (message: object): void => helper.getNode('send')?.receive({ _msgid: 'm', ...message });
  const caught = async (count = 1): Promise<unknown[]> =>
    (await flow.messages('caught', count)).map(({ error }) => error);
  const reasonOf = (error: unknown): string => `${String(at(error, 'code'))}.${String(at(error, 'cause', 'reason'))}`;
  const sentTexts = (): unknown[] => flow.simulator.requests.filter(({ path }) => path.endsWith('/text'));

  /** What is in a chat, oldest first. */
  const itemsOf = async (chat: string): Promise<unknown[]> => {
    const { url, account } = flow.simulator;
    const path = MESSAGES.replace(`/${CHAT}/`, `/${chat}/`);
    const answer = await fetch(`${url}${path}?direction=next`, { headers: { Authorization: account.accessToken } });
    const body: unknown = await answer.json();
    const items = at(body, 'data', 'items');
    return Array.isArray(items) ? items.map((item: unknown) => item) : assert.fail('no list');
  };
  const textsOf = async (chat: string): Promise<unknown[]> =>
    (await itemsOf(chat)).map((item) => at(item, 'message', 'text'));

  it('sends the payload as a text and hands the same msg on, with ChatApp’s answer and the id of the message', async () => {
    await load(
      send(),
      { id: 'listener', type: 'chatapp-messenger', connection: 'connection', ...LINE, wires: [['received']] },
      {
        id: 'received',
        type: 'collect',
      },
    );
    await flow.listening(CHANNEL);
    give({ payload: 'Good morning', topic: 'greeting', own: { kept: true } });
    const [message] = await flow.messages('out');
    assert.equal(message?.topic, 'greeting');
    assert.deepEqual(at(message, 'own'), { kept: true });
    const id = at(message, 'payload', 'id');
    assert.ok(typeof id === 'string' && id !== '');
    assert.deepEqual(at(message, 'chatapp'), { ...LINE, chatId: CHAT, messageId: id });
    const [received] = await flow.messages('received');
    assert.equal(at(received, 'payload', 'message', 'text'), 'Good morning');
    assert.equal(at(received, 'chatapp', 'messageId'), id);
    assert.equal(flow.received('caught').length, 0);
  });

  it('answers where the msg comes from, and keeps what the listener said about it', async () => {
    const listener = { id: 'listener', type: 'chatapp-messenger', connection: 'connection', ...LINE, direction: 'in' };
    await load(send({ licenseId: '', messengerType: '', chatId: '' }), { ...listener, wires: [['send']] });
    await flow.listening(CHANNEL);
    flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: '990', text: 'echo?' });
    const [error] = await caught();
    assert.equal(reasonOf(error), 'SEND_REFUSED.noText', 'the item of an event is no text');
    const received = flow.received('caught')[0];
    const origin: unknown = at(received, 'chatapp');
    give({ payload: 'answer', chatapp: origin });
    const [message] = await flow.messages('out');
    assert.equal(at(message, 'chatapp', 'chatId'), '990');
    assert.equal(at(message, 'chatapp', 'event'), 'message');
    assert.equal(at(message, 'chatapp', 'messageId'), at(message, 'payload', 'id'));
  });

  it('sends the text of its field, with what the msg has in its places, wired straight to a listener', async () => {
    const listener = { id: 'listener', type: 'chatapp-messenger', connection: 'connection', ...LINE, direction: 'in' };
    const text = 'Hello {{payload.chat.name}}! You wrote: {{payload.message.text}}{{payload.nothing.there}}';
    const answering = send({ licenseId: '', messengerType: '', chatId: '', text, textType: 'str' });
    await load(answering, { ...listener, events: ['message'], wires: [['send']] });
    await flow.listening(CHANNEL);
    const chat = { id: '990', name: 'Anna & Söhne' };
    flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chat, text: '<b>{{topic}}</b>' });
    await flow.messages('out');
    assert.deepEqual(await textsOf('990'), ['<b>{{topic}}</b>', 'Hello Anna & Söhne! You wrote: <b>{{topic}}</b>']);
  });

  it('says what to enter where if a listener is wired to it without a text, a file or a template', async () => {
    const nothing = { text: '', textType: 'str', params: [], version: 1 };
    await load(
      send({ ...nothing, wires: [['out']] }),
      send({ ...nothing, id: 'sends-file', action: 'file' }),
      send({ ...nothing, id: 'sends-template', action: 'template' }),
    );
    const chatapp = { event: 'message', ...LINE, chatId: CHAT };
    for (const id of ['send', 'sends-file', 'sends-template'])
      helper.getNode(id)?.receive({ payload: { message: { text: 'hello' } }, ...{ chatapp } });
    const errors = await caught(3);
    assert.deepEqual(errors.map(reasonOf).sort(), [
      'SEND_REFUSED.noFile',
      'SEND_REFUSED.noTemplate',
      'SEND_REFUSED.noText',
    ]);
    const words = errors.map((error) => String(at(error, 'message'))).join(' ');
    assert.match(words, /Enter a text in the send node, or set msg\.payload\./);
    assert.equal(flow.simulator.requests.filter(({ path }) => path.includes('/messages/')).length, 0);
  });

  it('takes each type of Node-RED’s typed inputs, in the order of the msgs', async () => {
    const slow = '($f := function($n) { $n = 0 ? payload : $f($n - 1) }; topic = "slow" ? $f(3000) : payload)';
    await load(send({ text: slow, textType: 'jsonata' }), send({ id: 'by-flow', text: 'greeting', textType: 'flow' }));
    helper.getNode('by-flow')?.context().flow.set('greeting', 'from the flow');
    give({ payload: '1', topic: 'slow' });
    for (const payload of ['2', '3']) give({ payload });
    await flow.messages('out', 3);
    helper.getNode('by-flow')?.receive({ payload: 'not this' });
    await flow.messages('out', 4);
    assert.deepEqual(await textsOf(CHAT), ['1', '2', '3', 'from the flow']);
  });

  it('refuses what a field does not give, and names the field', async () => {
    await load(
      send({ text: 'reply.text', textType: 'msg' }),
      send({ id: 'odd', text: 'payload.(', textType: 'jsonata' }),
    );
    give({ payload: 'not this' });
    helper.getNode('odd')?.receive({ payload: 'not this' });
    const errors = await caught(2);
    for (const error of errors) {
      assert.equal(reasonOf(error), 'SEND_REFUSED.badField');
      assert.match(String(at(error, 'message')), /: text has no usable value/);
    }
    assert.equal(sentTexts().length, 0);
  });

  it('sends a file by the address in its field, or by the bytes in the msg, and refuses a path', async () => {
    const address = 'https://files.example.com/{{payload}}.pdf';
    await load(
      send({ action: 'file', file: address, caption: 'For {{topic}}', sender: 'system', textType: 'str' }),
      send({ id: 'bytes', action: 'file', file: 'payload', fileType: 'msg', fileName: '{{topic}}.txt' }),
      send({ id: 'path', action: 'file', file: '/etc/passwd' }),
    );
    give({ payload: 'offer', topic: 'Anna', filename: '/tmp/other.txt' });
    await flow.messages('out');
    helper.getNode('bytes')?.receive({ payload: Buffer.from('hi'), topic: 'note' });
    await flow.messages('out', 2);
    helper.getNode('path')?.receive({ payload: 'x' });
    assert.equal(reasonOf((await caught())[0]), 'SEND_REFUSED.badFile');
    const items = await itemsOf(CHAT);
    assert.deepEqual(
      items.map((item) => [at(item, 'message', 'file', 'name'), at(item, 'message', 'caption')]),
      [
        ['offer.pdf', 'For Anna'],
        ['note.txt', ''],
      ],
    );
    assert.equal(at(items[0], 'fromApp', 'sender'), 'system');
  });

  it('sends a template with a value for each of its rows', async () => {
    const params = [
      { value: '{{chatapp.from.name}}', type: 'str' },
      { value: 'payload.order', type: 'msg' },
    ];
    await load(send({ action: 'template', template: '1c2f', params, sender: 'employee', textType: 'str' }));
    give({ payload: { order: 17 }, chatapp: { from: { name: 'Anna' } } });
    await flow.messages('out');
    const [item] = await itemsOf(CHAT);
    assert.deepEqual(at(item, 'message', 'template'), { id: '1c2f', params: ['Anna', '17'] });
    assert.equal(at(item, 'fromApp', 'sender'), 'employee');
  });

  it('goes where its fields say, else where the msg says, else where the event came from', async () => {
    await load(send({ licenseId: '', messengerType: '', chatId: '' }));
    const chatapp = { licenseId: '50101', messengerType: 'telegram', chatId: 'of-event' };
    give({ payload: 'a', chatapp });
    give({ payload: 'b', chatapp, chatId: 'of-msg' });
    give({ payload: 'c', chatapp, chatId: '', licenseId: null });
    give({ payload: 'd', chatapp, chatId: 79001112233, messengerType: 'grWhatsApp' });
    give({ payload: 'e', chatapp: { ...chatapp, licenseId: '99999' }, licenseId: 50101 });
    const messages = await flow.messages('out', 5);
    const where = messages.map(
      (message) => `${String(at(message, 'chatapp', 'messengerType'))} ${String(at(message, 'chatapp', 'chatId'))}`,
    );
    assert.deepEqual(where.sort(), [
      'grWhatsApp 79001112233@c.us',
      'telegram of-event',
      'telegram of-event',
      'telegram of-event',
      'telegram of-msg',
    ]);
  });

  it('takes its fields from environment variables, and a phone as people write it', async () => {
    const environment: Record<string, string | undefined> = process.env;
    environment.SEND_TO = '+7 (700) 111-22-33';
    try {
      await load(send({ messengerType: 'grWhatsApp', chatId: '${SEND_TO}' }));
      give({ payload: 'hello' });
      const [message] = await flow.messages('out');
      assert.equal(at(message, 'chatapp', 'chatId'), '77001112233@c.us', 'as ChatApp names it');
    } finally {
      delete environment.SEND_TO;
    }
  });

  it('marks a chat as read, whatever the payload', async () => {
    flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: CHAT, text: 'hello' });
    await load(send({ action: 'read' }));
    give({ payload: { any: 'thing' }, chatapp: { messageId: 'as it was' } });
    const [message] = await flow.messages('out');
    assert.equal(at(message, 'chatapp', 'messageId'), 'as it was');
    assert.ok(flow.simulator.requests.some(({ method, path }) => method === 'PATCH' && path.endsWith('/read')));
  });

  it('ends each msg once: it goes on and is complete, or it is caught', async () => {
    const node = send({ chatId: '' });
    await load(node);
    give({ payload: 'one', chatId: CHAT });
    give({ payload: 'two' });
    give({ payload: 'three', chatId: CHAT });
    give({ payload: '', chatId: CHAT });
    await flow.messages('out', 2);
    const errors = await caught(2);
    assert.deepEqual(errors.map(reasonOf).sort(), ['SEND_REFUSED.empty', 'SEND_REFUSED.noChat']);
    await flow.messages('completed', 2);
    assert.equal(flow.received('out').length + flow.received('caught').length, 4);
    assert.equal(flow.received('completed').length, 2);
  });

  it('hands a msg that was not sent to Catch nodes as it came, with code, reason and text', async () => {
    await load(send({ chatId: '' }));
    give({ payload: 'to nobody', own: 1 });
    const [message] = await flow.messages('caught');
    assert.equal(message?.payload, 'to nobody');
    assert.equal(at(message, 'own'), 1);
    assert.equal(at(message, 'error', 'code'), 'SEND_REFUSED');
    assert.deepEqual(at(message, 'error', 'cause'), { reason: 'noChat' });
    assert.match(String(at(message, 'error', 'message')), /^Nothing was sent: no chat is given/);
    assert.equal(at(message, 'error', 'stack'), undefined);
    assert.equal(at(message, 'error', 'source', 'id'), 'send');
  });

  it('reports what may or may not have arrived, and does not send it again', async () => {
    await load(send());
    flow.simulator.faults.answerWith('send', 'accept and hang up');
    give({ payload: 'perhaps' });
    const [error] = await caught();
    assert.equal(reasonOf(error), 'SEND_UNCERTAIN.lost');
    assert.equal(sentTexts().length, 1);
    const status = at(helper.getNode('send'), 'status', 'lastCall', 'args', '0');
    assert.equal(`${String(at(status, 'fill'))} ${String(at(status, 'shape'))}`, 'red ring');
  });

  it('keeps the order of a chat, also over a try that failed', async () => {
    await load(send());
    flow.simulator.faults.answerWith('send', { status: 429, body: {}, headers: { 'retry-after': '1' } }, 1);
    for (const payload of ['1', '2', '3']) give({ payload });
    const ids = (await flow.messages('out', 3)).map((message) => at(message, 'payload', 'id'));
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(await textsOf(CHAT), ['1', '2', '3']);
  });

  it('names at deploy what is wrong with its settings, and refuses each msg for it', async () => {
    await load(send({ action: 'shout', licenseId: 'x' }));
    const reported = (await caught(2)).map((error) => String(at(error, 'message')).split(' ', 1)[0]);
    assert.deepEqual(reported.sort(), ['action', 'licenseId']);
    give({ payload: 'hello' });
    const errors = await caught(3);
    assert.equal(at(errors[2], 'code'), 'CONFIG_INVALID');
    assert.equal(sentTexts().length, 0);
  });

  it('reports what is wrong with its connection, at deploy and for each msg', async () => {
    await flow.load([flow.connection({ apiUrl: 'nowhere' }), send(), ...AROUND]);
    await caught();
    give({ payload: 'hello' });
    for (const error of await caught(2)) {
      assert.equal(at(error, 'code'), 'CONFIG_INVALID');
      assert.match(String(at(error, 'message')), /^apiUrl/);
    }
  });

  it('needs no socket', async () => {
    await load(send());
    give({ payload: 'hello' });
    await flow.messages('out');
    assert.equal(flow.simulator.connections, 0);
  });

  it('reports nothing as failed that was sent, also if the msg cannot be changed', async () => {
    await load(send());
    const message = { _msgid: 'a', topic: 'kept' };
    Object.defineProperty(message, 'payload', { get: () => 'from a getter', enumerable: true, configurable: true });
    helper.getNode('send')?.receive(message);
    const fixed = { _msgid: 'b', topic: 'kept' };
    Object.defineProperty(fixed, 'payload', { get: () => 'from a fixed getter', enumerable: true });
    helper.getNode('send')?.receive(fixed);
    helper.getNode('send')?.receive(Object.freeze({ _msgid: 'c', topic: 'kept', payload: 'frozen' }));
    const messages = await flow.messages('out', 3);
    for (const sent of messages) {
      assert.equal(sent.topic, 'kept');
      assert.equal(at(sent, 'payload', 'id'), at(sent, 'chatapp', 'messageId'));
      assert.ok(at(sent, 'payload', 'id'));
    }
    assert.equal(sentTexts().length, 3);
    assert.equal(flow.received('caught').length, 0);
    assert.equal((await flow.messages('completed', 3)).length, 3);
  });

  for (const failing of ['send', 'status'] as const) {
    it(`completes a msg that was sent once, and catches nothing, if Node-RED’s ${failing}() throws`, async () => {
      await load(send());
      const node = helper.getNode('send');
      assert.ok(node);
      let isFailing = true;
      const original: unknown = Reflect.get(node, failing);
      assert.ok(typeof original === 'function');
      Reflect.set(node, failing, (...args: unknown[]) => {
        if (isFailing && sentTexts().length > 0) throw new Error('by the test');
        Reflect.apply(original, node, args);
      });
      const errors: unknown[][] = [];
      node.error = (...args: unknown[]) => void errors.push(args);
      give({ payload: 'one' });
      await flow.messages('completed');
      isFailing = false;
      give({ payload: 'two' });
      await flow.messages('completed', 2);
      assert.deepEqual([sentTexts().length, flow.received('completed').length], [2, 2]);
      assert.deepEqual(flow.received('caught'), []);
      assert.equal(flow.received('out').length, failing === 'send' ? 1 : 2);
      assert.equal(errors.length, 1);
      assert.match(String(errors[0]?.[0]), /should not have happened: Error/);
      assert.equal(errors[0]?.length, 1, 'with the msg, it would reach Catch nodes');
    });
  }

  for (const hook of ['onSend', 'onComplete'] as const) {
    it(`catches nothing that was sent if a hook ${hook} throws`, async () => {
      const { hooks } = await hooksOfNodeRed();
      await load(send());
      let calls = 0;
      hooks.add(`${hook}.test`, (event: unknown) => {
        const first = Array.isArray(event) ? at(event, '0') : event;
        if (at(first, hook === 'onComplete' ? 'node' : 'source', 'id') !== 'send') return;
        calls += 1;
        throw new Error('by the test');
      });
      try {
        give({ payload: 'one' });
        await flow.messages('completed');
      } finally {
        hooks.remove('*.test');
      }
      give({ payload: 'two' });
      await flow.messages('completed', 2);
      assert.deepEqual([sentTexts().length, flow.received('completed').length], [2, 2]);
      assert.notEqual(calls, 0);
      assert.deepEqual(flow.received('caught'), []);
    });
  }

  it('reports a msg that cannot be read, though Node-RED cannot copy it either', async () => {
    await load(send());
    const unreadable = (): never => {
      throw new Error('nobody can read this');
    };
    const message = { _msgid: 'a', payload: 'hello' };
    helper.getNode('send')?.receive(Object.defineProperty(message, 'other', { get: unreadable, enumerable: true }));
    const [error] = await caught();
    assert.deepEqual([at(error, 'code'), at(error, 'cause', 'reason')], ['SEND_REFUSED', 'badPayload']);
    assert.deepEqual(sentTexts(), []);
  });

  it('of a bot that listens to incoming messages only and leaves out its own, does not answer itself', async () => {
    const listener = { id: 'bot', type: 'chatapp-messenger', connection: 'connection', ...LINE, events: ['message'] };
    const answer = {
      id: 'answer',
      type: 'change',
      rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'We will be back at nine.', tot: 'str' }],
      wires: [['send']],
    };
    await flow.load(
      [
        flow.connection(),
        { ...listener, direction: 'in', ignoreOwn: true, wires: [['answer']] },
        answer,
        send({ licenseId: '', messengerType: '', chatId: '' }),
        { ...listener, id: 'all', wires: [['received']] },
        { id: 'received', type: 'collect' },
        ...AROUND,
      ],
      undefined,
      {},
      [await coreNode('function/15-change')],
    );
    await flow.listening(CHANNEL);
    flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: CHAT, text: 'Are you open?' });
    await flow.messages('received', 2);
    // Had the bot received its own answer, it would have answered before this one comes back.
    flow.simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: CHAT, text: 'And now?' });
    const received: readonly NodeMessage[] = await flow.messages('received', 4);
    assert.deepEqual(
      received.map((message) => at(message, 'payload', 'side')),
      ['in', 'out', 'in', 'out'],
    );
    assert.equal(sentTexts().length, 2);
  });
});

/** The test helper does not hand it to node files. */
async function hooksOfNodeRed(): Promise<Pick<NodeAPI, 'hooks'>> {
  const util: unknown = await import(fileOfNodeRed('@node-red/util'));
  const api = at(util, 'default');
  assert.ok(hasHooks(api));
  return api;
}

function hasHooks(api: unknown): api is Pick<NodeAPI, 'hooks'> {
  return typeof at(api, 'hooks', 'add') === 'function';
}
