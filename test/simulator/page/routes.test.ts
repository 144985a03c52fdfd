import assert from 'node:assert/strict';
import { type Simulator, startSimulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { ask, pageIn } from '../api-client';
import { Subscriber } from '../subscriber';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';
const SCRIPTS = ['/simulator/page.js', '/simulator/conversation.js', '/simulator/dom.js'];

describe('the page of the simulator', () => {
  let simulator: Simulator;

  const post = (path: string, body: unknown, type = 'application/json'): ReturnType<typeof ask> =>
    ask(simulator, `POST /simulator/${path}`, {
      token: '',
      headers: { 'content-type': type },
      body: JSON.stringify(body),
    });
  const get = async (path: string): Promise<unknown> =>
    (await ask(simulator, `GET /simulator/${path}`, { token: '' })).body;

  beforeEach(async () => {
    simulator = await startSimulator({ requestsPerSecond: 1000 });
  });
  afterEach(() => simulator.close());

  it('says first of all that it is a simulator', async () => {
    const response = await fetch(`${simulator.url}/`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/);
    const html = await response.text();
    assert.match(html, /<header>\s*<strong>This is a simulator for ChatApp, nothing leaves this machine\.<\/strong>/);
  });

  it('loads nothing from elsewhere, and no text as markup', async () => {
    const texts = await Promise.all(
      ['/', ...SCRIPTS, '/simulator/page.css'].map(async (path) => {
        const response = await fetch(simulator.url + path);
        assert.equal(response.status, 200);
        assert.match(response.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
        return response.text();
      }),
    );
    for (const text of texts)
      assert.doesNotMatch(text, /https?:|innerHTML\s*=(?!=)|insertAdjacentHTML|document\.write/);
  });

  it('offers every channel of the account and every event of the catalogue', async () => {
    const account = await get('account');
    assert.ok(isRecord(account) && Array.isArray(account.channels) && Array.isArray(account.events));
    assert.equal(account.events.length, 30);
    assert.deepEqual(
      account.channels.filter(isRecord).map(({ channel }) => channel),
      [
        'private-v1.licenses.50101.messengers.grWhatsApp',
        'private-v1.licenses.50101.messengers.telegram',
        'private-v1.licenses.50102.messengers.caWhatsApp',
        'private-v1.licenses.50102.messengers.telegramBot',
        'private-v1.licenses.50102.messengers.instagram',
        'private-v1.companies.3001',
        'private-v1.companies.3001.users.7001',
        'private-v1.companies.3001.users.7002',
        'private-v1.users.7001',
      ],
    );
    for (const { channel } of account.channels.filter(isRecord)) {
      assert.equal(simulator.account.mayRead(String(channel)), true);
    }
  });

  it('writes as a customer, and shows how many sockets receive it', async () => {
    const message = { licenseId: 50101, messengerType: 'telegram', chatId: 'someone', text: 'Olá' };
    const alone = await post('message', message);
    assert.ok(isRecord(alone.body) && alone.body.sockets === 0);
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    const answer = await post('message', message);
    const item = await subscriber.nextItem();
    assert.deepEqual(answer.body, { id: item.id, sockets: 1, webhooks: 0 });
    assert.equal(item.side, 'in');
  });

  it('refuses to write to what is not there', async () => {
    const message = { licenseId: 50101, messengerType: 'telegram', chatId: 'someone', text: 'Olá' };
    const wrong = [{ licenseId: 1 }, { licenseId: '50101' }, { messengerType: 'x' }, { chatId: '' }, { text: '' }];
    for (const fields of wrong) assert.equal((await post('message', { ...message, ...fields })).status, 422);
    assert.equal((await post('fire', { event: 'message', channel: 'private-v1.users.1' })).status, 422);
    assert.equal((await post('fire', { event: 'noSuchEvent', channel: CHANNEL })).status, 422);
  });

  it('takes no orders from a foreign page, which can send plain text only', async () => {
    const message = { licenseId: 50101, messengerType: 'telegram', chatId: 'someone', text: 'Olá' };
    assert.equal((await post('message', message, 'text/plain')).status, 422);
  });

  it('fires every event on each of its channels, about that channel', async () => {
    const account = await get('account');
    assert.ok(isRecord(account) && Array.isArray(account.channels) && Array.isArray(account.events));
    const channels = account.channels.filter(isRecord);
    const subscriber = await Subscriber.to(simulator, ...channels.map(({ channel }) => String(channel)));
    for (const { name, channels: types } of account.events.filter(isRecord)) {
      assert.ok(Array.isArray(types));
      const fitting = channels.filter(({ type }) => types.includes(type));
      assert.ok(fitting.length > 0, String(name));
      for (const { channel, about } of fitting) {
        assert.deepEqual((await post('fire', { event: name, channel })).body, { sockets: 1, webhooks: 0 });
        const { event, channel: receivedOn, data } = await subscriber.next();
        assert.deepEqual([event, receivedOn], [name, channel]);
        const meta = isRecord(data) && isRecord(data.payload) && isRecord(data.payload.meta) ? data.payload.meta : {};
        assert.ok(isRecord(about));
        assert.equal(meta.type, name);
        for (const field of ['licenseId', 'messengerType', 'userId']) {
          if (field in about && field in meta) assert.equal(String(meta[field]), about[field]);
        }
      }
    }
  });

  it('never fires the same message twice, which a flow would take for one', async () => {
    const subscriber = await Subscriber.to(simulator, CHANNEL);
    const ids = new Set<unknown>();
    for (let count = 0; count < 5; count += 1) {
      await post('fire', { event: 'message', channel: CHANNEL });
      ids.add((await subscriber.nextItem()).id);
    }
    assert.equal(ids.size, 5);
  });

  it('shows chats with their messages, and customers who have not written yet', async () => {
    simulator.message({ licenseId: 50101, messengerType: 'telegram', text: 'Olá' });
    const chats = await get('chats?licenseId=50101&messengerType=telegram');
    assert.ok(Array.isArray(chats));
    assert.deepEqual(
      chats.filter(isRecord).map(({ name, messages }) => [name, Array.isArray(messages) ? messages.length : 0]),
      [
        ['Anna Beispiel', 1],
        ['Тимур Пример', 0],
        ['Júlia Exemplo 🌷', 0],
      ],
    );
  });

  it('shows how each message fares, and never less than it was', async () => {
    const { id, chat } = simulator.message({ licenseId: 50101, messengerType: 'telegram', text: 'Olá', side: 'out' });
    const statusOf = async (type: string, more = {}): Promise<unknown> => {
      const meta = { type: 'messageStatus', licenseId: 50101, messengerType: 'telegram' };
      simulator.announce(CHANNEL, 'messageStatus', { data: [{ id, type, time: 5, chat, ...more }], meta });
      const [shown] = recordsIn(await get('chats?licenseId=50101&messengerType=telegram'));
      return recordsIn(shown?.messages)[0]?.status;
    };
    assert.deepEqual(await statusOf('viewed'), { type: 'viewed' });
    assert.deepEqual(await statusOf('delivered'), { type: 'viewed' });
    const error = { code: 1, message: 'Nobody there' };
    assert.deepEqual(await statusOf('failed', { error }), { type: 'failed', reason: 'Nobody there' });
    // What ChatApp itself would list knows nothing of that.
    const path = `/v1/licenses/50101/messengers/telegram/chats/${chat.id}/messages`;
    assert.equal(pageIn(await ask(simulator, `GET ${path}`)).items[0]?.status, undefined);
  });

  it('shows whose webhook address is set, without the secret in it, and what was posted last', async () => {
    const events = ['message', 'chatRead'];
    const foreign = { licenseId: 50102, messengerType: 'caWhatsApp', events, url: 'https://crm.example/secret' };
    simulator.callbacks.plant(foreign);
    const url = `${simulator.url}/secret`;
    simulator.callbacks.plant({ ...foreign, licenseId: 50101, messengerType: 'telegram', url });
    const message = { licenseId: 50101, messengerType: 'telegram', chatId: 'someone', text: 'Olá' };
    const { body } = await post('message', message);
    assert.ok(isRecord(body) && body.webhooks === 1 && body.sockets === 0);
    await simulator.until(({ callbacks }) => callbacks.deliveries.at(-1)?.status === 404);
    const state = await get('state');
    assert.doesNotMatch(JSON.stringify(isRecord(state) && state.callbacks), /secret/);
    const [theirs, ours] = recordsIn(isRecord(state) && state.callbacks);
    const rest = { events, host: 'crm.example', line: 'Мастерская «Ёлка»', messenger: 'WhatsApp Cloud API' };
    assert.deepEqual(theirs, rest);
    assert.ok(ours && isRecord(ours.last));
    assert.deepEqual([ours.host, ours.last.event, ours.last.status], [new URL(url).host, 'message', 404]);
  });

  it('shows what the API received, newest first, and who listens', async () => {
    await Subscriber.to(simulator, CHANNEL);
    await ask(simulator, 'GET /v1/licenses');
    await ask(simulator, 'GET /v1/companies');
    const state = await get('state');
    assert.ok(isRecord(state) && Array.isArray(state.requests));
    assert.deepEqual([state.sockets, state.listening], [1, [{ channel: CHANNEL, sockets: 1 }]]);
    assert.deepEqual(
      state.requests.filter(isRecord).map(({ path }) => path),
      ['/v1/companies', '/v1/licenses'],
    );
  });
});

function recordsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
