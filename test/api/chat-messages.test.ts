import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { readChatMessages } from '../../src/api/chat-messages';
import type { Ask } from '../../src/api/paging';
import type { Item } from '../../src/events';
import { isRecord, type JsonRecord } from '../../src/events/json';

const LINE = { licenseId: '50101', messengerType: 'telegram' };
const FROM = 1_900_000_000;
type Query = Readonly<Record<string, string>>;

async function messagesOf(
  ask: Ask,
  more: { readonly entry?: JsonRecord; readonly chatId?: string } = {},
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of readChatMessages(ask, { line: LINE, chatId: '7', from: FROM, ...more })) items.push(...page);
  return items;
}

/** Messages of one second each, `m0` first. */
const messages = (count: number): JsonRecord[] =>
  Array.from({ length: count }, (_, index) => ({ id: `m${index}`, time: FROM + index }));

/** A chat with these messages, whose cursor is made by `cursorOf`; without one it can be read by time only. */
function chatOf(
  all: readonly JsonRecord[],
  cursorOf: (end: number, asked: number) => unknown,
): { ask: Ask; queries: Query[] } {
  const queries: Query[] = [];
  const ask: Ask = (_path, query) => {
    queries.push(query);
    const start = Number(query.nextPage ?? NaN);
    const rest = Number.isNaN(start)
      ? all.filter(({ time }) => Number(time) > Number(query.lastTime ?? 0))
      : all.slice(start);
    const items = rest.slice(0, Number(query.limit));
    const end = all.indexOf(items.at(-1) ?? {}) + 1;
    return Promise.resolve({ data: { items, nextPage: cursorOf(end, queries.length) } });
  };
  return { ask, queries };
}

