import assert from 'node:assert/strict';
import { ApiClient } from '../../src/api/client';
import { readNewestChats, readTemplates } from '../../src/api/line-lists';
import type { Ask } from '../../src/api/paging';
import { FakeNetwork, ok, type Outcome } from '../support/fake-network';

const LINE = { licenseId: '50101', messengerType: 'caWhatsApp' };
const BASE = 'GET /v1/licenses/50101/messengers/caWhatsApp';

function askOf(answer: (count: number) => Outcome): { ask: Ask; network: FakeNetwork } {
  const network = new FakeNetwork((_request, count) => answer(count));
  const api = new ApiClient({ apiUrl: 'https://api.example.test', network });
  return { ask: (path, query) => api.read({ path, query, token: 't' }), network };
}

describe('the templates of a line', () => {
  it('come with name, text and the number of their parameters, from every page', async () => {
    const pages = [
      ok({ items: [{ id: 'a', elementName: 'order', data: 'Hello {{1}}, {{ 2 }} and {{1}}' }], nextPage: 'next' }),
      ok({ items: [{ id: 7, elementName: 'plain', data: 'Hello' }], nextPage: null }),
    ];
    const { ask, network } = askOf((count) => pages[count - 1] ?? ok({ items: [], nextPage: null }));
    assert.deepEqual(await readTemplates(ask, LINE), [
      { id: 'a', name: 'order', text: 'Hello {{1}}, {{ 2 }} and {{1}}', params: 2 },
      { id: '7', name: 'plain', params: 0 },
    ]);
    assert.deepEqual(network.paths, [`${BASE}/templates`, `${BASE}/templates`]);
  });

  it('show their parameters in whatever field the text is, but not in an example of it', async () => {
    const components = [{ type: 'BODY', text: 'Your code is {{1}}', example: { text: '{{9}}' } }];
    const items = [
      { id: 'a', components },
      { id: 'b', meta: '{"example":"{{5}}"}' },
      { id: 'c' },
      null,
      { name: 'no id' },
    ];
    const { ask } = askOf(() => ok({ items, nextPage: null }));
    assert.deepEqual(
      (await readTemplates(ask, LINE)).map(({ id, params }) => [id, params]),
      [
        ['a', 1],
        ['b', 0],
        ['c', 0],
      ],
    );
  });
});

describe('the newest chats of a line', () => {
  it('are one page of 100, as ChatApp orders them', async () => {
    const items = [{ id: '7900@c.us', name: 'Anna', phone: '7900' }, { id: -5, name: null }, { name: 'no id' }, 'junk'];
    const { ask, network } = askOf(() => ok({ items, nextPage: '17,2' }));
    assert.deepEqual(await readNewestChats(ask, LINE), [
      { chatId: '7900@c.us', name: 'Anna', phone: '7900' },
      { chatId: '-5' },
    ]);
    assert.deepEqual(network.paths, [`${BASE}/chats`]);
    assert.equal(network.requests[0]?.url.searchParams.get('limit'), '100');
  });

  it('are an error if the answer is not a list', async () => {
    const { ask } = askOf(() => ok({ chats: [] }));
    await assert.rejects(readNewestChats(ask, LINE), /not its API/);
  });
});
