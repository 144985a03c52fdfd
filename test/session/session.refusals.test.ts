import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { codeOf, errorOf } from '../support/errors';
import { refusal, type Outcome } from '../support/fake-network';
import { ACCOUNT, invalidToken, TokenStub } from '../support/token-stub';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PASSING: readonly Outcome[] = [
  { status: 500, text: '<html>' },
  { status: 503, text: '' },
  { text: '<html>Please log in</html>' },
  { json: { success: true, data: {} } },
  new TypeError('fetch failed'),
];

function pasted(refreshToken?: string): TokenStub {
  const stub = new TokenStub({ kind: 'token', accessToken: 'pasted', ...(refreshToken && { refreshToken }) });
  stub.dead.add('pasted');
  return stub;
}

/** Asks often for as long as `minutes`; every time the error must be `name`, and ChatApp must not be asked. */
async function staysRefused(stub: TokenStub, name: string, minutes: number): Promise<void> {
  const [visits, asked] = [stub.visits, stub.asked.length];
  for (let minute = 0; minute < minutes; minute += 1) {
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), name);
    await stub.clock.pass(MINUTE - 1);
  }
  assert.deepEqual([stub.visits, stub.asked.length], [visits, asked]);
}

describe('a session that the user has to correct', () => {
  it('a dead pasted token is reported as such, and left alone for 5 min', async () => {
    const stub = pasted();
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'TOKEN_INVALID.pasted');
    assert.deepEqual([stub.visits, stub.asked.length], [0, 1]);
    await staysRefused(stub, 'TOKEN_INVALID.pasted', 5);
    await stub.clock.pass(MINUTE);
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'TOKEN_INVALID.pasted');
    assert.equal(stub.asked.length, 2);
  });

  it('a refusal lasts for 5 min whatever happens to the wall clock', async () => {
    const stub = pasted();
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'TOKEN_INVALID.pasted');
    stub.clock.setTo(stub.clock.now() + DAY);
    await staysRefused(stub, 'TOKEN_INVALID.pasted', 5);
    stub.clock.setTo(stub.clock.now() - 2 * DAY);
    await stub.clock.pass(MINUTE);
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'TOKEN_INVALID.pasted');
    assert.equal(stub.asked.length, 2);
  });

  it('a dead pasted pair is reported as such, after one refresh', async () => {
    const stub = pasted('pasted-refresh');
    stub.dead.add('pasted-refresh');
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'TOKEN_INVALID.refresh');
    assert.equal(stub.visits, 1);
    await staysRefused(stub, 'TOKEN_INVALID.refresh', 5);
  });

  for (const outcome of [401, 403, 404, 422, 200].map((status) => refusal(status, 'ApiInvalidCredentialsError'))) {
    it(`a login refused with ${outcome.status} is not repeated for 5 min`, async () => {
      const stub = new TokenStub(ACCOUNT);
      stub.login = outcome;
      const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(stub.session.authorised(stub.ask))));
      assert.deepEqual(new Set(codes), new Set(['LOGIN_REFUSED.credentials']));
      assert.equal(stub.visits, 1);
      await staysRefused(stub, 'LOGIN_REFUSED.credentials', 5);
      await stub.clock.pass(MINUTE);
      stub.login = undefined;
      assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
    });
  }

  it('a caller that learns late that the token is dead does not log in again after a refusal', async () => {
    const stub = new TokenStub(ACCOUNT);
    await stub.session.authorised(stub.ask);
    stub.dead.add('access-1').add('refresh-1');
    stub.login = refusal(401, 'ApiInvalidCredentialsError');
    const late: (() => void)[] = [];
    const slow = Array.from({ length: 9 }, () =>
      codeOf(stub.session.authorised(() => new Promise((_resolve, reject) => late.push(() => reject(invalidToken()))))),
    );
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'LOGIN_REFUSED.credentials');
    const { visits } = stub;
    for (const reject of late) reject();
    assert.deepEqual(new Set(await Promise.all(slow)), new Set(['LOGIN_REFUSED.credentials']));
    assert.equal(stub.visits, visits);
  });

  it('the quota of tokens is reported with the time of the next try, and kept', async () => {
    for (const [headers, minutes] of [
      [{ 'Retry-After': '3600' }, 60],
      [{ 'Retry-After': '0' }, 1],
      [{}, 15],
    ] as const) {
      const stub = new TokenStub(ACCOUNT);
      stub.login = refusal(429, 'ApiTokenLimitError', headers);
      const nextTry = stub.clock.now() + minutes * MINUTE;
      const error = await errorOf(stub.session.authorised(stub.ask));
      assert.equal(error.code, 'TOKEN_QUOTA');
      assert.equal(error.params.nextTry, new Date(nextTry).toISOString());
      await staysRefused(stub, 'TOKEN_QUOTA.tokens', minutes);
    }
  });

  it('a new token that is refused at once is reported, not renewed without end', async () => {
    const stub = new TokenStub(ACCOUNT);
    for (let number = 1; number < 9; number += 1) stub.dead.add(`access-${number}`);
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'TOKEN_INVALID.account');
    assert.deepEqual([stub.visits, stub.asked.length], [2, 2]);
    await staysRefused(stub, 'TOKEN_INVALID.account', 5);
  });

  it('no error holds a token or a password', async () => {
    const stub = new TokenStub(ACCOUNT);
    stub.login = { status: 401, json: { success: false, error: { code: 'correct horse', message: 'correct horse' } } };
    const error = await errorOf(stub.session.authorised(stub.ask));
    assert.doesNotMatch(inspect(error, { showHidden: true, depth: 9 }), /correct horse|access-|refresh-/);
  });

  it('asks again at once when a refusal is to be forgotten, and remembers the next one', async () => {
    const stub = new TokenStub(ACCOUNT);
    stub.login = refusal(401, 'ApiInvalidCredentialsError');
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'LOGIN_REFUSED.credentials');
    stub.session.forgetRefusal();
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'LOGIN_REFUSED.credentials');
    assert.equal(stub.visits, 2);
    await staysRefused(stub, 'LOGIN_REFUSED.credentials', 5);
    stub.session.forgetRefusal();
    stub.login = undefined;
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
  });

  it('forgets nothing while the quota of tokens is spent', async () => {
    const stub = new TokenStub(ACCOUNT);
    await stub.session.authorised(stub.ask);
    stub.login = refusal(429, 'ApiTokenLimitError');
    stub.dead.add('access-1').add('refresh-1');
    assert.equal(await codeOf(stub.session.authorised(stub.ask)), 'TOKEN_QUOTA.tokens');
    stub.session.forgetRefusal();
    await staysRefused(stub, 'TOKEN_QUOTA.tokens', 15);
  });
});

