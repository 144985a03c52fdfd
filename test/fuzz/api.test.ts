import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { startSimulator, type ApiAnswer, type ApiPart } from '../../simulator';
import { ApiError } from '../../src/api/api-error';
import { authoriseChannel } from '../../src/api/channel-auth';
import { ApiClient } from '../../src/api/client';
import { readLines } from '../../src/api/lines';
import { makeTokens, refreshTokens } from '../../src/api/tokens';
import { systemClock, type Clock } from '../../src/clock';
import { createConnection } from '../../src/connection';
import { FakeNetwork } from '../support/fake-network';
import { deep, HOSTILE_JSON } from './hostile';

const MARK = 'words of a hostile server';
/** Pauses between tries take no time; a request's own time limit stays. */
const impatient: Clock = { ...systemClock, after: (delay, run) => systemClock.after(delay < 5_000 ? 0 : delay, run) };

/** What an hour-long retry would wait for comes soon. */
const hurried: Clock = {
  ...systemClock,
  after: (delay, run) => systemClock.after(delay / (delay < 60_000 ? 20 : 1_000), run),
};
/** What is asked for before any event can flow, in that order. */
const BEFORE_EVENTS = [
  ['login', '/v1/tokens'],
  ['lines', '/v1/licenses'],
  ['authorisation', '/broadcasting/auth'],
] as const;

const bodies = fc.oneof(
  fc.string().map((text) => `<html>${MARK}${text}</html>`),
  fc.json(),
  fc.constantFrom(...HOSTILE_JSON),
  fc.jsonValue().map((data) => JSON.stringify({ success: true, data, error: { code: MARK, message: MARK } })),
  fc.jsonValue().map((items) => JSON.stringify({ success: true, data: { items, nextPage: MARK } })),
  fc.jsonValue().map((code) => JSON.stringify({ success: false, error: { code, message: MARK } })),
  fc.jsonValue().map((auth) => JSON.stringify({ auth })),
);
const statuses = fc.constantFrom(200, 201, 204, 301, 400, 401, 403, 404, 419, 422, 429, 500, 502, 503, 504);
const retryAfter = fc.oneof(fc.constantFrom('0', '1', '-1', '1e9', '99999999999', 'Wed, 21 Oct 2015', ''), fc.string());

describe('any answer of the API', () => {
  it('is understood, or rejected with an error that holds none of its words', async () => {
    const asks: readonly ((api: ApiClient) => Promise<unknown>)[] = [
      (api) => readLines(api, 't'),
      (api) => authoriseChannel(api, 't', '1.1', 'private-v1.users.1'),
      (api) => refreshTokens(api, 'r'),
      (api) => makeTokens(api, { email: 'e', password: 'p', appId: 'a' }),
    ];
    const property = fc.asyncProperty(statuses, bodies, retryAfter, async (status, text, header) => {
      const headers = /^[\x20-\x7e]*$/.test(header) ? { 'retry-after': header } : undefined;
      const network = new FakeNetwork(() => ({ status, text, ...(headers && { headers }) }));
      for (const ask of asks) {
        const api = new ApiClient({ apiUrl: 'https://api.example.test', network, clock: impatient });
        const error: unknown = await ask(api).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error === undefined) continue;
        assert.ok(error instanceof ApiError, inspect(error));
        assert.doesNotMatch(`${error.message} ${JSON.stringify(error)} ${error.stack ?? ''}`, new RegExp(MARK));
        assert.ok(error.retryAfter === undefined || (error.retryAfter >= 0 && error.retryAfter < 1e9 + 1));
      }
    });
    await fc.assert(property, { numRuns: 200 });
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

  const json = 'application/json';
  const answers: readonly (readonly [string, ApiAnswer])[] = [
    ['an HTML page', { status: 200, body: '<html>Welcome</html>' }],
    ['null', { status: 200, body: null }],
    ['a list', { status: 200, body: [] }],
    ['nothing', { status: 200, body: '' }],
    ['2 MB of noise', { status: 200, body: 'x'.repeat(2_000_000) }],
    ['JSON nested 100,000 deep', { status: 200, body: deep(100_000), headers: { 'content-type': json } }],
    ['250 KB of Cyrillic', { status: 200, body: { success: true, data: 'Ж'.repeat(125_000) } }],
    ['a prototype', { status: 200, body: '{"success":true,"data":{"__proto__":{"polluted":1}},"auth":{}}' }],
    ['ids that are none', { status: 200, body: { data: [{ licenseId: {}, messenger: [{ type: '../x' }, 5] }] } }],
    ['a status that makes no sense', { status: 299, body: { success: 'maybe' } }],
  ];
  const parts: readonly ApiPart[] = ['login', 'lines', 'authorisation', 'chats', 'messages'];

  for (const [name, answer] of answers) {
    it(`does no harm while it is ${name}: events flow once it is over`, async () => {
      const simulator = await startSimulator();
      const { url, socketUrl, account } = simulator;
      const { email, password, appId } = account;
      for (const part of parts) simulator.faults.answerWith(part, answer);
      const connection = createConnection({
        apiUrl: url,
        socketUrl,
        credentials: { kind: 'account', email, password, appId },
        clock: hurried,
        onError: () => undefined,
      });
      try {
        const arrived = new Promise<void>((resolve) => {
          connection.listen({
            channel: { type: 'messenger' },
            events: [],
            direction: 'any',
            onItem: () => resolve(),
            onStatus: () => undefined,
            onError: () => undefined,
          });
        });
        // One part after the other becomes sane, so that each has met the answer.
        for (const [part, path] of BEFORE_EVENTS) {
          await simulator.until((it) => it.requestsTo(path).length > 0);
          simulator.faults.answerWith(part, undefined);
        }
        for (const part of parts) simulator.faults.answerWith(part, undefined);
        const channel = 'private-v1.licenses.50101.messengers.telegram';
        await simulator.until((it) => it.subscriptions(channel) === 1);
        simulator.message({ licenseId: 50101, messengerType: 'telegram', text: 'good' });
        await arrived;
      } finally {
        await connection.close();
        await simulator.close();
      }
    });
  }
});
