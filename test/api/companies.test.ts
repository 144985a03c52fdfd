import assert from 'node:assert/strict';
import { ApiClient } from '../../src/api/client';
import { readAllEmployees, readCompanies, readEmployees } from '../../src/api/companies';
import type { Ask } from '../../src/api/paging';
import { codeOf } from '../support/errors';
import { FakeNetwork, ok, refusal, type Outcome, type SentRequest } from '../support/fake-network';

function askOf(answer: (request: SentRequest, count: number) => Outcome): { ask: Ask; network: FakeNetwork } {
  const network = new FakeNetwork(answer);
  const api = new ApiClient({ apiUrl: 'https://api.example.test', network });
  return { ask: (path, query) => api.read({ path, query, token: 't' }), network };
}

const page = (items: unknown, nextPage: unknown = null): Outcome => ok({ items, nextPage });

describe('the companies of an account', () => {
  it('come with their names, ids as strings', async () => {
    const { ask, network } = askOf(() => page([{ companyId: 3001, name: 'Flowers & Co' }, { companyId: '3002' }]));
    assert.deepEqual(await readCompanies(ask), [{ companyId: '3001', name: 'Flowers & Co' }, { companyId: '3002' }]);
    assert.deepEqual(network.paths, ['GET /v1/companies']);
  });

  it('come from every page, each once, whatever the cursor looks like', async () => {
    const cursors: unknown[] = ['1,2', 7, null];
    const { ask, network } = askOf((_request, count) =>
      page([{ companyId: count }, { companyId: 99, name: `seen on ${count}` }], cursors[count - 1]),
    );
    assert.deepEqual(
      (await readCompanies(ask)).map(({ companyId, name }) => [companyId, name]),
      [
        ['1', undefined],
        ['99', 'seen on 3'],
        ['2', undefined],
        ['3', undefined],
      ],
    );
    const asked = network.requests.map(({ url }) => Object.fromEntries(url.searchParams));
    assert.deepEqual(asked, [{ limit: '100' }, { limit: '100', nextPage: '1,2' }, { limit: '100', nextPage: '7' }]);
  });

  it('leave out what is no company, and names that are none', async () => {
    const ids = [null, '', '1.2', 'x', -1, 1.5, 1e21, {}, [5], true, undefined];
    const junk: unknown[] = [null, 7, 'text', [], ...ids.map((companyId) => ({ companyId, name: 'Junk' }))];
    const names = [null, '', '   ', {}, ['x'], 42, ' Eins '];
    const odd = names.map((name, index) => ({ companyId: index + 11, name }));
    const { ask } = askOf(() => page([...junk, ...odd]));
    assert.deepEqual(
      (await readCompanies(ask)).map(({ name }) => name),
      [undefined, undefined, undefined, undefined, undefined, '42', 'Eins'],
    );
  });

  it('fail, and are not asked for without end, if the cursor leads around or nowhere', async () => {
    const around = askOf((_request, count) => page([{ companyId: count }], count % 2 === 0 ? 'even' : 'odd'));
    assert.equal(await codeOf(readCompanies(around.ask)), 'API_FAILED.noProgress');
    assert.equal(around.network.requests.length, 3);
    const nowhere = askOf((_request, count) => page([{ companyId: 1 }], `cursor-${count}`));
    assert.equal(await codeOf(readCompanies(nowhere.ask)), 'API_FAILED.noProgress');
    assert.equal(nowhere.network.requests.length, 5);
    const endless = askOf((_request, count) => page([{ companyId: count }], `cursor-${count}`));
    assert.equal(await codeOf(readCompanies(endless.ask)), 'API_FAILED.noProgress');
    assert.equal(endless.network.requests.length, 100);
    const odd = askOf(() => page([{ id: 1 }], { page: 2 }));
    assert.equal(await codeOf(readEmployees(odd.ask, '3001')), 'API_FAILED.noProgress');
  });

  it('are not guessed from an answer of another form', async () => {
    for (const json of [null, {}, { data: [] }, { data: { items: {} } }, { success: true }]) {
      assert.equal(await codeOf(readCompanies(askOf(() => ({ json })).ask)), 'API_FAILED.unreadable');
    }
  });
});

describe('the employees of an account', () => {
  const eva = { id: 7, email: 'eva@example.com', fullName: 'Eva Muster', role: { name: 'Operator' } };

  it('of one company come with name, address and role', async () => {
    const { ask, network } = askOf(() =>
      page([eva, { id: '8', email: null, fullName: '', role: 'Owner' }, { id: 'x' }]),
    );
    assert.deepEqual(await readEmployees(ask, '3001'), [
      { companyId: '3001', userId: '7', name: 'Eva Muster', email: 'eva@example.com', role: 'Operator' },
      { companyId: '3001', userId: '8', role: 'Owner' },
    ]);
    assert.deepEqual(network.paths, ['GET /v1/companies/3001/employees']);
  });

  it('of all companies come in the order of the companies; one who is in two comes twice', async () => {
    const { ask } = askOf(({ url }) => {
      if (url.pathname === '/v1/companies') return page([{ companyId: 2 }, { companyId: 1 }]);
      return page([eva, { id: url.pathname.includes('/2/') ? 20 : 10 }]);
    });
    assert.deepEqual(
      (await readAllEmployees(ask)).map(({ companyId, userId }) => `${companyId}/${userId}`),
      ['2/7', '2/20', '1/7', '1/10'],
    );
  });

  it('of all companies leave out a company that ChatApp hides, unless it hides all', async () => {
    const hiding = (hidden: string): Ask =>
      askOf(({ url }) => {
        if (url.pathname === '/v1/companies') return page([{ companyId: 1 }, { companyId: 2 }]);
        return url.pathname.match(hidden) ? refusal(403, 'ApiForbiddenError') : page([eva]);
      }).ask;
    assert.deepEqual(
      (await readAllEmployees(hiding('/1/'))).map(({ companyId }) => companyId),
      ['2'],
    );
    assert.equal(await codeOf(readAllEmployees(hiding('/'))), 'API_FAILED.refused');
  });

  it('of all companies are not reported in part where a company’s cannot be read', async () => {
    const { ask } = askOf(({ url }) => {
      if (url.pathname === '/v1/companies') return page([{ companyId: 1 }, { companyId: 2 }]);
      return url.pathname.includes('/2/') ? { json: {} } : page([eva]);
    });
    assert.equal(await codeOf(readAllEmployees(ask)), 'API_FAILED.unreadable');
  });

  it('of no company are none', async () => {
    assert.deepEqual(await readAllEmployees(askOf(() => page([])).ask), []);
  });
});
