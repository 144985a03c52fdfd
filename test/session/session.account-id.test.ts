import assert from 'node:assert/strict';
import { ok, refusal, type Outcome } from '../support/fake-network';
import { ACCOUNT, TokenStub } from '../support/token-stub';

const ME = 'GET /v1/me';
const PASTED = { kind: 'token', accessToken: 'pasted', refreshToken: 'pasted-refresh' } as const;

/** A session with a pasted token, of which ChatApp says `me`. */
function pasted(me: Outcome): TokenStub {
  const stub = new TokenStub(PASTED);
  stub.me = me;
  return stub;
}

describe("the account's id of a session", () => {
  it('comes from the login, before the app id', async () => {
    const stub = new TokenStub(ACCOUNT);
    stub.cabinetUserId = 14545;
    await stub.session.authorised(stub.ask);
    assert.equal(stub.session.accountId, '14545');
    assert.equal(await stub.session.findAccountId(), '14545');
    assert.deepEqual(stub.network.paths, ['POST /v1/tokens']);
  });

  it('comes from the app id, without a request', async () => {
    const stub = new TokenStub(ACCOUNT);
    assert.equal(stub.session.accountId, '7001');
    assert.equal(await stub.session.findAccountId(), '7001');
    await stub.session.authorised(stub.ask);
    assert.equal(stub.session.accountId, '7001', 'a login that does not tell it changes nothing');
    assert.ok(!stub.network.paths.includes(ME));
  });

  it('comes from the app id beside a pasted token, without a request', async () => {
    const stub = new TokenStub({ ...PASTED, appId: 'app_14545_1' });
    assert.equal(stub.session.accountId, '14545');
    assert.equal(await stub.session.findAccountId(), '14545');
    assert.deepEqual(stub.network.paths, []);
  });

  it('comes from a refresh rather than from the app id beside a pasted token', async () => {
    const stub = new TokenStub({ ...PASTED, appId: 'app_1_1' });
    stub.cabinetUserId = 14545;
    stub.dead.add('pasted');
    await stub.session.authorised(stub.ask);
    assert.equal(await stub.session.findAccountId(), '14545');
  });

  it('comes from a refresh', async () => {
    const stub = new TokenStub(PASTED);
    stub.cabinetUserId = '14545';
    stub.dead.add('pasted');
    assert.equal(stub.session.accountId, undefined);
    await stub.session.authorised(stub.ask);
    assert.equal(stub.session.accountId, '14545');
  });

  it('is asked of ChatApp for a pasted token, once however many ask', async () => {
    const stub = pasted(ok({ id: 9 }));
    const ids = await Promise.all([stub.session.findAccountId(), stub.session.findAccountId()]);
    assert.deepEqual([...ids, stub.session.accountId, await stub.session.findAccountId()], ['9', '9', '9', '9']);
    assert.deepEqual(stub.network.paths, [ME]);
  });

  it('comes from the refresh if the pasted token turns out to be dead', async () => {
    const stub = pasted(ok({ id: 9 }));
    stub.cabinetUserId = 14545;
    stub.dead.add('pasted');
    assert.equal(await stub.session.findAccountId(), '14545');
    assert.deepEqual(stub.network.paths, [ME, 'POST /v1/tokens/refresh']);
  });

  it('is asked of ChatApp after a login with an app id of another form that does not tell it', async () => {
    const stub = new TokenStub({ ...ACCOUNT, appId: 'my app' });
    stub.me = ok({ cabinetUserId: '5' });
    assert.equal(stub.session.accountId, undefined);
    assert.equal(await stub.session.findAccountId(), '5');
    assert.deepEqual(stub.network.paths, ['POST /v1/tokens', ME]);
  });

  for (const [what, me] of [
    ['an unknown path', refusal(404, 'ApiNotFoundError')],
    ['no id', ok({ email: 'olga@example.com' })],
  ] as const satisfies readonly (readonly [string, Outcome])[]) {
    it(`is undefined, and not asked for again with this token, if the answer is ${what}`, async () => {
      const stub = pasted(me);
      for (let count = 0; count < 3; count += 1) assert.equal(await stub.session.findAccountId(), undefined);
      assert.deepEqual(stub.network.paths, [ME]);
      assert.equal(await stub.session.authorised(stub.ask), 'answer to pasted', 'the session works all the same');
      stub.me = ok({ id: 9 });
      stub.dead.add('pasted');
      await stub.session.authorised(stub.ask);
      assert.equal(await stub.session.findAccountId(), '9', 'it is asked for with the next token');
    });
  }

  for (const [what, me] of [
    ['an outage', { status: 503, text: '' }],
    ['no connection', new TypeError('fetch failed')],
    ['a page of a proxy', { text: '<html>' }],
  ] as const satisfies readonly (readonly [string, Outcome])[]) {
    it(`is asked for again with the same token after ${what}`, async () => {
      const stub = pasted(me);
      assert.equal(await stub.session.findAccountId(), undefined);
      stub.me = ok({ id: 9 });
      assert.equal(await stub.session.findAccountId(), '9');
      assert.deepEqual(stub.network.paths, [ME, ME]);
    });
  }

  it('is undefined without a usable token', async () => {
    const stub = new TokenStub({ kind: 'token', accessToken: 'pasted' });
    stub.dead.add('pasted');
    assert.equal(await stub.session.findAccountId(), undefined);
  });
});
