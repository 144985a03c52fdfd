import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { pages, type Ask } from '../../src/api/paging';
import { wordsOf } from '../../src/api/entry';
import type { JsonRecord } from '../../src/events/json';

const LIST = { path: '/list', idOf: ({ id }: JsonRecord) => wordsOf(id), maxPages: 50 };

/** Reads a list that has only a cursor; returns what was found, and how often it was asked. */
async function read(
  answer: (asked: number) => object,
): Promise<{ found: JsonRecord[]; asked: number; error?: unknown }> {
  const found: JsonRecord[] = [];
  let asked = 0;
  const ask: Ask = () => Promise.resolve({ data: answer((asked += 1)) });
  try {
    for await (const page of pages(ask, LIST)) found.push(...page);
  } catch (error) {
    return { found, asked, error };
  }
  return { found, asked };
}

describe('the pages of a list', () => {
  it('are asked for by the cursor, which takes the place of the time, and with the rest of the query', async () => {
    const asked: object[] = [];
    const ask: Ask = (path, query) => {
      asked.push({ path, ...query });
      const items = [{ id: asked.length }, null, 'junk'];
      return Promise.resolve({ data: { items, nextPage: asked.length < 3 ? `cursor ${asked.length}` : null } });
    };
    const found = [];
    const query = { direction: 'next', lastTime: '7' };
    for await (const page of pages(ask, { ...LIST, query })) found.push(page);
    assert.deepEqual(found, [[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]);
    const rest = { path: '/list', direction: 'next', limit: '100' };
    assert.deepEqual(asked, [
      { ...rest, lastTime: '7' },
      { ...rest, nextPage: 'cursor 1' },
      { ...rest, nextPage: 'cursor 2' },
    ]);
  });

  it('end without a cursor, however that is said', async () => {
    for (const nextPage of [null, undefined, '', false]) {
      assert.deepEqual(await read(() => ({ items: [{ id: 1 }], nextPage })), { found: [{ id: 1 }], asked: 1 });
    }
  });

  it('fail if the cursor comes again or is neither a text nor a number', async () => {
    for (const nextPage of ['again', 7, {}, [], true, 1.5, 1e300]) {
      const { found, asked, error } = await read((number) => ({ items: [{ id: number }], nextPage }));
      assert.ok(asked <= 2);
      assert.equal(found.length, asked);
      assert.ok(error instanceof ApiError && error.reason === 'noProgress');
    }
  });

  it('fail after a few pages that bring nothing new, and after the maximum of pages that do', async () => {
    const same = await read((number) => ({ items: [{ id: 1 }], nextPage: `page ${number}` }));
    assert.equal(same.asked, 5);
    const others = await read((number) => ({ items: [{ id: number }], nextPage: `page ${number}` }));
    assert.equal(others.asked, 50);
    for (const { error } of [same, others]) assert.ok(error instanceof ApiError && error.reason === 'noProgress');
  });

  it('may repeat what is known for a while: a list that moves does', async () => {
    const { found, error } = await read((number) => ({
      items: [{ id: number < 4 ? 1 : number }],
      nextPage: number < 6 ? `page ${number}` : null,
    }));
    assert.equal(error, undefined);
    assert.deepEqual(
      found.map(({ id }) => id),
      [1, 1, 1, 4, 5, 6],
    );
  });
});
