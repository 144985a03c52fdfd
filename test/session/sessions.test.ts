import assert from 'node:assert/strict';
import { silentLog } from '../../src/log';
import { Sessions, type OpenSession, type SessionSettings } from '../../src/session/sessions';
import { startSimulator, type Simulator } from '../../simulator';
import { systemClock } from '../../src/clock';
import { readLines } from '../../src/api/lines';
import { memoryStore } from '../../src/store';
import { codeOf } from '../support/errors';

describe('sessions in one process', () => {
  let simulator: Simulator;
  const open: OpenSession[] = [];
  beforeEach(async () => (simulator = await startSimulator()));
  afterEach(async () => {
    await Promise.all(open.splice(0).map((session) => session.close()));
    await simulator.close();
  });

  const settings = (more: Partial<SessionSettings> = {}): SessionSettings => {
    const { email, password, appId } = simulator.account;
    const credentials = { kind: 'account', email, password, appId } as const;
    const base = { credentials, apiUrl: simulator.url, network: {}, store: undefined };
    return { ...base, clock: systemClock, log: silentLog, ...more };
  };
  const ask = ({ session, api }: OpenSession): Promise<unknown> => session.authorised((token) => readLines(api, token));
  const opened = (sessions: Sessions, more?: Partial<SessionSettings>): OpenSession => {
    const session = sessions.open(settings(more));
    open.push(session);
    return session;
  };

  it('with the same account are one: one login for both', async () => {
    const sessions = new Sessions();
    await Promise.all([ask(opened(sessions)), ask(opened(sessions))]);
    assert.equal(simulator.requestsTo('/v1/tokens').length, 1);
  });

  it('with the same tokens are one, with and without an app id', () => {
    const sessions = new Sessions();
    const pasted = { kind: 'token', accessToken: 'x' } as const;
    const { session } = opened(sessions, { credentials: { ...pasted, appId: 'app_14545_1' } });
    assert.equal(opened(sessions, { credentials: pasted }).session, session);
  });

  it('with other accounts are their own', () => {
    const sessions = new Sessions();
    const other = { kind: 'token', accessToken: 'x' } as const;
    assert.notEqual(opened(sessions).session, opened(sessions, { credentials: other }).session);
  });

  it('that keep their tokens in different places are their own', () => {
    const sessions = new Sessions();
    const [here, there] = [opened(sessions), opened(sessions, { storeName: 'nats-1' })];
    assert.notEqual(here.session, there.session);
    assert.equal(opened(sessions, { storeName: 'nats-1' }).session, there.session);
  });

  it('are borrowed for reading the account, wherever the tokens are stored; else there is one of its own', async () => {
    const sessions = new Sessions();
    const there = opened(sessions, { storeName: 'nats-1' });
    await ask(there);
    const borrowed = sessions.borrow(settings());
    assert.equal(borrowed.session, there.session);
    await borrowed.close();
    await ask(there);
    const other = sessions.borrow(settings({ credentials: { kind: 'token', accessToken: 'x' } }));
    open.push(other);
    assert.notEqual(other.session, there.session);
    await there.close();
    const alone = sessions.borrow(settings());
    open.push(alone);
    assert.notEqual(alone.session, there.session);
    assert.equal(opened(sessions).session, alone.session);
  });

  it('are not given to a connection that is deployed again with a new store: the one before closes yet, or is borrowed', async () => {
    const sessions = new Sessions();
    const inNats = (): Partial<SessionSettings> => ({ storeName: 'nats-1', store: memoryStore() });
    const old = opened(sessions, inNats());
    const borrowed = sessions.borrow(settings());
    const next = inNats();
    const renewed = opened(sessions, next);
    assert.notEqual(renewed.session, old.session);
    await old.close();
    await ask(borrowed);
    await borrowed.close();
    await assert.rejects(ask(borrowed));
    assert.equal(opened(sessions, next).session, renewed.session);
    const later = sessions.borrow(settings());
    open.push(later);
    assert.equal(later.session, renewed.session);
    await ask(renewed);
  });

  it('live until the last that uses them is closed, however often one is', async () => {
    const sessions = new Sessions();
    const [first, second] = [opened(sessions), opened(sessions)];
    await first.close();
    await first.close();
    await ask(second);
    await second.close();
    await assert.rejects(ask(second));
    await ask(opened(sessions));
  });

  it('know of a spent quota from those before them, and the one whose token is good goes on', async () => {
    const sessions = new Sessions();
    const { email, password, appId } = simulator.account;
    const running = opened(sessions);
    await ask(running);
    simulator.faults.answerWith('login', { status: 429, body: {} });
    const other = { kind: 'account', email, password: `${password}!`, appId } as const;
    for (let turn = 0; turn < 3; turn += 1) {
      const session = sessions.open(settings({ credentials: other }));
      assert.equal(await codeOf(ask(session)), 'TOKEN_QUOTA.tokens');
      await session.close();
    }
    assert.equal(simulator.requestsTo('/v1/tokens').length, 2);
    await ask(running);
    simulator.faults.answerWith('login', undefined);
    const another = { kind: 'account', email: 'eva@example.com', password, appId } as const;
    assert.equal(await codeOf(ask(opened(sessions, { credentials: another }))), 'LOGIN_REFUSED.credentials');
  });
});
