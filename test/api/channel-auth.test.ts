import assert from 'node:assert/strict';
import { authoriseChannel } from '../../src/api/channel-auth';
import { ApiClient } from '../../src/api/client';
import { codeOf } from '../support/errors';
import { FakeNetwork, refusal, type Outcome } from '../support/fake-network';

const CHANNEL = 'private-v1.licenses.50101.messengers.telegram';

function ask(outcome: Outcome): { network: FakeNetwork; signature: Promise<string> } {
  const network = new FakeNetwork(() => outcome);
  const api = new ApiClient({ apiUrl: 'https://api.example.test', network });
  return { network, signature: authoriseChannel(api, 'token-1', '12.34', CHANNEL) };
}

describe('the authorisation of a channel', () => {
  it('asks with a form and the raw token, and brings the signature', async () => {
    const { network, signature } = ask({ json: { auth: 'key:0af1' } });
    assert.equal(await signature, 'key:0af1');
    const [request] = network.requests;
    assert.deepEqual(network.paths, ['POST /broadcasting/auth']);
    assert.equal(request?.headers.Authorization, 'token-1');
    assert.equal(request.body, `socket_id=12.34&channel_name=${CHANNEL}`);
  });

  it('takes nothing else for a signature', async () => {
    const bodies = [
      null,
      {},
      [],
      'key:0af1',
      { auth: '' },
      { auth: null },
      { auth: 7 },
      { data: { auth: 'key:0af1' } },
    ];
    for (const json of bodies) assert.equal(await codeOf(ask({ json }).signature), 'API_FAILED.unreadable');
    assert.equal(await codeOf(ask({ text: '<html>Log in</html>' }).signature), 'API_FAILED.unreadable');
  });

  it('is refused with 401 and 403, as JSON or as a page', async () => {
    for (const status of [401, 403]) {
      for (const outcome of [
        refusal(status, 'ApiError'),
        { status, text: '<html>' },
        { status, json: { message: 'no' } },
      ]) {
        assert.equal(await codeOf(ask(outcome).signature), 'API_FAILED.refused');
      }
    }
  });
});