describe('reading the messages of a chat', () => {
  it('asks for the first page by time and for the others by cursor, in the order of writing, with system messages', async () => {
    const all = messages(250);
    const { ask, queries } = chatOf(all, (end) => (end < 250 ? String(end) : null));
    const ids = (await messagesOf(ask)).map(({ id }) => id);
    assert.deepEqual(
      ids,
      all.map(({ id }) => id),
    );
    const rest = { direction: 'next', includeSystemMessages: '1', limit: '100' };
    assert.deepEqual(queries, [
      { ...rest, lastTime: String(FROM - 1) },
      { ...rest, nextPage: '100' },
      { ...rest, nextPage: '200' },
    ]);
  });

  it('encodes the id of the chat', async () => {
    const paths: string[] = [];
    await messagesOf(
      (path) => {
        paths.push(path);
        return Promise.resolve({ data: { items: [] } });
      },
      { chatId: '7700@c.us/a b' },
    );
    assert.deepEqual(paths, ['/v1/licenses/50101/messengers/telegram/chats/7700%40c.us%2Fa%20b/messages']);
  });

  it('attaches the chat of the list, or its id, to messages that come without one', async () => {
    const own = { id: 7, name: 'own' };
    const items = [
      { id: '1', time: FROM, chat: own },
      { id: '2', time: FROM },
      { id: '3', time: FROM, chat: null },
    ];
    const ask: Ask = () => Promise.resolve({ data: { items } });
    const entry = { id: '7', name: 'listed' };
    const chats = async (more: object): Promise<unknown[]> => (await messagesOf(ask, more)).map(({ chat }) => chat);
    assert.deepEqual(await chats({ entry }), [own, entry, entry]);
    assert.deepEqual(await chats({}), [own, { id: '7' }, { id: '7' }]);
  });

  it('leaves out deleted messages, those from before, and what is none', async () => {
    const items = [
      null,
      'junk',
      { id: 'deleted', time: FROM, destroyed: 1_900_000_001 },
      { id: 'before', time: FROM - 1 },
      { id: 'text', time: String(FROM) },
      { id: 8, time: FROM, destroyed: null },
      { id: 'no time', time: null },
    ];
    const found = await messagesOf(() => Promise.resolve({ data: { items } }));
    assert.deepEqual(
      found.map(({ id }) => id),
      ['text', 8, 'no time'],
    );
  });

  it('keeps messages that are not deleted, in whatever words the answer says so', async () => {
    const items = [0, '0', '', 'false', false, null, [], 1, '1', 'true', true, '2025-10-15 08:00:30'].map(
      (destroyed, index) => ({ id: String(index), time: FROM, destroyed }),
    );
    const found = await messagesOf(() => Promise.resolve({ data: { items } }));
    assert.deepEqual(
      found.map(({ id }) => id),
      ['0', '1', '2', '3', '4', '5', '6'],
    );
  });

  it('turns a page round that came newest first, and leaves one with a wrong time as it is', async () => {
    const orderOf = async (...times: (number | null)[]): Promise<string> => {
      const items = times.map((time, index) => ({ id: `${index}`, time: time === null ? null : FROM + time }));
      return (await messagesOf(() => Promise.resolve({ data: { items } }))).map(({ id }) => id).join('');
    };
    assert.equal(await orderOf(1, 2, 2, 3), '0123');
    assert.equal(await orderOf(3, 2, 2, 1), '3210');
    assert.equal(await orderOf(1, 99, 2, 4, 4), '01234');
    assert.equal(await orderOf(1, null, null), '012');
  });

  it('asks for a chat whose id has half a surrogate pair, which an address cannot hold', async () => {
    const paths: string[] = [];
    const ask: Ask = (path) => Promise.resolve({ data: { items: [] } }).finally(() => paths.push(path));
    for (const chatId of ['\ud83c\udf37', '\ud83c']) await messagesOf(ask, { chatId });
    assert.deepEqual(
      paths.map((path) => path.split('/').at(-2)),
      ['%F0%9F%8C%B7', '%EF%BF%BD'],
    );
  });

  it('gives each message once, though pages overlap', async () => {
    const all = messages(150);
    const { ask } = chatOf(all, (end) => (end < 150 ? String(end - 30) : null));
    assert.equal((await messagesOf(ask)).length, 150);
  });

  for (const [name, cursorOf] of [
    ['the cursor repeats', () => '0'],
    ['the cursor is neither a text nor a number', () => [1]],
  ] as const) {
    it(`goes on by time if ${name}`, async () => {
      const { ask, queries } = chatOf(messages(250), cursorOf);
      assert.equal((await messagesOf(ask)).length, 250);
      assert.ok(queries.length < 10, `${queries.length} requests`);
    });
  }

  it('fails soon if the same page comes whatever is asked for, and has given what is on it', async () => {
    for (const [size, nextPage] of [
      [40, 'again'],
      [100, {}],
    ] as const) {
      let asked = 0;
      const found: Item[] = [];
      const items = messages(size);
      const ask: Ask = () => {
        asked += 1;
        return Promise.resolve({ data: { items, nextPage } });
      };
      await assert.rejects(async () => {
        for await (const page of readChatMessages(ask, { line: LINE, chatId: '7', from: FROM })) found.push(...page);
      }, isNoProgress);
      assert.equal(found.length, size);
      assert.ok(asked <= 6, `${asked} requests`);
    }
  });

  it('reads a bare list in place of a page by time', async () => {
    const { ask } = chatOf(messages(250), () => null);
    const bare: Ask = async (...request) => {
      const body = await ask(...request);
      return isRecord(body) && isRecord(body.data) ? { data: body.data.items } : body;
    };
    assert.equal((await messagesOf(bare)).length, 250);
  });

  for (const word of ['null', 'undefined', 'false', ' ']) {
    it(`takes the cursor ${JSON.stringify(word)} for none`, async () => {
      const { ask, queries } = chatOf(messages(40), () => word);
      assert.equal((await messagesOf(ask)).length, 40);
      assert.equal(queries.length, 1);
    });
  }

  it('ends without a cursor, even if the last page is full and all on it is of one second', async () => {
    const all = messages(100).map(({ id }) => ({ id, time: FROM + 5 }));
    const { ask, queries } = chatOf(all, () => null);
    assert.equal((await messagesOf(ask)).length, 100);
    assert.equal(queries.length, 1);
  });

  it('fails if the cursor repeats and more messages than a page holds were written in one second, or have no time', async () => {
    for (const time of [FROM + 5, null]) {
      const items = messages(100).map(({ id }) => ({ id, time }));
      await assert.rejects(
        messagesOf(() => Promise.resolve({ data: { items, nextPage: 'again' } })),
        isNoProgress,
      );
    }
  });

  it('passes a refusal on', async () => {
    const refusal = ApiError.refused('/x', { status: 404 });
    await assert.rejects(
      messagesOf(() => Promise.reject(refusal)),
      refusal,
    );
  });
});

function isNoProgress(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'noProgress' && !error.message.includes('/7/');
}
