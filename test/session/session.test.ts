import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { codeOf, errorOf } from '../support/errors';
import { ok } from '../support/fake-network';
import { ACCOUNT, invalidToken, TokenStub } from '../support/token-stub';

const LOGIN = 'POST /v1/tokens';
const REFRESH = 'POST /v1/tokens/refresh';
const PASTED = { kind: 'token', accessToken: 'pasted', refreshToken: 'pasted-refresh' } as const;

describe('the session of an account', () => {
  it('logs in when first needed, once however many ask at once, and keeps the token', async () => {
    const stub = new TokenStub(ACCOUNT);
    assert.equal(stub.visits, 0);
    const answers = await Promise.all(Array.from({ length: 40 }, () => stub.session.authorised(stub.ask)));
    assert.deepEqual(new Set(answers), new Set(['answer to access-1']));
    await stub.clock.pass(23 * 3_600_000);
    await stub.session.authorised(stub.ask);
    assert.deepEqual(stub.network.paths, [LOGIN]);
  });

  it('uses a token that was issued just now, also if its end is said to be in the past', async () => {
    const stub = new TokenStub(ACCOUNT);
    stub.login = ok({ accessToken: 'access', accessTokenEndTime: 1 });
    for (let requests = 0; requests < 3; requests += 1) await stub.session.authorised(stub.ask);
    assert.deepEqual(stub.network.paths, [LOGIN]);
  });

  it('refreshes a dead token once, however many find it dead, and repeats each request once', async () => {
    const stub = new TokenStub(ACCOUNT);
    await stub.session.authorised(stub.ask);
    stub.dead.add('access-1');
    const answers = await Promise.all(Array.from({ length: 40 }, () => stub.session.authorised(stub.ask)));
    assert.deepEqual(new Set(answers), new Set(['answer to access-2']));
    assert.deepEqual(stub.network.paths, [LOGIN, REFRESH]);
    assert.equal(stub.network.requests[1]?.headers.Refresh, 'refresh-1');
    assert.equal(stub.asked.length, 1 + 40 + 40);
  });

  it('uses the renewed pair from then on, access and refresh token', async () => {
    const stub = new TokenStub(ACCOUNT);
    for (const dead of ['none', 'access-1', 'access-2', 'access-3']) {
      stub.dead.add(dead);
      await stub.session.authorised(stub.ask);
    }
    assert.deepEqual(stub.asked, ['access-1', 'access-1', 'access-2', 'access-2', 'access-3', 'access-3', 'access-4']);
    assert.deepEqual(
      stub.network.requests.map(({ headers }) => headers.Refresh),
      [undefined, 'refresh-1', 'refresh-2', 'refresh-3'],
    );
  });

  it('logs in again where the refresh token is dead too', async () => {
    const stub = new TokenStub(ACCOUNT);
    await stub.session.authorised(stub.ask);
    stub.dead.add('access-1').add('refresh-1');
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-2');
    assert.deepEqual(stub.network.paths, [LOGIN, REFRESH, LOGIN]);
  });

  it('keeps the refresh token where a refresh brings no other', async () => {
    const stub = new TokenStub(ACCOUNT);
    await stub.session.authorised(stub.ask);
    stub.dead.add('access-1');
    stub.refresh = ok({ accessToken: 'lonely' });
    assert.equal(await stub.session.authorised(stub.ask), 'answer to lonely');
    stub.dead.add('lonely');
    stub.refresh = undefined;
    await stub.session.authorised(stub.ask);
    assert.equal(stub.network.requests.at(-1)?.headers.Refresh, 'refresh-1');
  });

  it('does not renew for an answer that comes late and is about the token before', async () => {
    const stub = new TokenStub(ACCOUNT);
    await stub.session.authorised(stub.ask);
    stub.dead.add('access-1');
    const late: (() => void)[] = [];
    const slow = stub.session.authorised((token) => {
      if (token !== 'access-1') return stub.ask(token);
      return new Promise((_resolve, reject) => late.push(() => reject(invalidToken())));
    });
    await stub.session.authorised(stub.ask);
    for (const reject of late) reject();
    assert.equal(await slow, 'answer to access-2');
    assert.deepEqual(stub.network.paths, [LOGIN, REFRESH]);
  });

  it('leaves every other failure as it is, and asks for no token because of it', async () => {
    const stub = new TokenStub(ACCOUNT);
    const failures = [ApiError.refused('/v1/x', { status: 422 }), ApiError.timeout('host', 10_000), new Error('other')];
    for (const failure of failures) {
      await assert.rejects(
        stub.session.authorised(() => Promise.reject(failure)),
        failure,
      );
    }
    assert.deepEqual(stub.network.paths, [LOGIN]);
  });

  it('leaves the failure of the repeated request as it is', async () => {
    const stub = new TokenStub(ACCOUNT);
    const failure = ApiError.refused('/v1/x', { status: 500 });
    const asking = stub.session.authorised((token) => Promise.reject(token === 'access-1' ? invalidToken() : failure));
    assert.equal(await errorOf(asking), failure);
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-2');
  });

  it('takes a token that has ended for dead, by ChatApp’s clock, however wrong this machine’s is', async () => {
    for (const days of [0, 3, -3]) {
      const stub = new TokenStub(ACCOUNT);
      stub.time = Math.floor(stub.clock.now() / 1_000) * 1_000 - days * 86_400_000;
      for (let count = 0; count < 5; count += 1) await stub.session.authorised(stub.ask);
      assert.equal(stub.visits, 1, `${days} days ahead`);
      await stub.clock.pass(86_401_000);
      stub.time += 86_401_000;
      await stub.session.authorised(stub.ask);
      assert.deepEqual(stub.network.paths, [LOGIN, REFRESH]);
      assert.equal(stub.asked.at(-1), 'access-2', 'it was not even asked with the old one');
    }
  });

  it('writes no token and no password into the log', async () => {
    const stub = new TokenStub(ACCOUNT);
    for (const dead of ['access-1', 'refresh-1', 'access-2']) {
      stub.dead.add(dead);
      await stub.session.authorised(stub.ask);
    }
    assert.ok(stub.log.length > 0);
    assert.doesNotMatch(stub.log.join('\n'), /access-|refresh-|correct horse|olga/);
  });
});

describe('the session of a pasted token', () => {
  it('uses the token without a request', async () => {
    const stub = new TokenStub(PASTED);
    assert.equal(await stub.session.authorised(stub.ask), 'answer to pasted');
    assert.equal(stub.visits, 0);
  });

  it('renews it with the refresh token, and uses the new pair from then on', async () => {
    const stub = new TokenStub(PASTED);
    stub.dead.add('pasted');
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
    assert.equal(await stub.session.authorised(stub.ask), 'answer to access-1');
    assert.deepEqual(stub.network.paths, [REFRESH]);
    assert.equal(stub.network.requests[0]?.headers.Refresh, 'pasted-refresh');
  });

  it('ends with the API client, whatever it was about to do', async () => {
    const stub = new TokenStub(PASTED);
    stub.dead.add('pasted');
    stub.refresh = 'hang';
    const code = codeOf(stub.session.authorised(stub.ask));
    await stub.clock.settle();
    stub.api.close();
    assert.equal(await code, 'API_FAILED.closed');
  });
});
