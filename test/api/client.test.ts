import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { ApiError } from '../../src/api/api-error';
import { ApiClient, type ApiRequest } from '../../src/api/client';
import { codeOf, errorOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';
import { FakeNetwork, ok, refusal, type Outcome } from '../support/fake-network';

const TOKEN = '$2y$10$Vb7zYtQpR2sLmN4w';
const GET: ApiRequest = { method: 'GET', path: '/v1/licenses' };

function clientOf(answer: (count: number) => Outcome): { api: ApiClient; network: FakeNetwork; clock: FakeClock } {
  const clock = new FakeClock();
  const network = new FakeNetwork((_request, count) => answer(count));
  return { api: new ApiClient({ apiUrl: 'https://api.example.test/', network, clock }), network, clock };
}

describe('a request to the API', () => {
  it('carries query, JSON and form as ChatApp reads them, and the token raw', async () => {
    const { api, network } = clientOf(() => ok([]));
    await api.request({ method: 'GET', path: '/v1/chats', query: { nextPage: '17,4&x', limit: '100' }, token: TOKEN });
    await api.request({ method: 'POST', path: '/v1/tokens', json: { text: 'a&b «ё»' } });
    await api.request({
      method: 'POST',
      path: '/broadcasting/auth',
      form: { socket_id: '1.2', channel_name: 'a&b=ё' },
    });
    await api.request({ method: 'POST', path: '/v1/tokens/refresh', headers: { Refresh: 'r' } });

    const [query, json, form, bare] = network.requests;
    assert.equal(query?.url.href, 'https://api.example.test/v1/chats?nextPage=17%2C4%26x&limit=100');
    assert.deepEqual(query.headers, { Accept: 'application/json', Authorization: TOKEN });
    assert.equal(query.body, undefined);
    assert.equal(json?.headers['Content-Type'], 'application/json');
    assert.equal(json.body, '{"text":"a&b «ё»"}');
    assert.equal(json.headers.Authorization, undefined);
    assert.equal(form?.headers['Content-Type'], 'application/x-www-form-urlencoded');
    assert.deepEqual(Object.fromEntries(new URLSearchParams(form.body)), { socket_id: '1.2', channel_name: 'a&b=ё' });
    assert.deepEqual(bare?.headers, { Accept: 'application/json', Refresh: 'r' });
    assert.equal(bare.body, undefined);
  });

  it('carries no half of a surrogate pair, anywhere in the JSON', async () => {
    const { api, network } = clientOf(() => ok([]));
    const json = { text: 'a\ud83d', list: [{ deep: '\udc00b' }], whole: '😀' };
    await api.request({ method: 'POST', path: '/v1/x', json, token: TOKEN });
    assert.equal(network.requests[0]?.body, '{"text":"a\ufffd","list":[{"deep":"\ufffdb"}],"whole":"😀"}');
  });

  it('brings the whole JSON of the answer, whatever it is', async () => {
    for (const json of [{ success: true, data: [1] }, { auth: 'key:ab' }, null, [], 'text', 0]) {
      assert.deepEqual(await clientOf(() => ({ json })).api.request(GET), json);
    }
    assert.deepEqual(await clientOf(() => ({ status: 201, json: {} })).api.request(GET), {});
  });

  it('fails where ChatApp says so, even with status 200', async () => {
    const error = await errorOf(clientOf(() => refusal(200, 'ApiSomethingError')).api.request(GET));
    assert.ok(error instanceof ApiError);
    assert.equal(error.message, 'ChatApp answered /v1/licenses with status 200 (ApiSomethingError).');
    assert.deepEqual([error.status, error.apiCode], [200, 'ApiSomethingError']);
  });

  it('fails on every status but 2xx, with or without words', async () => {
    for (const status of [301, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504]) {
      const outcomes: Outcome[] = [
        refusal(status, 'ApiError'),
        { status, text: '<html>' },
        { status, json: { data: 1 } },
      ];
      for (const outcome of outcomes)
        assert.equal(await codeOf(clientOf(() => outcome).api.request(GET)), 'API_FAILED.refused');
    }
  });

  it('fails where the answer is not of the API', async () => {
    for (const text of ['', '<html><body>Welcome</body></html>', '{"success":true', 'OK']) {
      assert.equal(await codeOf(clientOf(() => ({ text })).api.request(GET)), 'API_FAILED.unreadable');
    }
  });

  it('names the system’s code where there is no answer', async () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:443'), { code: 'ECONNREFUSED' });
    const error = await errorOf(clientOf(() => new TypeError('fetch failed', { cause })).api.request(GET));
    assert.equal(error.message, 'api.example.test cannot be reached (ECONNREFUSED). Check network, proxy and API URL.');
  });

  for (const [what, outcome] of [
    ['an answer that never comes', 'hang'],
    ['a body that never ends', { endless: true }],
  ] as const) {
    it(`waits no longer than 10 s for ${what}`, async () => {
      const { api, clock } = clientOf(() => outcome);
      const messages: string[] = [];
      void errorOf(api.request(GET)).then(({ message }) => messages.push(message));
      await clock.pass(9_999);
      assert.deepEqual(messages, []);
      await clock.pass(1);
      assert.deepEqual(messages, ['api.example.test did not answer within 10 s.']);
      assert.equal(clock.pending, 0);
    });
  }

  it('leaves no timer behind, however it ends', async () => {
    for (const outcome of [ok([]), refusal(403, 'ApiError'), new Error('reset'), { text: '<html>' }]) {
      const { api, clock } = clientOf(() => outcome);
      await api.request(GET).catch(() => undefined);
      assert.equal(clock.pending, 0);
    }
  });

  it('tells ChatApp’s time from its last answer on, whatever happens to the wall clock', async () => {
    const dates = ['Tue, 06 May 2031 09:00:00 GMT', 'no date', 'Tue, 06 May 2031 09:01:00 GMT'];
    const { api, clock } = clientOf((count) => ({ json: [], headers: { Date: dates[count - 1] ?? '' } }));
    const [first = 0, , last = 0] = dates.map((date) => Date.parse(date) / 1_000);
    await api.request(GET);
    clock.setTo(clock.now() + 86_400_000);
    await clock.pass(30_500);
    assert.equal(api.time, first + 30.5);
    await api.request(GET);
    assert.equal(api.time, first + 30.5, 'an answer without a time changes nothing');
    await api.request(GET);
    assert.equal(api.time, last);
    clock.setTo(clock.now() - 2 * 86_400_000);
    assert.equal(api.time, last);
  });

  it('follows a time of ChatApp’s that jumps only if the next answer confirms it', async () => {
    const start = Date.parse('Tue, 06 May 2031 09:00:00 GMT');
    const times = [0, 10_800, 10, 7_200, 7_210];
    const { api } = clientOf((count) => {
      const date = new Date(start + (times[count - 1] ?? 0) * 1_000).toUTCString();
      return { json: [], headers: { Date: date } };
    });
    const reported: number[] = [];
    for (const _ of times) {
      await api.request(GET);
      reported.push(api.time - start / 1_000);
    }
    assert.deepEqual(reported, [0, 0, 10, 10, 7_210]);
  });

  it('says that ChatApp’s time is only a guess until an answer has reported it', async () => {
    const { api, clock } = clientOf((count) => refusal(503, '', count === 2 ? { Date: new Date().toUTCString() } : {}));
    assert.deepEqual([api.hasTime, api.time], [false, clock.now() / 1_000]);
    await assert.rejects(api.request(GET));
    assert.equal(api.hasTime, false);
    await assert.rejects(api.request(GET));
    assert.equal(api.hasTime, true, 'an error of ChatApp tells its time as well');
  });

  it('takes the time of this machine for ChatApp’s if a proxy leaves it out, until an answer has one', async () => {
    const date = 'Tue, 06 May 2031 09:00:00 GMT';
    const { api, clock } = clientOf((count) => ({ json: [], headers: { Date: count === 2 ? date : '' } }));
    await api.request(GET);
    assert.deepEqual([api.hasTime, api.time], [true, clock.now() / 1_000]);
    await api.request(GET);
    assert.equal(api.time, Date.parse(date) / 1_000);
  });

  it('an API URL that is none is refused at once', () => {
    assert.throws(
      () => new ApiClient({ apiUrl: 'api.example.test', network: new FakeNetwork(() => ok([])) }),
      TypeError,
    );
  });
});

