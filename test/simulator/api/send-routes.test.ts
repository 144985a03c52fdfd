import assert from 'node:assert/strict';
import { type Simulator, startSimulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { ask, pageIn, textIn } from '../api-client';
import { Subscriber } from '../subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.grWhatsApp';
const CHATS = '/v1/licenses/50101/messengers/grWhatsApp/chats';
const CHAT = `${CHATS}/${encodeURIComponent('77000000001@c.us')}`;

describe('sending through the simulator', () => {
  let simulator: Simulator;
  let subscriber: Subscriber;

  beforeEach(async () => {
    simulator = await startSimulator();
    subscriber = await Subscriber.to(simulator, CHANNEL);
  });
  afterEach(() => simulator.close());

  it('answers with the id, and the text comes back as an event of our own app and enters the history', async () => {
    const body = { text: 'Ваш заказ готов 🌷', parseMode: 'markdown', tracking: 'order 5', sender: 'employee' };
    const answer = await ask(simulator, `POST ${CHAT}/messages/text`, { body });
    assert.equal(answer.status, 200);
    const item = await subscriber.nextItem();
    assert.deepEqual(answer.data, { id: item.id, chatId: '77000000001@c.us' });
    const { side, fromMe, fromApi, fromApp, message } = item;
    assert.deepEqual({ side, fromMe, fromApi }, { side: 'out', fromMe: true, fromApi: true });
    assert.deepEqual(fromApp, { id: simulator.account.appId, tracking: 'order 5', sender: 'employee' });
    assert.ok(isRecord(message) && message.text === body.text);
    const { items } = pageIn(await ask(simulator, `GET ${CHAT}/messages`));
    assert.deepEqual(items[0]?.id, item.id);
  });

  it('leaves tracking and sender null where they were not given', async () => {
    await ask(simulator, `POST ${CHAT}/messages/text`, { body: { text: 'x' } });
    const { fromApp } = await subscriber.nextItem();
    assert.deepEqual(fromApp, { id: simulator.account.appId, tracking: null, sender: null });
  });

  it('takes a bare phone for a chat, known or new', async () => {
    const customer = simulator.message({ licenseId: 50101, messengerType: 'grWhatsApp', text: 'hello' });
    const known = await ask(simulator, `POST ${CHATS}/77000000001/messages/text`, { body: { text: 'x' } });
    assert.equal(textIn(known, 'chatId'), customer.chat.id);
    const fresh = await ask(simulator, `POST ${CHATS}/77000000055/messages/text`, { body: { text: 'x' } });
    assert.equal(textIn(fresh, 'chatId'), '77000000055@c.us');
  });

  it('sends a file by its URL', async () => {
    const body = { file: 'https://example.com/a.png', fileName: 'a.png', caption: 'Look' };
    assert.equal((await ask(simulator, `POST ${CHAT}/messages/file`, { body })).status, 200);
    const { type, message } = await subscriber.nextItem();
    assert.equal(type, 'image');
    assert.ok(isRecord(message));
    assert.equal(message.caption, 'Look');
    assert.deepEqual(message.file, { link: body.file, name: 'a.png' });
  });

  it('sends an uploaded file, byte by byte', async () => {
    const bytes = Buffer.from([0, 13, 10, 45, 45, 255, 13, 10, 13, 10, 128]);
    const form = new FormData();
    form.append('fileName', 'отчёт.pdf');
    form.append('caption', '');
    form.append('file', new Blob([bytes], { type: 'application/pdf' }), 'отчёт.pdf');
    assert.equal((await ask(simulator, `POST ${CHAT}/messages/file`, { body: form })).status, 200);
    const { type, message } = await subscriber.nextItem();
    assert.equal(type, 'file');
    const file: Record<string, unknown> = isRecord(message) && isRecord(message.file) ? message.file : {};
    assert.deepEqual([file.name, file.contentType], ['отчёт.pdf', 'application/pdf']);
    const fetched = await fetch(String(file.link));
    assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), bytes);
    assert.equal(fetched.headers.get('content-type'), 'application/pdf');
  });

  it('sends a template with its parameters', async () => {
    const body = { template: { id: 'welcome', params: ['Anna', '5'] }, tracking: 't' };
    assert.equal((await ask(simulator, `POST ${CHAT}/messages/template`, { body })).status, 200);
    const { type, message } = await subscriber.nextItem();
    assert.ok(type === 'template' && isRecord(message));
    assert.deepEqual(message.template, { id: 'welcome', params: ['Anna', '5'] });
  });

  it('refuses with 422 what is incomplete, and announces nothing', async () => {
    const wrong: [string, unknown][] = [
      ['text', {}],
      ['text', { text: '' }],
      ['text', { text: 'x', parseMode: 'html' }],
      ['text', { text: 'x', sender: 'nobody' }],
      ['text', { text: 'x', tracking: 5 }],
      ['text', 'text=x'],
      ['file', { file: 'no url', fileName: 'a' }],
      ['file', { file: 'https://example.com/a' }],
      ['file', { file: 'https://example.com/a', fileName: 'a', caption: 5 }],
      ['template', { template: {} }],
      ['template', { template: { id: 'x', params: 'y' } }],
      ['template', { template: { id: 'x' }, file: 'https://example.com/a' }],
    ];
    for (const [kind, body] of wrong) {
      assert.equal((await ask(simulator, `POST ${CHAT}/messages/${kind}`, { body })).status, 422, JSON.stringify(body));
    }
    const broken = { headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x\r\nno end' };
    assert.equal((await ask(simulator, `POST ${CHAT}/messages/file`, broken)).status, 422);
    assert.deepEqual(await subscriber.client.receiveAll(), []);
  });

  it('refuses a line that is not its own, and a dead token', async () => {
    const elsewhere = '/v1/licenses/1/messengers/telegram/chats/5/messages/text';
    assert.equal((await ask(simulator, `POST ${elsewhere}`, { body: { text: 'x' } })).status, 404);
    assert.equal(
      (await ask(simulator, `POST ${CHAT}/messages/text`, { token: 'dead', body: { text: 'x' } })).status,
      403,
    );
  });

  it('tells listeners when a chat is marked as read', async () => {
    simulator.message({ licenseId: 50101, messengerType: 'grWhatsApp', text: 'hello' });
    await subscriber.next();
    assert.equal((await ask(simulator, `PATCH ${CHAT}/read`)).status, 200);
    const { event, data } = await subscriber.next();
    assert.equal(event, 'chatRead');
    assert.ok(isRecord(data));
    const meta = { type: 'chatRead', licenseId: '50101', messengerType: 'grWhatsApp' };
    assert.deepEqual(data.payload, { data: [{ chat: { id: '77000000001@c.us' } }], meta });
  });
});
