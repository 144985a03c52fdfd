import assert from 'node:assert/strict';
import type { ChatOrder } from '../../src/api/chat-order';
import { ApiClient } from '../../src/api/client';
import { carryOut } from '../../src/api/sending';
import { FakeClock } from '../support/fake-clock';
import { FakeNetwork, ok, type SentRequest } from '../support/fake-network';

const CHAT = { licenseId: '50101', messengerType: 'telegram', chatId: '7301' };
const BASE = 'https://api.example.test/v1/licenses/50101/messengers/telegram/chats/7301';

/** The request that an order becomes. */
async function requestOf(order: ChatOrder): Promise<SentRequest> {
  const network = new FakeNetwork(() => ok({ id: 'a', chatId: 'b' }));
  const api = new ApiClient({ apiUrl: 'https://api.example.test', network, clock: new FakeClock() });
  let left = 0;
  await carryOut(api, 'token', order, () => (left += 1));
  assert.equal(left, 1);
  const [request, ...more] = network.requests;
  assert.ok(request && more.length === 0);
  assert.equal(request.headers.Authorization, 'token');
  return request;
}

async function jsonOf(order: ChatOrder): Promise<unknown> {
  const { headers, body = '' } = await requestOf(order);
  assert.equal(headers['Content-Type'], 'application/json');
  return JSON.parse(body);
}

describe('an order as ChatApp takes it', () => {
  it('goes to the chat, whatever its id is made of', async () => {
    const at = async (order: ChatOrder): Promise<string> => {
      const { method, url } = await requestOf(order);
      return `${method} ${url.href}`;
    };
    const text = { action: 'text', text: 'a', markdown: false } as const;
    assert.equal(await at({ chat: CHAT, ...text }), `POST ${BASE}/messages/text`);
    const odd = { ...CHAT, chatId: '79@c.us/../a?b#c%2e' };
    const encoded = BASE.replace('7301', '79%40c.us%2F..%2Fa%3Fb%23c%252e');
    assert.equal(await at({ chat: odd, ...text }), `POST ${encoded}/messages/text`);
    assert.equal(await at({ chat: CHAT, action: 'read' }), `PATCH ${BASE}/read`);
    const link = { url: 'https://a.example/b.pdf', fileName: 'b.pdf' };
    assert.equal(await at({ chat: CHAT, action: 'file', file: link }), `POST ${BASE}/messages/file`);
    assert.equal(await at({ chat: CHAT, action: 'template', id: 'a', params: [] }), `POST ${BASE}/messages/template`);
  });

  it('holds what was said and nothing else', async () => {
    const chat = CHAT;
    assert.deepEqual(await jsonOf({ chat, action: 'text', text: 'a\n«ё»', markdown: false }), { text: 'a\n«ё»' });
    assert.deepEqual(
      await jsonOf({ chat, action: 'text', text: 'a', markdown: true, tracking: 't', sender: 'system' }),
      { text: 'a', parseMode: 'markdown', tracking: 't', sender: 'system' },
    );
    const file = { url: 'https://a.example/b.pdf', fileName: 'b.pdf' };
    assert.deepEqual(await jsonOf({ chat, action: 'file', file }), { file: file.url, fileName: 'b.pdf' });
    assert.deepEqual(await jsonOf({ chat, action: 'file', file, caption: 'c' }), {
      file: file.url,
      fileName: 'b.pdf',
      caption: 'c',
      text: 'c',
    });
    assert.deepEqual(await jsonOf({ chat, action: 'template', id: 'a', params: ['1'] }), {
      template: { id: 'a', params: ['1'] },
    });
    assert.deepEqual(
      await jsonOf({ chat, action: 'template', id: 'a', params: [], file, tracking: 't', companyId: '7' }),
      { template: { id: 'a', params: [] }, file: file.url, fileName: 'b.pdf', tracking: 't', companyId: '7' },
    );
    const read = await requestOf({ chat, action: 'read' });
    assert.equal(read.body, undefined);
  });

  it('gives the caption of a file under both names that ChatApp may read', async () => {
    const file = { url: 'https://a.example/b.pdf', fileName: 'b.pdf' };
    const json = await jsonOf({ chat: CHAT, action: 'file', file, caption: 'Yours' });
    assert.deepEqual(json, { file: file.url, fileName: 'b.pdf', caption: 'Yours', text: 'Yours' });
  });

  it('sends bytes as a form that every reader of forms understands, whatever is in them and in their name', async () => {
    const bytes = Buffer.concat([Buffer.from([0, 255, 13, 10]), Buffer.from('\r\n--boundary--\r\n'), Buffer.alloc(9)]);
    for (const fileName of ['offer.pdf', 'Angebot «ё» 报价.pdf', 'a"b;c=d.pdf', 'x'.repeat(255)]) {
      const file = { bytes: bytes.subarray(1), fileName };
      const { headers, bytes: body } = await requestOf({ chat: CHAT, action: 'file', file, caption: 'Yours\r\n"ё"' });
      assert.ok(body);
      const type = headers['Content-Type'] ?? '';
      assert.match(type, /^multipart\/form-data; boundary=/);
      const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
      const sent = form.get('file');
      assert.ok(sent instanceof Blob);
      assert.deepEqual(Buffer.from(await sent.arrayBuffer()), bytes.subarray(1));
      assert.equal(Reflect.get(sent, 'name'), fileName);
      assert.equal(form.get('fileName'), fileName);
      for (const name of ['caption', 'text']) assert.equal(form.get(name), 'Yours\r\n"ё"');
      assert.deepEqual([...form.keys()], ['file', 'fileName', 'caption', 'text']);
    }
  });
});
