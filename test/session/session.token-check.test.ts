import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { codeOf, errorOf } from '../support/errors';
import { refusal, type Outcome } from '../support/fake-network';
import { ACCOUNT, TokenStub } from '../support/token-stub';

const MINUTE = 60_000;
const CHECK = 'GET /v1/tokens/check';
const REFRESH = 'POST /v1/tokens/refresh';

type Ask = (token: string) => Promise<string>;

const refused = (status: number, body: unknown = {}): ApiError => ApiError.refused('/v1/x', { status, body });

/** A session that is logged in with the token `access-1`, and has asked ChatApp nothing since. */
async function loggedIn(): Promise<TokenStub> {
  const stub = new TokenStub(ACCOUNT);
  await stub.session.authorised(stub.ask);
  stub.network.requests.length = 0;
  return stub;
}

/** A request that answers a dead token with `error`. */
function answeringDeadTokens(stub: TokenStub, error: ApiError): Ask {
  return async (token) => {
    await Promise.resolve();
    if (stub.dead.has(token)) throw error;
    return `answer to ${token}`;
  };
}

const always =
  (error: ApiError): Ask =>
  () =>
    Promise.reject(error);

describe('a session whose request is refused without ApiInvalidTokenError', () => {
  for (const [what, error] of [
    ['401 without a code', refused(401, { message: 'Unauthenticated.' })],
    ['401 with another code', refused(401, { error: { code: 'ApiUnauthorizedError' } })],
    ['403 without a code', refused(403, { success: false })],
    ['403 with a page', refused(403, undefined)],
    ['an expired page (419)', refused(419, { message: 'CSRF token mismatch.' })],
    ['a redirect to a login page', refused(302, undefined)],
  ] as const) {
    it(`renews a token that the check calls dead, and repeats the request: ${what}`, async () => {
      const stub = await loggedIn();
      stub.dead.add('access-1');
      assert.equal(await stub.session.authorised(answeringDeadTokens(stub, error)), 'answer to access-2');
      assert.deepEqual(stub.network.paths, [CHECK, REFRESH]);
      assert.equal(stub.network.requests[0]?.headers.Authorization, 'access-1');
    });

    it(`leaves the refusal as it is if the token is alive: ${what}`, async () => {
      const stub = await loggedIn();
      assert.equal(await errorOf(stub.session.authorised(always(error))), error);
      assert.deepEqual(stub.network.paths, [CHECK]);
    });
  }

  for (const error of [refused(404), refused(422), refused(500), ApiError.timeout('host', 10_000)]) {
    it(`does not check the token because of another error: ${String(error.status ?? error.reason)}`, async () => {
      const stub = await loggedIn();
      stub.dead.add('access-1');
      assert.equal(await errorOf(stub.session.authorised(always(error))), error);
      assert.deepEqual(stub.network.paths, []);
    });
  }

  it('checks the token once, however many requests are refused at the same time', async () => {
    const stub = await loggedIn();
    stub.dead.add('access-1');
    const ask = answeringDeadTokens(stub, refused(403));
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => stub.session.authorised(ask)));
    assert.deepEqual(new Set(answers), new Set(['answer to access-2']));
    assert.deepEqual(stub.network.paths, [CHECK, REFRESH]);
  });

  it('checks a token that is alive again after 3 min, not before', async () => {
    const stub = await loggedIn();
    for (let minute = 0; minute < 3; minute += 1) {
      for (let count = 0; count < 10; count += 1) await errorOf(stub.session.authorised(always(refused(403))));
      await stub.clock.pass(MINUTE);
    }
    assert.deepEqual(stub.network.paths, [CHECK]);
    stub.dead.add('access-1');
    await stub.session.authorised(answeringDeadTokens(stub, refused(403)));
    assert.deepEqual(stub.network.paths, [CHECK, CHECK, REFRESH]);
  });

  it('counts the 3 min by the monotonic clock, not by the time of day', async () => {
    const stub = await loggedIn();
    await errorOf(stub.session.authorised(always(refused(403))));
    stub.clock.setTo(stub.clock.now() - 24 * 60 * MINUTE);
    await stub.clock.pass(3 * MINUTE);
    await errorOf(stub.session.authorised(always(refused(403))));
    assert.deepEqual(stub.network.paths, [CHECK, CHECK]);
  });

  it('checks a new token by itself: one that is refused at once is not taken for dead', async () => {
    const stub = await loggedIn();
    stub.dead.add('access-1');
    const error = refused(403);
    assert.equal(await errorOf(stub.session.authorised(always(error))), error);
    assert.deepEqual(stub.network.paths, [CHECK, REFRESH, CHECK]);
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-2');
  });

  it('repeats a request of the token before with the new one, without a check', async () => {
    const stub = await loggedIn();
    stub.dead.add('access-1');
    let reject: (error: Error) => void = () => assert.fail('nobody has asked');
    const late = stub.session.authorised((token) =>
      token === 'access-1' ? new Promise<string>((_resolve, fail) => (reject = fail)) : stub.ask(token),
    );
    await stub.clock.settle();
    await stub.session.authorised(stub.ask);
    reject(refused(403));
    assert.equal(await late, 'answer to access-2');
    assert.deepEqual(stub.network.paths, [REFRESH]);
  });

  it('reports a token that is dead and cannot be renewed', async () => {
    const stub = new TokenStub({ kind: 'token', accessToken: 'pasted' });
    stub.dead.add('pasted');
    assert.equal(await codeOf(stub.session.authorised(always(refused(403)))), 'TOKEN_INVALID.pasted');
  });

  for (const [what, outcome] of [
    ['401', { status: 401, json: { message: 'Unauthenticated.' } }],
    ['403 and a page', { status: 403, text: '<html>Forbidden</html>' }],
  ] as const satisfies readonly (readonly [string, Outcome])[]) {
    it(`takes the token for dead if the check itself is refused with ${what}`, async () => {
      const stub = await loggedIn();
      stub.check = outcome;
      assert.equal(
        await stub.session.authorised((token) =>
          token === 'access-1' ? Promise.reject(refused(403)) : stub.ask(token),
        ),
        'answer to access-2',
      );
    });
  }

  for (const [what, outcome] of [
    ['an outage', { status: 503, text: '' }],
    ['an unknown path', refusal(404, 'ApiNotFoundError')],
    ['a page', { text: '<html>Welcome</html>' }],
    ['no connection', new TypeError('fetch failed')],
  ] as const satisfies readonly (readonly [string, Outcome])[]) {
    it(`renews nothing and checks again the next time if the check brings ${what}`, async () => {
      const stub = await loggedIn();
      stub.check = outcome;
      const error = refused(403);
      const failed = errorOf(stub.session.authorised(always(error)));
      await stub.clock.pass(MINUTE);
      assert.equal(await failed, error);
      assert.deepEqual(new Set(stub.network.paths), new Set([CHECK]));
      stub.check = undefined;
      stub.dead.add('access-1');
      await stub.session.authorised(answeringDeadTokens(stub, error));
      assert.deepEqual(stub.network.paths.at(-1), REFRESH);
    });
  }
});