describe('a session during a temporary failure', () => {
  it('a login that fails in passing is no refusal: the next request tries again', async () => {
    for (const outcome of PASSING) {
      const stub = new TokenStub(ACCOUNT);
      stub.login = outcome;
      assert.match(await codeOf(stub.session.authorised(stub.ask)), /^API_FAILED/);
      stub.login = undefined;
      assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
    }
  });

  it('a refresh that fails in passing costs neither the pair nor a login', async () => {
    for (const outcome of [...PASSING, refusal(429, 'ApiTooManyRequestsError')]) {
      const stub = new TokenStub(ACCOUNT);
      await stub.session.authorised(stub.ask);
      stub.dead.add('access-1');
      stub.refresh = outcome;
      assert.match(await codeOf(stub.session.authorised(stub.ask)), /^API_FAILED/);
      stub.refresh = undefined;
      assert.equal(await stub.session.authorised(stub.ask), 'answer to access-2');
      assert.deepEqual(stub.network.paths.filter((path) => path === 'POST /v1/tokens').length, 1);
    }
  });

  it('a login that is never answered ends after 10 s and is no refusal', async () => {
    const stub = new TokenStub(ACCOUNT);
    stub.login = 'hang';
    const code = codeOf(stub.session.authorised(stub.ask));
    await stub.clock.pass(10_000);
    assert.equal(await code, 'API_FAILED.timeout');
    stub.login = undefined;
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
  });
});
