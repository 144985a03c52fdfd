import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { ApiClient } from '../../src/api/client';
import { codeOf } from '../support/errors';
import { FakeClock } from '../support/fake-clock';
import { FakeNetwork, ok, refusal, type Outcome } from '../support/fake-network';

const PASSING: Readonly<Record<string, Outcome>> = {
  'status 500': { status: 500, text: '<html>' },
  'status 502': { status: 502, text: '' },
  'status 503': refusal(503, 'ApiError'),
  'status 504': { status: 504, text: '' },
  'status 429': refusal(429, 'ApiTooManyRequestsError'),
  'a proxy’s page': { text: '<html>Please log in</html>' },
  'no connection': new TypeError('fetch failed'),
};
const LASTING: readonly Outcome[] = [
  refusal(400, 'ApiError'),
  refusal(401, 'ApiError'),
  refusal(403, 'ApiInvalidTokenError'),
  refusal(404, 'ApiNotFoundError'),
  refusal(422, 'ApiValidationError'),
  refusal(200, 'ApiError'),
];

/** A client whose requests note the ms since the first. */
function clientOf(answer: (count: number) => Outcome): { api: ApiClient; clock: FakeClock; times: number[] } {
  const clock = new FakeClock();
  const begin = clock.now();
  const times: number[] = [];
  const network = new FakeNetwork((_request, count) => {
    times.push(clock.now() - begin);
    return answer(count);
  });
  return { api: new ApiClient({ apiUrl: 'https://api.example.test', network, clock }), clock, times };
}

describe('reading from the API', () => {
  for (const [what, outcome] of Object.entries(PASSING)) {
    it(`tries again after ${what}`, async () => {
      const { api, clock, times } = clientOf((count) => (count < 3 ? outcome : ok('at last')));
      const reading = api.read({ path: '/v1/licenses' });
      await clock.pass(2_500);
      assert.deepEqual(await reading, { success: true, data: 'at last' });
      assert.deepEqual(times, [0, 500, 2_500]);
    });
  }

  it('gives up after the third try, and reports the last failure', async () => {
    const { api, clock, times } = clientOf((count) => ({ status: 500 + count, text: '' }));
    const outcome = codeOf(api.read({ path: '/v1/licenses' }));
    await clock.pass(60_000);
    assert.equal(await outcome, 'API_FAILED.refused');
    assert.equal(times.length, 3);
    assert.equal(clock.pending, 0);
  });

  it('waits as long as ChatApp asks for', async () => {
    const { api, clock, times } = clientOf((count) =>
      count === 1 ? refusal(429, 'ApiTooManyRequestsError', { 'Retry-After': '7' }) : ok([]),
    );
    const reading = api.read({ path: '/v1/licenses' });
    await clock.pass(7_000);
    await reading;
    assert.deepEqual(times, [0, 7_000]);
  });

  it('waits until the date that ChatApp asks for, by its own clock', async () => {
    const headers = { Date: 'Fri, 31 Dec 1999 23:59:59 GMT', 'Retry-After': 'Sat, 01 Jan 2000 00:00:06 GMT' };
    const { api, clock, times } = clientOf((count) => (count === 1 ? refusal(429, 'ApiError', headers) : ok([])));
    const reading = api.read({ path: '/v1/licenses' });
    await clock.pass(7_000);
    await reading;
    assert.deepEqual(times, [0, 7_000]);
  });

  it('ignores a Retry-After that is neither a number of seconds nor a date to compare', async () => {
    for (const value of ['soon', '-1', '1e3', 'Fri, 31 Dec 1999 23:59:59 GMT']) {
      const { api, clock, times } = clientOf((count) =>
        count === 1 ? refusal(429, 'ApiError', { 'Retry-After': value }) : ok([]),
      );
      const reading = api.read({ path: '/v1/licenses' });
      await clock.pass(500);
      await reading;
      assert.deepEqual(times, [0, 500], value);
    }
  });

  it('does not repeat what will be refused again', async () => {
    for (const outcome of LASTING) {
      const { api, times } = clientOf(() => outcome);
      assert.equal(await codeOf(api.read({ path: '/v1/licenses' })), 'API_FAILED.refused');
      assert.equal(times.length, 1);
    }
  });
});

describe('whatever changes something', () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    it(`is never sent twice: ${method}`, async () => {
      for (const outcome of [...Object.values(PASSING), ...LASTING]) {
        const { api, clock, times } = clientOf(() => outcome);
        const failing = codeOf(api.request({ method, path: '/v1/tokens', json: {} }));
        await clock.pass(60_000);
        assert.match(await failing, /^API_FAILED/);
        assert.equal(times.length, 1);
      }
    });
  }
});

describe('closing the API client', () => {
  it('ends every request: sent, in line for its turn, or pausing before another try', async () => {
    const { api, clock } = clientOf((count) => (count === 1 ? { status: 503, text: '' } : 'hang'));
    const codes = [codeOf(api.read({ path: '/v1/a' }))];
    await clock.pass(1);
    for (let index = 0; index < 70; index += 1) codes.push(codeOf(api.request({ method: 'GET', path: '/v1/b' })));
    await clock.pass(1);
    api.close();
    assert.deepEqual(new Set(await Promise.all(codes)), new Set(['API_FAILED.closed']));
    assert.equal(clock.pending, 0);
    assert.equal(await codeOf(api.read({ path: '/v1/a' })), 'API_FAILED.closed');
  });

  it('ends them at whatever moment it comes', async () => {
    for (let moment = 0; moment < 30; moment += 1) {
      const { api } = clientOf(() => 'hang');
      const outcome = codeOf(api.request({ method: 'GET', path: '/v1/a' }));
      for (let count = 0; count < moment; count += 1) await Promise.resolve();
      api.close();
      const answer = await Promise.race([outcome, turn('still under way')]);
      assert.equal(answer, 'API_FAILED.closed', `after ${moment} turns`);
    }
  });

  it('many readers may pause at once without a warning', async () => {
    const { api, clock } = clientOf(() => refusal(503, 'ApiError'));
    const end = new AbortController();
    const warned = once(process, 'warning', { signal: end.signal }).then(
      ([warning]: unknown[]) => String(warning),
      () => 'none',
    );
    const codes = Array.from({ length: 40 }, () => codeOf(api.read({ path: '/v1/a' })));
    await clock.pass(100);
    await turn();
    api.close();
    await Promise.all(codes);
    end.abort();
    assert.equal(await warned, 'none');
  });
});
