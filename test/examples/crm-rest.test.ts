import assert from 'node:assert/strict';
import { isRecord } from '../../src/events/json';
import type { ExampleSettings } from '../support/example-stage';
import type { FarAnswer } from '../support/http-far-end';
import { describeSending } from './describe-sending';
import { AGAIN, ELSE, KEPT, LINE, runSending, type SendingRun } from './sending-run';

const EVE = { id: '7001', name: 'Eve', phone: '0077000000001' } as const;
const SECRET = 'Bearer notarealsecret';
const TAKEN: FarAnswer = { status: 201, body: { id: 1 } };

/** It takes whatever it gets. */
class Taking {
  answer(): FarAnswer {
    return TAKEN;
  }
}

describeSending('the example crm/rest', Taking, (stage, api) => {
  const start = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> => {
    const variables = { TARGET_URL: `${api().url}/messages?from=chatapp`, HEADER_VALUE: SECRET, ...more };
    return runSending(stage(), { name: 'crm/rest', queue: 'one at a time' }, variables);
  };
  const texts = (): string[] =>
    api().requests.map(({ json }) => (isRecord(json) ? (String(json.text).split('\n')[0] ?? '') : ''));
  const keys = (): unknown[] => api().requests.map(({ headers }) => headers['idempotency-key']);

  it('posts what a customer writes as JSON, with the header that is set, and nothing of what we answer', async () => {
    const flow = await start();
    stage().simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'a "question"\nof {{two}} lines', time: 1760515230, chat: EVE });
    await api().until((requests) => requests.length > 0);
    await flow.untilWaiting(0);
    const [request] = api().requests;
    assert.deepEqual([request?.method, request?.path], ['POST', '/messages?from=chatapp']);
    assert.equal(request?.headers.authorization, SECRET);
    assert.equal(request.headers['content-type'], 'application/json');
    assert.deepEqual(request.json, {
      name: 'Eve',
      phone: '+77000000001',
      text: 'a "question"\nof {{two}} lines\n— Eve, line 50101, telegram',
      time: '2025-10-15T08:00:30.000Z',
      line: '50101',
      messenger: 'telegram',
      chat: '7001',
    });
  });

  it('sends the body and the header that the variables say', async () => {
    const flow = await start({ HEADER_NAME: 'X-Key', BODY: '{"who": person.chat, "items": [{"what": person.text}]}' });
    stage().simulator.message({ ...LINE, text: 'hello', chat: { ...EVE, phone: null } });
    await api().until((requests) => requests.length > 0);
    await flow.untilWaiting(0);
    const [request] = api().requests;
    assert.deepEqual([request?.headers['x-key'], request?.headers.authorization], [SECRET, undefined]);
    assert.deepEqual(request?.json, {
      who: '50101/telegram/7001',
      items: [{ what: 'hello\n— Eve, line 50101, telegram' }],
    });
  });

  for (const [told, phone] of [
    ['+7 (700) 000-00-01', '+77000000001'],
    ['0055 11 91234-5678', '+5511912345678'],
    ['8', ''],
    ['1234567890123456', ''],
  ] as const) {
    it(`makes ${phone === '' ? 'no phone' : phone} of ${told}`, async () => {
      const flow = await start();
      stage().simulator.message({ ...LINE, text: 'hello', chat: { ...EVE, phone: told } });
      await api().until((requests) => requests.length > 0);
      await flow.untilWaiting(0);
      const [request] = api().requests;
      assert.equal(isRecord(request?.json) && request.json.phone, phone);
    });
  }

  it('sends the next message of a person when the one before is done, while others need not wait', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((settle) => (release = settle));
    api().answerWith(async ({ json }) => {
      if (isRecord(json) && String(json.text).startsWith('one')) await released;
      return TAKEN;
    });
    const flow = await start();
    for (const text of ['one', 'two']) stage().simulator.message({ ...LINE, text, chat: EVE });
    stage().simulator.message({ ...LINE, text: 'else', chat: { id: '7002', name: 'Adam' } });
    await api().until((requests) => requests.length > 1);
    await flow.untilWaiting(2);
    assert.deepEqual(texts(), ['one', 'else']);
    release();
    await api().until((requests) => requests.length > 2);
    await flow.untilWaiting(0);
    assert.deepEqual(texts(), ['one', 'else', 'two']);
    assert.equal(new Set(keys()).size, 3);
  });

  for (const [how, trouble, reason] of [
    ['has too many requests', (): FarAnswer => ({ status: 429, body: 'slow down' }), /^429: slow down/],
    ['has an error of its own', (): FarAnswer => ({ status: 500, body: 'oops' }), /^500: oops/],
    ['does not answer in time', () => new Promise<undefined>(() => undefined), /no response/],
    ['hangs up', () => undefined, /socket hang up|ECONNRESET/],
  ] as const) {
    it(`tries again where the API ${how}, under the same key, and keeps what was tried often enough`, async () => {
      api().answerWith(trouble);
      const flow = await start({ TIMEOUT_SECONDS: 0.2, TRIES: 3 });
      stage().simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      assert.equal(api().requests.length, 3);
      assert.equal(new Set(keys()).size, 1);
      assert.notEqual(keys()[0], undefined);
      assert.equal(flow.shown(AGAIN).length, 2);
      assert.match(String(flow.lastKept().reason), reason);
      assert.match(JSON.stringify(flow.lastKept().person), /unlucky/);
    });
  }

  it('waits as long as the API says where it has too many, and sends the message then', async () => {
    const limit = { status: 429, headers: { 'retry-after': '1' }, body: 'slow down' };
    api().answerWith(() => (api().requests.length > 1 ? TAKEN : limit));
    const flow = await start({ RETRY_SECONDS: 600 });
    stage().simulator.message({ ...LINE, text: 'patience', chat: EVE });
    await flow.untilShown(AGAIN);
    await api().until((requests) => requests.length > 1);
    const [refused, repeated] = api().requests;
    assert.ok(Number(repeated?.time) - Number(refused?.time) > 900);
    await flow.untilWaiting(0);
  });

  for (const [status, advice] of [
    [401, /HEADER_VALUE/],
    [404, /TARGET_URL/],
    [422, /BODY/],
  ] as const) {
    it(`says what to do where the API refuses with ${status}, asks once, and keeps the message`, async () => {
      api().answerWith(() => ({ status, body: 'no' }));
      const flow = await start();
      stage().simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`${status}: no: `), reason);
      assert.match(reason, advice);
      assert.equal(api().requests.length, 1);
    });
  }

  it('says so, and keeps the message, where BODY cannot be read or TARGET_URL is missing', async () => {
    for (const [variables, reason] of [
      [{ BODY: '{"name": person.name' }, /\$eval|Expected|JSONata|expression/i],
      [{ TARGET_URL: '' }, /Fill in TARGET_URL/],
    ] as const) {
      const flow = await start(variables);
      stage().simulator.message({ ...LINE, text: 'nowhere', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      assert.match(String(flow.lastKept().reason), reason);
      await stage().deploy([]);
    }
    assert.deepEqual(api().requests, []);
  });

  it('never lets more than 10,000 messages wait, and keeps in the file what is too many', async () => {
    const nodes = await stage().imported('crm/rest', { variables: {} });
    const queue = nodes.find(({ name }) => name === 'one at a time');
    assert.match(String(queue?.func), /LIMIT = 10000/);
    await api().down();
    const flow = await runSending(
      stage(),
      { name: 'crm/rest', queue: 'one at a time', change: (func) => func.replace('LIMIT = 10000', 'LIMIT = 1') },
      { TARGET_URL: api().url, RETRY_SECONDS: 600 },
    );
    stage().simulator.message({ ...LINE, text: 'waits', chat: EVE });
    await flow.untilShown(AGAIN);
    stage().simulator.message({ ...LINE, text: 'too many', chat: EVE });
    await flow.untilShown(KEPT);
    await flow.untilWaiting(1);
    assert.match(String(flow.lastKept().reason), /More than 1 messages wait/);
    assert.match(JSON.stringify(flow.lastKept().person), /too many/);
    assert.deepEqual(flow.shown(ELSE), []);
  });
});
