import assert from 'node:assert/strict';
import { ApiError } from '../../src/api/api-error';
import { codeOf, errorOf } from '../support/errors';
import { ok } from '../support/fake-network';
import { ACCOUNT, invalidToken, TokenDesk } from '../support/token-desk';

const LOGIN = 'POST /v1/tokens';
const REFRESH = 'POST /v1/tokens/refresh';
const PASTED = { kind: 'token', accessToken: 'pasted', refreshToken: 'pasted-refresh' } as const;

describe('the session of an account', () => {
  it('logs in when first needed, once however many ask at once, and keeps the token', async () => {
    const desk = new TokenDesk(ACCOUNT);
    assert.equal(desk.visits, 0);
    const answers = await Promise.all(Array.from({ length: 40 }, () => desk.session.authorised(desk.ask)));
    assert.deepEqual(new Set(answers), new Set(['answer to access-1']));
    await desk.clock.pass(23 * 3_600_000);
    await desk.session.authorised(desk.ask);
    assert.deepEqual(desk.network.paths, [LOGIN]);
  });

  it('uses a token that was issued just now, also if its end is said to be in the past', async () => {
    const desk = new TokenDesk(ACCOUNT);
    desk.login = ok({ accessToken: 'access', accessTokenEndTime: 1 });
    for (let requests = 0; requests < 3; requests += 1) await desk.session.authorised(desk.ask);
    assert.deepEqual(desk.network.paths, [LOGIN]);
  });

  it('refreshes a dead token once, however many find it dead, and repeats each request once', async () => {
    const desk = new TokenDesk(ACCOUNT);
    await desk.session.authorised(desk.ask);
    desk.dead.add('access-1');
    const answers = await Promise.all(Array.from({ length: 40 }, () => desk.session.authorised(desk.ask)));
    assert.deepEqual(new Set(answers), new Set(['answer to access-2']));
    assert.deepEqual(desk.network.paths, [LOGIN, REFRESH]);
    assert.equal(desk.network.requests[1]?.headers.Refresh, 'refresh-1');
    assert.equal(desk.asked.length, 1 + 40 + 40);
  });

  it('uses the renewed pair from then on, access and refresh token', async () => {
    const desk = new TokenDesk(ACCOUNT);
    for (const dead of ['none', 'access-1', 'access-2', 'access-3']) {
      desk.dead.add(dead);
      await desk.session.authorised(desk.ask);
    }
    assert.deepEqual(desk.asked, ['access-1', 'access-1', 'access-2', 'access-2', 'access-3', 'access-3', 'access-4']);
    assert.deepEqual(
      desk.network.requests.map(({ headers }) => headers.Refresh),
      [undefined, 'refresh-1', 'refresh-2', 'refresh-3'],
    );
  });

  it('logs in anew where the refresh token is dead too', async () => {
    const desk = new TokenDesk(ACCOUNT);
    await desk.session.authorised(desk.ask);
    desk.dead.add('access-1').add('refresh-1');
    assert.equal(await desk.session.authorised(desk.ask), 'answer to access-2');
    assert.deepEqual(desk.network.paths, [LOGIN, REFRESH, LOGIN]);
  });

  it('keeps the refresh token where a refresh brings no other', async () => {
    const desk = new TokenDesk(ACCOUNT);
    await desk.session.authorised(desk.ask);
    desk.dead.add('access-1');
    desk.refresh = ok({ accessToken: 'lonely' });
    assert.equal(await desk.session.authorised(desk.ask), 'answer to lonely');
    desk.dead.add('lonely');
    desk.refresh = undefined;
    await desk.session.authorised(desk.ask);
    assert.equal(desk.network.requests.at(-1)?.headers.Refresh, 'refresh-1');
  });

  it('does not renew for an answer that comes late and is about the token before', async () => {
    const desk = new TokenDesk(ACCOUNT);
    await desk.session.authorised(desk.ask);
    desk.dead.add('access-1');
    const late: (() => void)[] = [];
    const slow = desk.session.authorised((token) => {
      if (token !== 'access-1') return desk.ask(token);
      return new Promise((_resolve, reject) => late.push(() => reject(invalidToken())));
    });
    await desk.session.authorised(desk.ask);
    for (const reject of late) reject();
    assert.equal(await slow, 'answer to access-2');
    assert.deepEqual(desk.network.paths, [LOGIN, REFRESH]);
  });

  it('leaves every other failure as it is, and asks for no token because of it', async () => {
    const desk = new TokenDesk(ACCOUNT);
    const failures = [ApiError.refused('/v1/x', 422, {}, null), ApiError.timeout('host', 10_000), new Error('other')];
    for (const failure of failures) {
      await assert.rejects(
        desk.session.authorised(() => Promise.reject(failure)),
        failure,
      );
    }
    assert.deepEqual(desk.network.paths, [LOGIN]);
  });

  it('leaves the failure of the repeated request as it is', async () => {
    const desk = new TokenDesk(ACCOUNT);
    const failure = ApiError.refused('/v1/x', 500, {}, null);
    const asking = desk.session.authorised((token) => Promise.reject(token === 'access-1' ? invalidToken() : failure));
    assert.equal(await errorOf(asking), failure);
    assert.equal(await desk.session.authorised(desk.ask), 'answer to access-2');
  });

  it('takes a token that has ended for dead, by ChatApp’s clock, however wrong this machine’s is', async () => {
    for (const days of [0, 3, -3]) {
      const desk = new TokenDesk(ACCOUNT);
      desk.time = Math.floor(desk.clock.now() / 1_000) * 1_000 - days * 86_400_000;
      for (let count = 0; count < 5; count += 1) await desk.session.authorised(desk.ask);
      assert.equal(desk.visits, 1, `${days} days ahead`);
      await desk.clock.pass(86_401_000);
      desk.time += 86_401_000;
      await desk.session.authorised(desk.ask);
      assert.deepEqual(desk.network.paths, [LOGIN, REFRESH]);
      assert.equal(desk.asked.at(-1), 'access-2', 'it was not even asked with the old one');
    }
  });

  it('writes no token and no password into the log', async () => {
    const desk = new TokenDesk(ACCOUNT);
    for (const dead of ['access-1', 'refresh-1', 'access-2']) {
      desk.dead.add(dead);
      await desk.session.authorised(desk.ask);
    }
    assert.ok(desk.log.length > 0);
    assert.doesNotMatch(desk.log.join('\n'), /access-|refresh-|correct horse|olga/);
  });
});

describe('the session of a pasted token', () => {
  it('uses the token without asking anybody', async () => {
    const desk = new TokenDesk(PASTED);
    assert.equal(await desk.session.authorised(desk.ask), 'answer to pasted');
    assert.equal(desk.visits, 0);
  });

  it('renews it with the refresh token, and uses the new pair from then on', async () => {
    const desk = new TokenDesk(PASTED);
    desk.dead.add('pasted');
    assert.equal(await desk.session.authorised(desk.ask), 'answer to access-1');
    assert.equal(await desk.session.authorised(desk.ask), 'answer to access-1');
    assert.deepEqual(desk.network.paths, [REFRESH]);
    assert.equal(desk.network.requests[0]?.headers.Refresh, 'pasted-refresh');
  });

  it('ends with the API client, whatever it was about to do', async () => {
    const desk = new TokenDesk(PASTED);
    desk.dead.add('pasted');
    desk.refresh = 'hang';
    const code = codeOf(desk.session.authorised(desk.ask));
    await desk.clock.settle();
    desk.api.close();
    assert.equal(await code, 'API_FAILED.closed');
  });
});
