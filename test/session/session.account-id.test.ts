import assert from 'node:assert/strict';
import { ok, refusal, type Outcome } from '../support/fake-network';
import { ACCOUNT, TokenDesk } from '../support/token-desk';

const ME = 'GET /v1/me';
const PASTED = { kind: 'token', accessToken: 'pasted', refreshToken: 'pasted-refresh' } as const;

/** A session with a pasted token, of which ChatApp says `me`. */
function pasted(me: Outcome): TokenDesk {
  const desk = new TokenDesk(PASTED);
  desk.me = me;
  return desk;
}

describe("the account's id of a session", () => {
  it('comes from the login, before the app id', async () => {
    const desk = new TokenDesk(ACCOUNT);
    desk.cabinetUserId = 14545;
    await desk.session.authorised(desk.ask);
    assert.equal(desk.session.accountId, '14545');
    assert.equal(await desk.session.findAccountId(), '14545');
    assert.deepEqual(desk.network.paths, ['POST /v1/tokens']);
  });

  it('comes from the app id, without a request', async () => {
    const desk = new TokenDesk(ACCOUNT);
    assert.equal(desk.session.accountId, '7001');
    assert.equal(await desk.session.findAccountId(), '7001');
    await desk.session.authorised(desk.ask);
    assert.equal(desk.session.accountId, '7001', 'a login that does not tell it changes nothing');
    assert.ok(!desk.network.paths.includes(ME));
  });

  it('comes from the app id beside a pasted token, without a request', async () => {
    const desk = new TokenDesk({ ...PASTED, appId: 'app_14545_1' });
    assert.equal(desk.session.accountId, '14545');
    assert.equal(await desk.session.findAccountId(), '14545');
    assert.deepEqual(desk.network.paths, []);
  });

  it('comes from a refresh rather than from the app id beside a pasted token', async () => {
    const desk = new TokenDesk({ ...PASTED, appId: 'app_1_1' });
    desk.cabinetUserId = 14545;
    desk.dead.add('pasted');
    await desk.session.authorised(desk.ask);
    assert.equal(await desk.session.findAccountId(), '14545');
  });

  it('comes from a refresh', async () => {
    const desk = new TokenDesk(PASTED);
    desk.cabinetUserId = '14545';
    desk.dead.add('pasted');
    assert.equal(desk.session.accountId, undefined);
    await desk.session.authorised(desk.ask);
    assert.equal(desk.session.accountId, '14545');
  });

  it('is asked of ChatApp for a pasted token, once however many ask', async () => {
    const desk = pasted(ok({ id: 9 }));
    const ids = await Promise.all([desk.session.findAccountId(), desk.session.findAccountId()]);
    assert.deepEqual([...ids, desk.session.accountId, await desk.session.findAccountId()], ['9', '9', '9', '9']);
    assert.deepEqual(desk.network.paths, [ME]);
  });

  it('comes from the refresh if the pasted token turns out to be dead', async () => {
    const desk = pasted(ok({ id: 9 }));
    desk.cabinetUserId = 14545;
    desk.dead.add('pasted');
    assert.equal(await desk.session.findAccountId(), '14545');
    assert.deepEqual(desk.network.paths, [ME, 'POST /v1/tokens/refresh']);
  });

  it('is asked of ChatApp after a login with an app id of another form that does not tell it', async () => {
    const desk = new TokenDesk({ ...ACCOUNT, appId: 'my app' });
    desk.me = ok({ cabinetUserId: '5' });
    assert.equal(desk.session.accountId, undefined);
    assert.equal(await desk.session.findAccountId(), '5');
    assert.deepEqual(desk.network.paths, ['POST /v1/tokens', ME]);
  });

  for (const [what, me] of [
    ['an unknown path', refusal(404, 'ApiNotFoundError')],
    ['no id', ok({ email: 'olga@example.com' })],
  ] as const satisfies readonly (readonly [string, Outcome])[]) {
    it(`is undefined, and not asked for again with this token, if the answer is ${what}`, async () => {
      const desk = pasted(me);
      for (let count = 0; count < 3; count += 1) assert.equal(await desk.session.findAccountId(), undefined);
      assert.deepEqual(desk.network.paths, [ME]);
      assert.equal(await desk.session.authorised(desk.ask), 'answer to pasted', 'the session works all the same');
      desk.me = ok({ id: 9 });
      desk.dead.add('pasted');
      await desk.session.authorised(desk.ask);
      assert.equal(await desk.session.findAccountId(), '9', 'it is asked for with the next token');
    });
  }

  for (const [what, me] of [
    ['an outage', { status: 503, text: '' }],
    ['no connection', new TypeError('fetch failed')],
    ['a page of a proxy', { text: '<html>' }],
  ] as const satisfies readonly (readonly [string, Outcome])[]) {
    it(`is asked for again with the same token after ${what}`, async () => {
      const desk = pasted(me);
      assert.equal(await desk.session.findAccountId(), undefined);
      desk.me = ok({ id: 9 });
      assert.equal(await desk.session.findAccountId(), '9');
      assert.deepEqual(desk.network.paths, [ME, ME]);
    });
  }

  it('is undefined without a usable token', async () => {
    const desk = new TokenDesk({ kind: 'token', accessToken: 'pasted' });
    desk.dead.add('pasted');
    assert.equal(await desk.session.findAccountId(), undefined);
  });
});
