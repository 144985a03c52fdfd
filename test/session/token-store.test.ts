import assert from 'node:assert/strict';
import type { Credentials } from '../../src/session/credentials';
import { TokenStore } from '../../src/session/token-store';
import { silentLog } from '../../src/log';
import { memoryStore, type Store } from '../../src/store';
import { ACCOUNT, TokenStub } from '../support/token-stub';

const API = 'https://api.example.test';
const keeper = (store: Store, credentials: Credentials = ACCOUNT): TokenStore =>
  new TokenStore(credentials, API, store, silentLog);

/** A store that writes down what is done with it. */
function watched(): Store & { readonly files: Map<string, string> } {
  const files = new Map<string, string>();
  return {
    files,
    read: (name) => Promise.resolve(files.get(name)),
    write: (name, text) => {
      files.set(name, text);
      return Promise.resolve();
    },
  };
}

describe('TokenStore', () => {
  it('outlive a restart: no login is spent on it', async () => {
    const store = memoryStore();
    const first = new TokenStub(ACCOUNT, keeper(store));
    await first.session.authorised(first.ask);
    const second = new TokenStub(ACCOUNT, keeper(store));
    assert.equal(await second.session.authorised(second.ask), 'answer to access-1');
    assert.equal(second.visits, 0);
  });

  it('are safe before they are used', async () => {
    const { files, ...store } = watched();
    const stub = new TokenStub(ACCOUNT, keeper(store));
    await stub.session.authorised((token) => {
      assert.equal(files.size, 1);
      return stub.ask(token);
    });
  });

  it('are renewed without asking with a token that is known to have ended', async () => {
    const store = memoryStore();
    const end = { accessToken: 'old', refreshToken: 'r', accessTokenEnd: Date.UTC(2031, 0, 1) };
    await keeper(store).save(end);
    const stub = new TokenStub(ACCOUNT, keeper(store));
    await stub.session.authorised(stub.ask);
    assert.deepEqual(stub.network.paths, ['POST /v1/tokens/refresh']);
    assert.deepEqual(stub.asked, ['access-1']);
  });

  it('that both died while nobody ran cost one login', async () => {
    const store = memoryStore();
    await keeper(store).save({ accessToken: 'dead', refreshToken: 'dead' });
    const stub = new TokenStub(ACCOUNT, keeper(store));
    stub.dead.add('dead');
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
    assert.deepEqual(stub.network.paths, ['POST /v1/tokens/refresh', 'POST /v1/tokens']);
  });

  it('of a pasted pair are those that it was renewed to', async () => {
    const pasted = { kind: 'token', accessToken: 'pasted', refreshToken: 'pasted-refresh' } as const;
    const store = memoryStore();
    const first = new TokenStub(pasted, keeper(store, pasted));
    first.dead.add('pasted');
    await first.session.authorised(first.ask);
    const second = new TokenStub(pasted, keeper(store, pasted));
    assert.equal(await second.session.authorised(second.ask), 'answer to access-1');
  });

  it('of a pasted pair are the same with and without an app id', async () => {
    const pasted = { kind: 'token', accessToken: 'pasted' } as const;
    const store = memoryStore();
    await keeper(store, pasted).save({ accessToken: 'kept' });
    assert.deepEqual(await keeper(store, { ...pasted, appId: 'app_14545_1' }).load(), { accessToken: 'kept' });
  });

  it('of an earlier version are read, and locked with the key of the store from then on', async () => {
    const { files, ...store } = watched();
    await keeper(store).save({ accessToken: 'kept' });
    const [name = '', earlier] = [...files][0] ?? [];
    const withKey = { ...store, key: () => Promise.resolve('random') };
    assert.deepEqual(await keeper(withKey).load(), { accessToken: 'kept' });
    assert.notEqual(files.get(name), earlier);
    assert.equal(await keeper(store).load(), undefined);
    assert.deepEqual(await keeper(withKey).load(), { accessToken: 'kept' });
  });

  it('are not used any more once another token was pasted, or the password has changed', async () => {
    const store = memoryStore();
    await keeper(store).save({ accessToken: 'kept' });
    assert.equal(await keeper(store, { ...ACCOUNT, password: 'new' }).load(), undefined);
    assert.equal(await keeper(store, { kind: 'token', accessToken: 'new' }).load(), undefined);
    assert.deepEqual(await keeper(store).load(), { accessToken: 'kept' });
  });

  it('show no secret, neither in the name of the file nor in the file', async () => {
    const { files, ...store } = watched();
    await keeper(store).save({ accessToken: 'marked-access', refreshToken: 'marked-refresh' });
    const all = JSON.stringify([...files]);
    for (const secret of ['marked-access', 'marked-refresh', ACCOUNT.password, ACCOUNT.email]) {
      assert.ok(!all.includes(secret), secret);
    }
  });

  it('that cannot be read or written are no reason to stop', async () => {
    const fail = (): Promise<never> => Promise.reject(new Error('disk full'));
    const stub = new TokenStub(ACCOUNT, keeper({ read: fail, write: fail }));
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
  });
});
