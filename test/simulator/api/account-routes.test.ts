import assert from 'node:assert/strict';
import { type Simulator, startSimulator } from '../../../simulator';
import { isRecord } from '../../../simulator/json';
import { ask } from '../api-client';

describe('the account of the simulator', () => {
  let simulator: Simulator;

  before(async () => {
    const employee = { id: 7, email: 'eva@example.com', fullName: 'Eva Muster', role: { name: 'Operator' } };
    const companies = [{ companyId: 12, name: 'Muster', employees: [employee] }];
    const messengers = ['telegram', { type: 'avito', name: 'Avito', info: { phone: '77000000009' } }];
    simulator = await startSimulator({
      account: { cabinetUserId: 7, licenses: [{ licenseId: 61, licenseName: 'Eins', messengers }], companies },
    });
  });
  after(() => simulator.close());

  it('reports its own id', async () => {
    assert.deepEqual((await ask(simulator, 'GET /v1/me')).body, { success: true, data: { cabinetUserId: 7 } });
  });

  it('lists lines as a bare array, with their messengers', async () => {
    const { body } = await ask(simulator, 'GET /v1/licenses');
    assert.deepEqual(body, {
      success: true,
      data: [
        {
          licenseId: 61,
          licenseTo: 4102444800,
          licenseName: 'Eins',
          meOwner: true,
          active: true,
          status: { id: 4, code: 'paid' },
          messenger: [
            { type: 'telegram', name: 'Telegram', info: { phone: null } },
            { type: 'avito', name: 'Avito', info: { phone: '77000000009' } },
          ],
          app: [],
          access: [],
        },
      ],
    });
  });

  it('lists companies and their employees as pages', async () => {
    const companies = await ask(simulator, 'GET /v1/companies');
    assert.deepEqual(companies.data, { items: [{ companyId: 12, name: 'Muster' }], nextPage: null });
    const employees = await ask(simulator, 'GET /v1/companies/12/employees');
    const eva = { id: 7, email: 'eva@example.com', fullName: 'Eva Muster', role: { name: 'Operator' } };
    assert.deepEqual(employees.data, { items: [eva], nextPage: null });
  });

  it('pages companies and employees by a cursor, 20 at a time or as many as asked for', async () => {
    const { companies } = simulator.account;
    const own = companies.splice(0);
    companies.push(...Array.from({ length: 45 }, (_, index) => ({ companyId: index + 1, name: '', employees: [] })));
    for (const [query, sizes] of [
      ['', [20, 20, 5]],
      ['limit=15', [15, 15, 15]],
      ['limit=100', [45]],
    ] as const) {
      const found: unknown[] = [];
      for (let cursor = '', turn = 0; turn < 4; turn += 1) {
        const { data } = await ask(simulator, `GET /v1/companies?${query}${cursor}`);
        assert.ok(isRecord(data) && Array.isArray(data.items));
        found.push(data.items.length);
        if (typeof data.nextPage !== 'string') break;
        cursor = `&nextPage=${data.nextPage}`;
      }
      assert.deepEqual(found, sizes);
    }
    companies.splice(0, 45, ...own);
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'nextPage=x', 'nextPage=']) {
      assert.equal((await ask(simulator, `GET /v1/companies/12/employees?${query}`)).status, 422, query);
    }
  });

  it('has no employees for a company that is not its own, and no other routes', async () => {
    assert.equal((await ask(simulator, 'GET /v1/companies/13/employees')).status, 404);
    assert.equal((await ask(simulator, 'GET /v1/nothing')).status, 404);
    assert.equal((await ask(simulator, 'DELETE /v1/licenses')).status, 405);
    assert.equal((await ask(simulator, 'GET /v1/companies/%E0/employees')).status, 404);
  });

  it('names its app after its user', () => {
    assert.equal(simulator.account.appId, 'app_7_1');
  });
});
