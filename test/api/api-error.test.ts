import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { ApiError, systemCode } from '../../src/api/api-error';
import { ApiClient } from '../../src/api/client';
import { errorOf } from '../support/errors';
import { FakeNetwork, refusal, type Outcome } from '../support/fake-network';

const SECRET = 'S3cretWordOfTheServer';
const TOKEN = '$2y$10$NobodyMayReadThis';

/** Everything that a log or a debug node could show of an error. */
function allOf(error: Error): string {
  const shown = inspect(error, { depth: 20, showHidden: true, getters: true });
  return [shown, error.message, String(error.stack), JSON.stringify(error)].join('\n');
}

async function failureOf(outcome: Outcome): Promise<ApiError> {
  const api = new ApiClient({ apiUrl: 'https://api.example.test', network: new FakeNetwork(() => outcome) });
  const request = {
    method: 'GET',
    path: `/v1/chats?text=${SECRET}`,
    token: TOKEN,
    headers: { Refresh: TOKEN },
  } as const;
  const error = await errorOf(api.request(request));
  assert.ok(error instanceof ApiError);
  return error;
}

function hostile(status: number): Outcome[] {
  const json = { success: false, error: { code: SECRET.repeat(9), message: SECRET }, message: SECRET, [SECRET]: TOKEN };
  const cause = Object.assign(new Error(`header ${TOKEN} refused by ${SECRET}`), { code: `E ${SECRET}` });
  return [
    { status, text: `<html><title>${SECRET}</title><body>${TOKEN}</body></html>` },
    { status, text: SECRET.repeat(50_000) },
    { status, json, headers: { 'Retry-After': SECRET, 'X-Debug': TOKEN, [SECRET]: TOKEN } },
    { status, json: { success: false, error: { code: `Bad ${SECRET}` } } },
    { status, json: { success: false, error: { code: { text: SECRET } } } },
    { status, json: { success: false, error: SECRET } },
    Object.assign(new Error(`${TOKEN} ${SECRET}`), { code: SECRET }),
    new TypeError(`fetch failed for ${TOKEN}`, { cause }),
  ];
}

describe('errors of the API', () => {
  it('hold no word of the server and no token, whatever came', async () => {
    for (const outcome of [200, 301, 401, 403, 422, 429, 500, 502].flatMap(hostile)) {
      const shown = allOf(await failureOf(outcome));
      assert.ok(!shown.includes(SECRET) && !shown.includes(TOKEN), shown.slice(0, 500));
    }
  });

  it('come of any answer, however deeply it is nested', async () => {
    const code = '['.repeat(20_000) + ']'.repeat(20_000);
    const error = await failureOf({ status: 422, text: `{"success":false,"error":{"code":${code}}}` });
    assert.equal(error.message, 'ChatApp answered /v1/chats with status 422.');
    assert.equal(error.says(/./), false);
  });

  it('are as short as their text, however much the server says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 500 }), fc.constantFrom(400, 403, 500), async (code, status) => {
        const { message } = await failureOf(refusal(status, code));
        assert.match(message, /^ChatApp answered \/v1\/chats with status \d{3}(?: \([A-Za-z]{1,64}\))?\.$/);
      }),
    );
  });

  it('show of a message of any length what stands in its first 2,000 characters', async () => {
    const words = async (message: string): Promise<string> =>
      (await failureOf({ status: 422, json: { success: false, error: { code: 'Odd', message } } })).words();
    assert.equal(await words(`${' '.repeat(1_990)}within${' '.repeat(10_000_000)}`), 'within');
    assert.equal(await words(`${' '.repeat(2_000)}behind`), '');
  });

  it('show ChatApp’s message in whatever form it stands', async () => {
    const wordsIn = async (json: object): Promise<string> => (await failureOf({ status: 422, json })).words();
    const message = 'Scan the QR code.';
    for (const error of [{ message }, { message: [message] }, { message: { text: [message] } }, message])
      assert.equal(await wordsIn({ success: false, error }), message, JSON.stringify(error));
    assert.equal(await wordsIn({ error: { messageLang: { ru: 'Отсканируйте код.', en: message } } }), message);
    assert.equal(await wordsIn({ message, errors: { text: ['The text field is required.'] } }), message);
    for (const error of [null, 7, [], {}, { message: null }, { message: { a: { b: { c: message } } } }])
      assert.equal(await wordsIn({ success: false, error }), '', JSON.stringify(error));
  });

  it('show nothing of a login in ChatApp’s message', async () => {
    const json = { success: false, error: { code: 'ApiServerError', message: `No user with '${SECRET}'` } };
    const network = new FakeNetwork(() => ({ status: 500, json }));
    const api = new ApiClient({ apiUrl: 'https://api.example.test', network });
    const login = {
      method: 'POST',
      path: '/v1/tokens',
      json: { email: 'a@b.c', password: SECRET, appId: 'app_1_1' },
    } as const;
    const error = await errorOf(api.request(login));
    assert.ok(error instanceof ApiError);
    assert.equal(error.words(), "No user with '…'");
  });

  it('tell ChatApp’s own name of the error where it is one', async () => {
    const error = await failureOf(refusal(403, 'ApiInvalidTokenError'));
    assert.deepEqual([error.apiCode, error.invalidToken, error.status], ['ApiInvalidTokenError', true, 403]);
    assert.equal((await failureOf(refusal(401, 'ApiInvalidTokenError'))).invalidToken, true);
    assert.equal((await failureOf(refusal(403, 'ApiForbiddenError'))).invalidToken, false);
    assert.equal((await failureOf({ status: 403, text: '<html>' })).apiCode, undefined);
  });

  it('tell what may pass from what will stay', () => {
    const refused = (status: number): boolean => ApiError.refused('/v1/x', { status }).passing;
    for (const status of [408, 419, 425, 429, 500, 502, 503, 504, 599])
      assert.equal(refused(status), true, `${status}`);
    for (const status of [200, 301, 400, 401, 403, 404, 405, 422]) assert.equal(refused(status), false, `${status}`);
    assert.equal(ApiError.unreadable('/v1/x', 200).passing, true);
    assert.equal(ApiError.timeout('host', 10_000).passing, true);
    assert.equal(ApiError.unreachable('host', undefined).passing, true);
    assert.equal(ApiError.closed('host').passing, false);
  });

  it('read how long to wait', () => {
    const waitOf = (retryAfter: string | null): number | undefined =>
      ApiError.refused('/', { status: 429, retryAfter }).retryAfter;
    assert.deepEqual([waitOf('7'), waitOf('0'), waitOf(null), waitOf('x')], [7_000, 0, undefined, undefined]);
  });
});

describe('the system’s code of a failure', () => {
  it('is found at any depth', () => {
    const reset = Object.assign(new Error('read'), { code: 'ECONNRESET' });
    assert.equal(systemCode(reset), 'ECONNRESET');
    assert.equal(systemCode(new Error('a', { cause: new Error('b', { cause: reset }) })), 'ECONNRESET');
  });

  it('is made up of nothing that is not one', () => {
    const odd: unknown[] = [undefined, null, 'ECONNRESET', { code: 'ECONNRESET' }, new Error('ECONNRESET')];
    for (const code of ['', 'e', 'not found', 12, `X ${SECRET}`, 'Econn'])
      odd.push(Object.assign(new Error(), { code }));
    for (const error of odd) assert.equal(systemCode(error), 'no connection');
  });

  it('is looked for a bounded time, also where causes go round in a circle', () => {
    const circle = new Error('round');
    circle.cause = circle;
    assert.equal(systemCode(circle), 'no connection');
  });
});
