import assert from 'node:assert/strict';
import { ApiClient } from '../../src/api/client';
import { makeTokens, readAccountId, refreshTokens } from '../../src/api/tokens';
import { codeOf } from '../support/errors';
import { FakeNetwork, ok, type FakeAnswer } from '../support/fake-network';

const ACCOUNT = { email: 'olga@example.com', password: 'pa&ss «ё»', appId: 'app_7001_1' };
const PAIR = {
  cabinetUserId: 7001,
  accessToken: 'access-1',
  accessTokenEndTime: 1_900_000_000,
  refreshToken: 'refresh-1',
  refreshTokenEndTime: 1_901_000_000,
};

function clientOf(answer: FakeAnswer): { api: ApiClient; network: FakeNetwork } {
  const network = new FakeNetwork(() => answer);
  return { api: new ApiClient({ apiUrl: 'https://api.example.test', network }), network };
}

describe("the account's id", () => {
  for (const [data, id] of [
    [{ cabinetUserId: 14545, id: 3 }, '14545'],
    [{ cabinetUserId: '14545' }, '14545'],
    [{ id: 9 }, '9'],
    [{ id: '9', cabinetUserId: null }, '9'],
    [{ id: 'olga', cabinetUserId: 1.5 }, undefined],
    [{}, undefined],
    [[], undefined],
    [null, undefined],
  ] as const) {
    it(`is ${String(id)} in an answer with ${JSON.stringify(data)}`, async () => {
      const { api, network } = clientOf(ok(data));
      assert.equal(await readAccountId(api, 'token-1'), id);
      assert.deepEqual(network.paths, ['GET /v1/me']);
      assert.equal(network.requests[0]?.headers.Authorization, 'token-1');
    });
  }

  it('is left out of a pair if the answer has none, or one that is no id', async () => {
    for (const cabinetUserId of [undefined, null, '', 'olga', -1, {}]) {
      const pair = await makeTokens(clientOf(ok({ ...PAIR, cabinetUserId })).api, ACCOUNT);
      assert.ok(!('accountId' in pair));
    }
  });
});

describe('tokens', () => {
  it('are made by a login as JSON', async () => {
    const { api, network } = clientOf(ok(PAIR));
    assert.deepEqual(await makeTokens(api, ACCOUNT), {
      accessToken: 'access-1',
      accessTokenEnd: 1_900_000_000_000,
      refreshToken: 'refresh-1',
      refreshTokenEnd: 1_901_000_000_000,
      accountId: '7001',
    });
    assert.deepEqual(network.paths, ['POST /v1/tokens']);
    assert.deepEqual(JSON.parse(network.requests[0]?.body ?? ''), ACCOUNT);
  });

  it('are refreshed by a header, without a body', async () => {
    const { api, network } = clientOf(ok(PAIR));
    assert.equal((await refreshTokens(api, 'refresh-0')).accessToken, 'access-1');
    const [request] = network.requests;
    assert.deepEqual(network.paths, ['POST /v1/tokens/refresh']);
    assert.equal(request?.headers.Refresh, 'refresh-0');
    assert.equal(request.headers.Authorization, undefined);
    assert.equal(request.body, undefined);
  });

  it('leave out what ChatApp does not tell', async () => {
    for (const rest of [
      {},
      { refreshToken: '' },
      { refreshToken: null, accessTokenEndTime: 'soon' },
      { refreshToken: 'a\r\nb' },
    ]) {
      const { api } = clientOf(ok({ accessToken: 'access-1', ...rest }));
      assert.deepEqual(await makeTokens(api, ACCOUNT), { accessToken: 'access-1' });
    }
  });

  it('are not taken from an answer that holds none', async () => {
    for (const json of [
      null,
      [],
      {},
      { data: null },
      { data: [] },
      { data: { accessToken: '' } },
      { data: { accessToken: 7 } },
      // No request could carry these.
      { data: { accessToken: 'a\r\nX: b' } },
      { data: { accessToken: 'токен' } },
    ]) {
      assert.equal(await codeOf(makeTokens(clientOf({ json }).api, ACCOUNT)), 'API_FAILED.unreadable');
      assert.equal(await codeOf(refreshTokens(clientOf({ json }).api, 'r')), 'API_FAILED.unreadable');
    }
  });
});
