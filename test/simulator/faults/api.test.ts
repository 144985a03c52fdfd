import assert from 'node:assert/strict';
import { type ApiPart, startSimulator, type Simulator } from '../../../simulator';

const CHATS = '/v1/licenses/50101/messengers/telegram/chats';
const GETS: readonly (readonly [ApiPart, string])[] = [
  ['lines', '/v1/licenses'],
  ['chats', CHATS],
  ['messages', `${CHATS}/77000000001/messages`],
];

describe('the API misbehaves on command', () => {
  let simulator: Simulator;
  const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(simulator.url + path, { headers: { authorization: simulator.account.accessToken }, ...init });

  beforeEach(async () => {
    simulator = await startSimulator();
    simulator.message({ licenseId: 50101, messengerType: 'telegram', chat: '77000000001', text: 'hello' });
  });
  afterEach(() => simulator.close());

  for (const [part, path] of GETS) {
    it(`gives the answer that was set for ${part}, and for nothing else`, async () => {
      const headers = { 'retry-after': '3' };
      simulator.faults.answerWith(part, { status: 429, body: '<html>slow down</html>', headers });
      const answers = await Promise.all(GETS.map(([, each]) => ask(each)));
      for (const [index, answer] of answers.entries()) {
        assert.equal(answer.status, GETS[index]?.[0] === part ? 429 : 200, GETS[index]?.[1]);
      }
      const reported = await ask(path);
      assert.deepEqual([await reported.text(), reported.headers.get('retry-after')], ['<html>slow down</html>', '3']);
      simulator.faults.answerWith(part, undefined);
      assert.equal((await ask(path)).status, 200);
    });

    it(`answers late, or never, for ${part}`, async () => {
      simulator.faults.answerWith(part, { delayMs: 60 });
      const begun = performance.now();
      assert.equal((await ask(path)).status, 200);
      assert.ok(performance.now() - begun >= 55);
      simulator.faults.answerWith(part, 'hang');
      const given = new AbortController();
      const hanging = ask(path, { signal: given.signal }).then(() => 'answered', String);
      await simulator.until((it) => it.requestsTo(path).at(-1)?.status === 0);
      // Another request's answer: the one that hangs has had its chance.
      assert.equal((await ask('/v1/companies')).status, 200);
      given.abort();
      assert.match(await hanging, /AbortError/);
    });
  }

  it('gives the answer that was set for dead tokens, but always checks tokens truly', async () => {
    const auth = {
      method: 'POST',
      body: new URLSearchParams({ socket_id: '1.1', channel_name: 'private-v1.users.1' }),
    };
    const headers = { authorization: simulator.account.accessToken };
    simulator.expireAccessToken();
    simulator.faults.answerDeadTokensWith({ status: 401, body: '<html>Who are you?</html>' });
    for (const answer of [await ask('/broadcasting/auth', { ...auth, headers }), await ask('/v1/licenses')]) {
      assert.deepEqual([answer.status, await answer.text()], [401, '<html>Who are you?</html>']);
    }
    const isInvalidToken = async (answer: Response): Promise<boolean> =>
      answer.status === 403 && (await answer.text()).includes('ApiInvalidTokenError');
    assert.ok(await isInvalidToken(await ask('/v1/tokens/check')));
    simulator.faults.answerDeadTokensWith(undefined);
    assert.ok(await isInvalidToken(await ask('/v1/licenses')));
  });

  it('changes what a part answers, knowing what was asked for, until that is ended', async () => {
    simulator.faults.changeAnswers('chats', (_body, query) => ({ asked: query.get('limit') }));
    assert.deepEqual(await (await ask(`${CHATS}?limit=7`)).json(), { asked: '7' });
    assert.equal((await ask(`${CHATS}?limit=0`)).status, 422);
    assert.notDeepEqual(await (await ask('/v1/licenses')).json(), { asked: null });
    simulator.faults.changeAnswers('chats', undefined);
    assert.notDeepEqual(await (await ask(`${CHATS}?limit=7`)).json(), { asked: '7' });
  });

  it('fails at logins and refreshes', async () => {
    simulator.faults.answerWith('login', { status: 503, body: '' });
    simulator.faults.answerWith('refresh', { status: 500, body: null });
    const statuses = async (): Promise<number[]> =>
      Promise.all(
        ['/v1/tokens', '/v1/tokens/refresh'].map(async (path) => (await ask(path, { method: 'POST' })).status),
      );
    assert.deepEqual(await statuses(), [503, 500]);
    simulator.faults.answerWith('login', undefined);
    assert.deepEqual(await statuses(), [422, 500]);
  });
});
