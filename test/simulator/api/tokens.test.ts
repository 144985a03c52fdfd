import assert from 'node:assert/strict';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../simulator';
import { type ApiAnswer, ask, textIn } from '../api-client';

const START = 1_790_000_000_000;
const HOUR = 60 * 60 * 1000;

describe('the tokens of the simulator', () => {
  let simulator: Simulator;
  let now: number;

  const start = async (options: SimulatorOptions = {}): Promise<void> => {
    simulator = await startSimulator({ now: () => now, ...options });
  };
  const logIn = (fields: object = {}): Promise<ApiAnswer> => {
    const { email, password, appId } = simulator.account;
    return ask(simulator, 'POST /v1/tokens', { token: '', body: { email, password, appId, ...fields } });
  };
  const refresh = (token: string): Promise<ApiAnswer> =>
    ask(simulator, 'POST /v1/tokens/refresh', { token: '', headers: { Refresh: token } });
  const check = (token: string): Promise<ApiAnswer> => ask(simulator, 'GET /v1/tokens/check', { token });

  beforeEach(() => {
    now = START;
  });
  afterEach(() => simulator.close());

  it('are made for a login, with their ends in seconds: a day for access, two weeks for refresh', async () => {
    await start();
    const made = await logIn();
    const [accessToken, refreshToken] = [textIn(made, 'accessToken'), textIn(made, 'refreshToken')];
    assert.match(accessToken, /^[0-9a-f]{64}$/);
    assert.match(refreshToken, /^[0-9a-f]{64}$/);
    assert.deepEqual(made.body, {
      success: true,
      data: {
        cabinetUserId: simulator.account.cabinetUserId,
        accessToken,
        accessTokenEndTime: (START + 24 * HOUR) / 1000,
        refreshToken,
        refreshTokenEndTime: (START + 14 * 24 * HOUR) / 1000,
      },
    });
    assert.equal((await check(accessToken)).status, 200);
  });

  it('are not made for a wrong login', async () => {
    await start();
    for (const wrong of [{ email: 'x@example.com' }, { password: 'wrong' }, { appId: 'app_1_1' }]) {
      const { status, code } = await logIn(wrong);
      assert.deepEqual([status, code], [401, 'ApiInvalidCredentialsError']);
    }
    for (const missing of [{ email: '' }, { password: 5 }, { appId: null }]) {
      assert.equal((await logIn(missing)).status, 422);
    }
    assert.equal((await ask(simulator, 'POST /v1/tokens', { body: 'email=x' })).status, 422);
  });

  it('run out: over the quota a login gets 429, until 24 h have gone by', async () => {
    await start({ tokenQuota: 2 });
    assert.deepEqual([(await logIn()).status, (await logIn()).status], [200, 200]);
    now += 23 * HOUR;
    assert.deepEqual(
      [(await logIn()).status, (await logIn()).body],
      [429, { success: false, error: { code: 'ApiTokenLimitError', message: 'No more tokens today' } }],
    );
    now += HOUR;
    assert.equal((await logIn()).status, 200);
  });

  it('are refreshed to a new pair, beyond the quota; the refresh token is used up, the access token lives on', async () => {
    await start({ tokenQuota: 0 });
    const { accessToken, refreshToken } = simulator.account;
    const renewed = await refresh(refreshToken);
    assert.equal(renewed.status, 200);
    assert.notEqual(textIn(renewed, 'accessToken'), accessToken);
    assert.notEqual(textIn(renewed, 'refreshToken'), refreshToken);
    assert.equal((await check(textIn(renewed, 'accessToken'))).status, 200);
    assert.equal((await check(accessToken)).status, 200);
    assert.deepEqual(
      [(await refresh(refreshToken)).status, (await refresh(refreshToken)).code],
      [403, 'ApiInvalidTokenError'],
    );
    assert.equal((await refresh(textIn(renewed, 'refreshToken'))).status, 200);
  });

  it('are good until their end', async () => {
    await start({ accessTokenLifetime: 2000, refreshTokenLifetime: 5000 });
    const { accessToken, refreshToken } = simulator.account;
    now += 1999;
    assert.equal((await check(accessToken)).status, 200);
    now += 1;
    assert.equal((await check(accessToken)).status, 403);
    now += 3000;
    assert.equal((await refresh(refreshToken)).status, 403);
  });

  it('are refused when dead, unknown or behind a Bearer, for every method that needs one', async () => {
    await start();
    const { accessToken } = simulator.account;
    const refusal = { success: false, error: { code: 'ApiInvalidTokenError', message: 'Invalid Token' } };
    for (const token of ['', 'unknown', `Bearer ${accessToken}`]) {
      for (const what of ['GET /v1/tokens/check', 'GET /v1/licenses', 'GET /v1/companies', 'GET /v1/callbackUrls']) {
        const { status, body } = await ask(simulator, what, { token });
        assert.deepEqual([status, body], [403, refusal], what);
      }
    }
    assert.equal((await check(accessToken)).status, 200);
  });

  it('can be ended at once, each kind by itself', async () => {
    await start();
    const { accessToken, refreshToken } = simulator.account;
    simulator.expireAccessToken();
    assert.equal((await check(accessToken)).status, 403);
    const renewed = await refresh(refreshToken);
    assert.equal((await check(textIn(renewed, 'accessToken'))).status, 200);
    simulator.expireRefreshToken();
    assert.equal((await refresh(textIn(renewed, 'refreshToken'))).status, 403);
  });

  it('can be given from outside, so that they outlive a restart', async () => {
    await start({ account: { accessToken: 'kept access', refreshToken: 'kept refresh' } });
    assert.equal((await check('kept access')).status, 200);
    assert.equal((await refresh('kept refresh')).status, 200);
  });
});
