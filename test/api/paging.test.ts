import assert from 'node:assert/strict';
import { pages } from '../../src/api/paging';

describe('the pages of a list', () => {
  it('are asked for by the cursor, which takes the place of the time, and with the rest of the query', async () => {
    const asked: object[] = [];
    const ask = (path: string, query: object): Promise<unknown> => {
      asked.push({ path, ...query });
      const items = [{ id: asked.length }, null, 'junk'];
      return Promise.resolve({ data: { items, nextPage: asked.length < 3 ? `cursor ${asked.length}` : null } });
    };
    const found = [];
    for await (const page of pages(ask, '/list', { direction: 'next', lastTime: '7' })) found.push(page);
    assert.deepEqual(found, [[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]]);
    const rest = { path: '/list', direction: 'next', limit: '100' };
    assert.deepEqual(asked, [
      { ...rest, lastTime: '7' },
      { ...rest, nextPage: 'cursor 1' },
      { ...rest, nextPage: 'cursor 2' },
    ]);
  });
});
