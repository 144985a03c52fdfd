import assert from 'node:assert/strict';
import { memoryStore, type Store } from '../../src/store';
import { WebhookSecret } from '../../src/webhook/webhook-secret';
import type { Credentials } from '../../src/session/credentials';

const ACCOUNT = { kind: 'account', email: 'olga@example.com', password: 'secret', appId: 'app_1_1' } as const;

describe('WebhookSecret', () => {
  const log: string[] = [];
  const write = (line: string): void => void log.push(line);
  const of = (store: Store, credentials: Credentials = ACCOUNT): Promise<string> =>
    new WebhookSecret(credentials, store, 'secret.json', { debug: write, info: write, warn: write }).get();
  beforeEach(() => (log.length = 0));

  it('is 32 random bytes that may stand in a path, the same for all that ask', async () => {
    const kept = new WebhookSecret(ACCOUNT, memoryStore(), 'secret.json', { debug: write, info: write, warn: write });
    const [one, other] = await Promise.all([kept.get(), kept.get()]);
    assert.match(one, /^[\w-]{43}$/);
    assert.equal(one, other);
    assert.notEqual(one, await of(memoryStore()));
  });

  it('outlives a restart, and is encrypted in the store', async () => {
    const store = memoryStore();
    const secret = await of(store);
    assert.equal(await of(store), secret);
    assert.ok(!(await store.read('secret.json'))?.includes(secret));
  });

  it('is made again on demand; the one before counts until ChatApp has the new addresses', async () => {
    const store = memoryStore();
    const kept = new WebhookSecret(ACCOUNT, store, 'secret.json', { debug: write, info: write, warn: write });
    const before = await kept.get();
    await kept.renew(async () => {
      assert.notEqual(await kept.get(), before);
      assert.equal(kept.former, before);
    });
    assert.equal(kept.former, undefined);
    assert.equal(await of(store), await kept.get());
  });

  it('is made again where the credentials have changed, or what is kept is spoilt', async () => {
    const store = memoryStore();
    const secret = await of(store);
    const other = await of(store, { ...ACCOUNT, password: 'another' });
    assert.notEqual(other, secret);
    await store.write('secret.json', 'spoilt');
    assert.notEqual(await of(store, { ...ACCOUNT, password: 'another' }), other);
    assert.deepEqual(log, []);
  });

  it('is good for this run where it can neither be read nor kept, and the log says so', async () => {
    const broken: Store = {
      read: () => Promise.reject(new Error('EACCES')),
      write: () => Promise.reject(new Error('EACCES')),
    };
    const secret = await of(broken);
    assert.match(secret, /^[\w-]{43}$/);
    assert.equal(log.length, 2);
    assert.ok(!log.join().includes(secret));
  });
});
