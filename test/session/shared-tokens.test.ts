import assert from 'node:assert/strict';
import { startSimulator, type Simulator } from '../../simulator';
import { readLines } from '../../src/api/lines';
import { systemClock } from '../../src/clock';
import { silentLog } from '../../src/log';
import type { Credentials } from '../../src/session/credentials';
import { Sessions, type OpenSession } from '../../src/session/sessions';
import { memoryStore, type Store } from '../../src/store';

/** A store that several share, with its lock. It can be away, as NATS can. */
class SharedStore implements Store {
  isAway = false;
  readonly #kept = memoryStore();
  #last: Promise<unknown> = Promise.resolve();

  read(name: string): Promise<string | undefined> {
    return this.isAway ? Promise.reject(new Error('away')) : this.#kept.read(name);
  }

  write(name: string, text: string): Promise<void> {
    return this.isAway ? Promise.reject(new Error('away')) : this.#kept.write(name, text);
  }

  exclusively<T>(_name: string, run: () => Promise<T>): Promise<T> {
    const result = this.isAway ? run() : this.#last.then(run);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

describe('tokens that several copies share', () => {
  let simulator: Simulator;
  let store: SharedStore;
  const open: OpenSession[] = [];
  beforeEach(async () => {
    simulator = await startSimulator();
    store = new SharedStore();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((session) => session.close()));
    await simulator.close();
  });

  /** A copy is a process of its own: only the store is shared. */
  const copy = (credentials?: Credentials): OpenSession => {
    const { email, password, appId } = simulator.account;
    const session = new Sessions().open({
      credentials: credentials ?? { kind: 'account', email, password, appId },
      apiUrl: simulator.url,
      network: {},
      store,
      clock: systemClock,
      log: silentLog,
    });
    open.push(session);
    return session;
  };
  const ask = ({ session, api }: OpenSession): Promise<unknown> => session.authorised((token) => readLines(api, token));
  const askAll = (copies: readonly OpenSession[]): Promise<unknown> => Promise.all(copies.map(ask));
  /** How many logins and renewals there were. */
  const visits = (): [logins: number, renewals: number] => [
    simulator.requestsTo('/v1/tokens').length,
    simulator.requestsTo('/v1/tokens/refresh').length,
  ];

  it('cost one login, however many copies start at once', async () => {
    await askAll(Array.from({ length: 5 }, () => copy()));
    assert.deepEqual(visits(), [1, 0]);
  });

  it('cost one renewal, however many find them dead, and one login where both are', async () => {
    const copies = Array.from({ length: 5 }, () => copy());
    await askAll(copies);
    simulator.expireAccessToken();
    await askAll(copies);
    assert.deepEqual(visits(), [1, 1]);
    simulator.expireAccessToken();
    simulator.expireRefreshToken();
    await askAll(copies);
    assert.deepEqual(visits(), [2, 2]);
  });

  it('are renewed once more by a copy that finds those of another one dead too', async () => {
    const [one, other] = [copy(), copy()];
    await askAll([one, other]);
    simulator.expireAccessToken();
    await ask(one);
    simulator.expireAccessToken();
    await ask(other);
    await ask(one);
    assert.deepEqual(visits(), [1, 2]);
  });

  it('of a copy that had to renew them alone are not forgotten for the older ones that are kept', async () => {
    const { accessToken, refreshToken } = simulator.account;
    const pasted = { kind: 'token', accessToken, refreshToken } as const;
    const [one, other] = [copy(pasted), copy(pasted)];
    await askAll([one, other]);
    simulator.expireAccessToken();
    await ask(one);
    store.isAway = true;
    simulator.expireAccessToken();
    await ask(one);
    store.isAway = false;
    simulator.expireAccessToken();
    await ask(one);
    await ask(other);
    assert.deepEqual(visits(), [0, 3]);
  });
});
