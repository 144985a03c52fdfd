import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { codeOf, errorOf } from '../support/errors';
import { refusal, type Outcome } from '../support/fake-network';
import { ACCOUNT, invalidToken, TokenDesk } from '../support/token-desk';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const PASSING: readonly Outcome[] = [
  { status: 500, text: '<html>' },
  { status: 503, text: '' },
  { text: '<html>Please log in</html>' },
  { json: { success: true, data: {} } },
  new TypeError('fetch failed'),
];

function pasted(refreshToken?: string): TokenDesk {
  const desk = new TokenDesk({ kind: 'token', accessToken: 'pasted', ...(refreshToken && { refreshToken }) });
  desk.dead.add('pasted');
  return desk;
}

/** Asks often for as long as `minutes`; every time the error must be `name`, and ChatApp must not be asked. */
async function staysRefused(desk: TokenDesk, name: string, minutes: number): Promise<void> {
  const [visits, asked] = [desk.visits, desk.asked.length];
  for (let minute = 0; minute < minutes; minute += 1) {
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), name);
    await desk.clock.pass(MINUTE - 1);
  }
  assert.deepEqual([desk.visits, desk.asked.length], [visits, asked]);
}

describe('a session that someone has to mend', () => {
  it('a dead pasted token is told as such, and left alone for 5 min', async () => {
    const desk = pasted();
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'TOKEN_INVALID.pasted');
    assert.deepEqual([desk.visits, desk.asked.length], [0, 1]);
    await staysRefused(desk, 'TOKEN_INVALID.pasted', 5);
    await desk.clock.pass(MINUTE);
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'TOKEN_INVALID.pasted');
    assert.equal(desk.asked.length, 2);
  });

  it('a refusal lasts for 5 min whatever happens to the wall clock', async () => {
    const desk = pasted();
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'TOKEN_INVALID.pasted');
    desk.clock.setTo(desk.clock.now() + DAY);
    await staysRefused(desk, 'TOKEN_INVALID.pasted', 5);
    desk.clock.setTo(desk.clock.now() - 2 * DAY);
    await desk.clock.pass(MINUTE);
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'TOKEN_INVALID.pasted');
    assert.equal(desk.asked.length, 2);
  });

  it('a dead pasted pair is told as such, after one refresh', async () => {
    const desk = pasted('pasted-refresh');
    desk.dead.add('pasted-refresh');
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'TOKEN_INVALID.refresh');
    assert.equal(desk.visits, 1);
    await staysRefused(desk, 'TOKEN_INVALID.refresh', 5);
  });

  for (const outcome of [401, 403, 404, 422, 200].map((status) => refusal(status, 'ApiInvalidCredentialsError'))) {
    it(`a login refused with ${outcome.status} is not repeated for 5 min`, async () => {
      const desk = new TokenDesk(ACCOUNT);
      desk.login = outcome;
      const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(desk.session.authorised(desk.ask))));
      assert.deepEqual(new Set(codes), new Set(['LOGIN_REFUSED.credentials']));
      assert.equal(desk.visits, 1);
      await staysRefused(desk, 'LOGIN_REFUSED.credentials', 5);
      await desk.clock.pass(MINUTE);
      desk.login = undefined;
      assert.equal(await desk.session.authorised(desk.ask), 'answer to access-1');
    });
  }

  it('whoever hears late that the token is dead does not log in again after a refusal', async () => {
    const desk = new TokenDesk(ACCOUNT);
    await desk.session.authorised(desk.ask);
    desk.dead.add('access-1').add('refresh-1');
    desk.login = refusal(401, 'ApiInvalidCredentialsError');
    const late: (() => void)[] = [];
    const slow = Array.from({ length: 9 }, () =>
      codeOf(desk.session.authorised(() => new Promise((_resolve, reject) => late.push(() => reject(invalidToken()))))),
    );
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'LOGIN_REFUSED.credentials');
    const { visits } = desk;
    for (const reject of late) reject();
    assert.deepEqual(new Set(await Promise.all(slow)), new Set(['LOGIN_REFUSED.credentials']));
    assert.equal(desk.visits, visits);
  });

  it('the quota of tokens is told with the time of the next try, and kept', async () => {
    for (const [headers, minutes] of [
      [{ 'Retry-After': '3600' }, 60],
      [{ 'Retry-After': '0' }, 1],
      [{}, 15],
    ] as const) {
      const desk = new TokenDesk(ACCOUNT);
      desk.login = refusal(429, 'ApiTokenLimitError', headers);
      const nextTry = desk.clock.now() + minutes * MINUTE;
      const error = await errorOf(desk.session.authorised(desk.ask));
      assert.equal(error.code, 'TOKEN_QUOTA');
      assert.equal(error.params.nextTry, new Date(nextTry).toISOString());
      await staysRefused(desk, 'TOKEN_QUOTA.tokens', minutes);
    }
  });

  it('a new token that is refused at once is told, not renewed without end', async () => {
    const desk = new TokenDesk(ACCOUNT);
    for (let number = 1; number < 9; number += 1) desk.dead.add(`access-${number}`);
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'TOKEN_INVALID.account');
    assert.deepEqual([desk.visits, desk.asked.length], [2, 2]);
    await staysRefused(desk, 'TOKEN_INVALID.account', 5);
  });

  it('no error holds a token or a password', async () => {
    const desk = new TokenDesk(ACCOUNT);
    desk.login = { status: 401, json: { success: false, error: { code: 'correct horse', message: 'correct horse' } } };
    const error = await errorOf(desk.session.authorised(desk.ask));
    assert.doesNotMatch(inspect(error, { showHidden: true, depth: 9 }), /correct horse|access-|refresh-/);
  });

  it('asks anew at once when it is told to forget a refusal, and remembers the next one', async () => {
    const desk = new TokenDesk(ACCOUNT);
    desk.login = refusal(401, 'ApiInvalidCredentialsError');
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'LOGIN_REFUSED.credentials');
    desk.session.forgetRefusal();
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'LOGIN_REFUSED.credentials');
    assert.equal(desk.visits, 2);
    await staysRefused(desk, 'LOGIN_REFUSED.credentials', 5);
    desk.session.forgetRefusal();
    desk.login = undefined;
    assert.equal(await desk.session.authorised(desk.ask), 'answer to access-1');
  });

  it('forgets nothing while the quota of tokens is spent', async () => {
    const desk = new TokenDesk(ACCOUNT);
    await desk.session.authorised(desk.ask);
    desk.login = refusal(429, 'ApiTokenLimitError');
    desk.dead.add('access-1').add('refresh-1');
    assert.equal(await codeOf(desk.session.authorised(desk.ask)), 'TOKEN_QUOTA.tokens');
    desk.session.forgetRefusal();
    await staysRefused(desk, 'TOKEN_QUOTA.tokens', 15);
  });
});

