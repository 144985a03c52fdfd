import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../simulator';
import { openAccount, type AccountOptions, type OpenAccount } from '../src/account';
import { createConnection } from '../src/connection';
import { Sessions } from '../src/session/sessions';
import { memoryStore } from '../src/store';
import { codeOf, errorOf } from './support/errors';
import { FakeClock } from './support/fake-clock';
import { ListenerSpy } from './support/listener-spy';
import { startNats } from './support/nats';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

describe('an account that someone looks into', () => {
  let simulator: Simulator;
  const ends: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    simulator = await startSimulator();
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    await simulator.close();
  });

  const options = (more: Partial<AccountOptions> = {}): AccountOptions => {
    const { url, socketUrl, account } = simulator;
    const { email, password, appId } = account;
    return { credentials: { kind: 'account', email, password, appId }, apiUrl: url, socketUrl, ...more };
  };
  const opened = (more?: Partial<AccountOptions>): OpenAccount => {
    const account = openAccount(options(more));
    ends.push(() => account.close());
    return account;
  };
  const connected = async (more: Partial<AccountOptions>): Promise<void> => {
    const connection = createConnection({ ...options(more), recoverHours: 0, onError: (error) => assert.fail(error) });
    ends.push(() => connection.close());
    const line = { type: 'messenger', licenseId: '50101', messengerType: 'telegram' } as const;
    connection.listen(new ListenerSpy(line, { id: 'listener' }));
    await simulator.until((it) => it.subscriptions(CHANNEL) === 1);
  };
  const logins = (): number => simulator.requestsTo('/v1/tokens').length;

  it('reports its lines, its companies, and the employees of one company or of all', async () => {
    simulator.account.companies.push({ companyId: 3002, name: 'Pottery', employees: [] });
    const account = opened();
    const lines = await account.readLines();
    assert.deepEqual(
      lines.map(({ licenseId, name, messengers }) => [licenseId, name, messengers.length]),
      [
        ['50101', 'Flower shop', 2],
        ['50102', 'Мастерская «Ёлка»', 3],
      ],
    );
    assert.deepEqual(await account.readCompanies(), [
      { companyId: '3001', name: 'Flowers & Co' },
      { companyId: '3002', name: 'Pottery' },
    ]);
    const names = (await account.readEmployees()).map(({ companyId, name }) => [companyId, name]);
    assert.deepEqual(names, [
      ['3001', 'Olga Petrova'],
      ['3001', 'João Lima'],
    ]);
    assert.equal((await account.readEmployees('3001')).length, 2);
    assert.deepEqual(await account.readEmployees('3002'), []);
    assert.equal(logins(), 1);
  });

  it('shares the session of a connection that runs, and leaves it alive', async () => {
    const sessions = new Sessions();
    await connected({ sessions });
    const account = openAccount(options({ sessions }));
    await account.readLines();
    await account.close();
    assert.equal(logins(), 1);
    simulator.dropAll();
    await simulator.until((it) => it.connections === 2 && it.subscriptions(CHANNEL) === 1);
  });

  it('shares the session of a connection that keeps its tokens in NATS', async function () {
    const nats = await startNats();
    if (!nats) return this.skip();
    const sessions = new Sessions();
    const cluster = { servers: nats.servers };
    await connected({ sessions, cluster }).finally(() => ends.push(() => nats.end()));
    const account = openAccount(options({ sessions, cluster, store: memoryStore() }));
    await account.readLines();
    await account.check(() => undefined);
    await account.close();
    assert.equal(logins(), 1);
  });

  it('keeps its login for the connection that is deployed later', async () => {
    const store = memoryStore();
    const account = openAccount(options({ store }));
    await account.readCompanies();
    await account.close();
    await connected({ store });
    assert.equal(logins(), 1);
  });

  it('says why it cannot be read', async () => {
    const { email, appId } = simulator.account;
    const other = opened({ credentials: { kind: 'account', email, password: 'wrong', appId } });
    assert.equal(await codeOf(other.readLines()), 'LOGIN_REFUSED.credentials');
    const pasted = opened({ credentials: { kind: 'token', accessToken: 'dead' } });
    assert.equal(await codeOf(pasted.readEmployees()), 'TOKEN_INVALID.pasted');
  });

  it('is not read for longer than 30 s, however often it is tried', async () => {
    simulator.faults.answerWith('companies', 'hang');
    const clock = new FakeClock();
    const error = errorOf(opened({ clock }).readCompanies());
    let isOver = false;
    void error.then(() => (isOver = true));
    for (const [tries, ms] of [
      [1, 10_500],
      [2, 12_000],
      [3, 7_499],
    ] as const) {
      await simulator.until((it) => it.requestsTo('/v1/companies').length === tries);
      await clock.pass(ms);
    }
    assert.equal(isOver, false);
    await clock.pass(1);
    const { code, reason, params } = await error;
    assert.deepEqual([code, reason, params.seconds], ['API_FAILED', 'timeout', 30]);
  });

  it('ends what it reads when it is closed', async () => {
    simulator.faults.answerWith('lines', 'hang');
    const account = openAccount(options());
    const code = codeOf(account.readLines());
    await simulator.until((it) => it.requestsTo('/v1/licenses').length === 1);
    await account.close();
    assert.equal(await code, 'API_FAILED.closed');
  });
});