describe('more requests than ChatApp takes', () => {
  it('wait their turn, and go out in order', async () => {
    const clock = new FakeClock();
    const sent: { at: number; path: string }[] = [];
    const network = new FakeNetwork(({ url }) => {
      sent.push({ at: clock.now(), path: url.pathname });
      return ok([]);
    });
    const api = new ApiClient({ apiUrl: 'https://api.example.test', network, clock });
    const paths = Array.from({ length: 120 }, (_, index) => `/v1/${index}`);
    const all = Promise.all(paths.map((path) => api.request({ method: 'POST', path })));
    await clock.pass(5_000);
    await all;
    assert.deepEqual(
      sent.map(({ path }) => path),
      paths,
    );
    for (const { at } of sent) {
      assert.ok(sent.filter((other) => other.at >= at && other.at < at + 1_000).length <= 50);
    }
  });
});

describe('a request with a signal', () => {
  it('is given up while it waits for its turn, is under way, or pauses before another try', async () => {
    const outcomes: readonly Outcome[] = ['hang', refusal(500, 'ApiError')];
    for (const outcome of outcomes) {
      const { api, network, clock } = clientOf((count) => (count > 50 ? outcome : ok([])));
      const end = new AbortController();
      await Promise.all(Array.from({ length: 49 }, () => api.request(GET)));
      const given = Array.from({ length: 20 }, () => api.read({ ...GET, signal: end.signal }));
      const outcomesOf = Promise.allSettled(given);
      await clock.pass(1_100);
      end.abort(new Error('given up'));
      const settled = await outcomesOf;
      const reasons = settled.map((one) => (one.status === 'rejected' ? String(one.reason) : 'answered'));
      assert.equal(reasons.filter((reason) => reason === 'Error: given up').length, 19);
      assert.equal(clock.pending, 0);
      const asked = network.requests.length;
      await clock.pass(60_000);
      assert.equal(network.requests.length, asked);
      await assert.rejects(api.request({ ...GET, signal: end.signal }), /given up/);
    }
  });

  it('ends with the client too, and leaves no listener at the signal', async () => {
    const { api } = clientOf(() => 'hang');
    const end = new AbortController();
    const all = Array.from({ length: 30 }, () => codeOf(api.request({ ...GET, signal: end.signal })));
    api.close();
    assert.deepEqual(new Set(await Promise.all(all)), new Set(['API_FAILED.closed']));
    assert.equal(getEventListeners(end.signal, 'abort').length, 0);
  });
});
