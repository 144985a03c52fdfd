import assert from 'node:assert/strict';
import { readCallbackUrls, removeCallbackUrl, setCallbackUrl } from '../../src/api/callback-urls';
import { ApiClient } from '../../src/api/client';
import { codeOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';
import { FakeNetwork, ok, refusal, type Outcome } from '../support/fake-network';

const LINE = { licenseId: '37233', messengerType: 'grWhatsApp' } as const;
const PATH = '/v1/licenses/37233/messengers/grWhatsApp/callbackUrl';

function api(answer: Outcome): { network: FakeNetwork; client: ApiClient } {
  const network = new FakeNetwork(() => answer);
  return { network, client: new ApiClient({ apiUrl: 'https://api.test', network, clock: new FakeClock() }) };
}

describe('the callback URLs of an account', () => {
  it('are read with line, messenger and events; ids as strings', async () => {
    const { client, network } = api(
      ok([{ licenseId: 37233, messengerType: 'grWhatsApp', events: ['message'], url: 'https://crm.test/x' }]),
    );
    const urls = await readCallbackUrls(client, 'token');
    assert.deepEqual(urls, [{ ...LINE, events: ['message'], url: 'https://crm.test/x' }]);
    assert.deepEqual(network.paths, ['GET /v1/callbackUrls']);
    assert.equal(network.requests[0]?.headers.Authorization, 'token');
  });

  it('leave out what is none, and keep those with odd events', async () => {
    const whole = { licenseId: '1', messengerType: 'telegram', url: 'https://a.test' };
    const odd: unknown[] = [
      null,
      'x',
      {},
      { ...whole, url: null },
      { ...whole, url: '' },
      { ...whole, licenseId: 'a/b' },
    ];
    const { client } = api(
      ok([...odd, { ...whole, messengerType: '../x' }, { ...whole, events: ['message', 7] }, whole]),
    );
    assert.deepEqual(await readCallbackUrls(client, 'token'), [
      { ...whole, events: ['message'] },
      { ...whole, events: [] },
    ]);
  });

  it('are an error where the answer is no list', async () => {
    const { client } = api(ok({ items: [] }));
    assert.equal(await codeOf(readCallbackUrls(client, 'token')), 'API_FAILED.unreadable');
  });

  it('are set with events and address, and removed', async () => {
    const { client, network } = api(ok([]));
    await setCallbackUrl(client, 'token', { ...LINE, events: ['message'], url: 'https://a.test' });
    await removeCallbackUrl(client, 'token', LINE);
    assert.deepEqual(network.paths, [`PUT ${PATH}`, `DELETE ${PATH}`]);
    assert.deepEqual(JSON.parse(network.requests[0]?.body ?? ''), { events: ['message'], url: 'https://a.test' });
    assert.equal(network.requests[1]?.body, undefined);
  });

  it('are changed also where the answer has no words', async () => {
    await removeCallbackUrl(api({ status: 204 }).client, 'token', LINE);
    const page = removeCallbackUrl(api({ status: 200, text: '<html>' }).client, 'token', LINE);
    assert.equal(await codeOf(page), 'API_FAILED.unreadable');
    const refused = setCallbackUrl(api(refusal(422, 'X')).client, 'token', { ...LINE, events: [], url: '' });
    assert.equal(await codeOf(refused), 'API_FAILED.refused');
  });
});