describe('a session in passing trouble', () => {
  it('a login that fails in passing is no refusal: the next request tries again', async () => {
    for (const outcome of PASSING) {
      const desk = new TokenDesk(ACCOUNT);
      desk.login = outcome;
      assert.match(await codeOf(desk.session.authorised(desk.ask)), /^API_FAILED/);
      desk.login = undefined;
      assert.equal(await desk.session.authorised(desk.ask), 'answer to access-1');
    }
  });

  it('a refresh that fails in passing costs neither the pair nor a login', async () => {
    for (const outcome of [...PASSING, refusal(429, 'ApiTooManyRequestsError')]) {
      const desk = new TokenDesk(ACCOUNT);
      await desk.session.authorised(desk.ask);
      desk.dead.add('access-1');
      desk.refresh = outcome;
      assert.match(await codeOf(desk.session.authorised(desk.ask)), /^API_FAILED/);
      desk.refresh = undefined;
      assert.equal(await desk.session.authorised(desk.ask), 'answer to access-2');
      assert.deepEqual(desk.network.paths.filter((path) => path === 'POST /v1/tokens').length, 1);
    }
  });

  it('a login that is never answered ends after 10 s and is no refusal', async () => {
    const desk = new TokenDesk(ACCOUNT);
    desk.login = 'hang';
    const code = codeOf(desk.session.authorised(desk.ask));
    await desk.clock.pass(10_000);
    assert.equal(await code, 'API_FAILED.timeout');
    desk.login = undefined;
    assert.equal(await desk.session.authorised(desk.ask), 'answer to access-1');
  });
});
