import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExampleSettings } from '../support/example-stage';
import type { FarAnswer } from '../support/http-far-end';
import { Bitrix24, runBitrix24 } from './bitrix24';
import { describeSending } from './describe-sending';
import { AGAIN, KEPT, LINE, type SendingRun } from './sending-run';

const EVE = { id: '77000000001@c.us', name: 'Eve', phone: '7 (700) 000-00-01' } as const;

/** Errors as error-codes.html and settings/performance/limits.html under https://apidocs.bitrix24.com tell them. */
describeSending('the example crm/bitrix24 in trouble', Bitrix24, (stage, bitrix, crm) => {
  const start = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> =>
    runBitrix24(stage(), bitrix().url, more);

  const limit = { error: 'QUERY_LIMIT_EXCEEDED', error_description: 'Too many requests' };
  for (const [how, trouble, reason] of [
    ['has too many requests', (): FarAnswer => ({ status: 503, body: limit }), /^503: QUERY_LIMIT_EXCEEDED/],
    [
      'says 429',
      (): FarAnswer => ({ status: 429, headers: { 'retry-after': '0' }, body: { error: 'OPERATION_TIME_LIMIT' } }),
      /^429: OPERATION_TIME_LIMIT/,
    ],
    ['has an error of its own', (): FarAnswer => ({ status: 500, body: { error: 'INTERNAL_SERVER_ERROR' } }), /^500: /],
    ['answers with a page', (): FarAnswer => ({ status: 502, body: '<h1>Bad</h1>' }), /^502: <h1>/],
    ['does not answer in time', () => new Promise<undefined>(() => undefined), /no response/],
    ['hangs up', () => undefined, /socket hang up|ECONNRESET/],
  ] as const) {
    for (const method of ['crm.duplicate.findbycomm', 'crm.lead.add', 'crm.timeline.comment.add']) {
      it(`tries again where Bitrix24 ${how} at ${method}, and neither loses nor doubles anything`, async () => {
        let troubles = 2;
        bitrix().answerWith((request) => {
          if (!request.path.endsWith(method) || troubles === 0) return crm().answer(request);
          troubles -= 1;
          return trouble();
        });
        const flow = await start({ TIMEOUT_SECONDS: 0.3 });
        stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
        await stage().nodeRed.until('the comment', () => crm().comments.length > 0 || flow.shown(KEPT).length > 0);
        await flow.untilWaiting(0);
        assert.deepEqual([crm().leads.length, crm().comments.length], [1, 1]);
        assert.equal(flow.shown(AGAIN).length, 2);
        assert.match(String(flow.shown(AGAIN)[0]), reason);
        assert.deepEqual(flow.shown(KEPT), []);
      });
    }
  }

  it('keeps in a file, and shows, what was tried often enough, and goes on with the next of the same person', async () => {
    bitrix().answerWith((request) =>
      request.body.includes('unlucky')
        ? { status: 500, body: { error: 'INTERNAL_SERVER_ERROR' } }
        : crm().answer(request),
    );
    const flow = await start({ TRIES: 2 });
    const { id } = stage().simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'the next', chat: EVE });
    await flow.untilShown(KEPT);
    await stage().nodeRed.until('the next', () => crm().comments.length > 0);
    await flow.untilWaiting(0);
    assert.equal(flow.lastKept().reason, '500: INTERNAL_SERVER_ERROR');
    assert.match(JSON.stringify(flow.lastKept().person), /unlucky/);
    assert.match(JSON.stringify(flow.lastKept().chatapp), new RegExp(`"messageId":"${id}"`));
    assert.equal(crm().leads.length, 1);
  });

  for (const [status, code, advice] of [
    [401, 'NO_AUTH_FOUND', /BITRIX24_WEBHOOK/],
    [401, 'INVALID_CREDENTIALS', /rights/],
    [403, 'insufficient_scope', /CRM \(crm\)/],
    [403, 'ACCESS_DENIED', /commercial plan/],
    [403, 'OVERLOAD_LIMIT', /support/],
    [404, 'ERROR_METHOD_NOT_FOUND', /BITRIX24_WEBHOOK/],
    [400, 'ERROR_CORE', /^/],
  ] as const) {
    it(`says what to do where Bitrix24 refuses with ${code}, asks once, and keeps the message`, async () => {
      bitrix().answerWith(() => ({ status, body: { error: code, error_description: 'No' } }));
      const flow = await start();
      stage().simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`${status}: ${code}`), reason);
      assert.match(reason, advice);
      assert.equal(bitrix().requests.length, 1);
      assert.deepEqual(flow.shown(AGAIN), []);
    });
  }

  it('says so, and keeps the message, where nobody has filled in the webhook', async () => {
    const flow = await start({ BITRIX24_WEBHOOK: '' });
    stage().simulator.message({ ...LINE, text: 'nowhere', chat: EVE });
    await flow.untilShown(KEPT);
    await flow.untilWaiting(0);
    assert.match(String(flow.lastKept().reason), /Fill in BITRIX24_WEBHOOK/);
  });

  it('never shows the webhook, whatever goes wrong', async () => {
    const before = stage().nodeRed.debugged.length;
    bitrix().answerWith(() => ({ status: 500, body: { error: 'INTERNAL_SERVER_ERROR' } }));
    const flow = await start({ TRIES: 2 });
    stage().simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT);
    await bitrix().down();
    stage().simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT, 2);
    const file = readFileSync(join(stage().folder, 'unsent.jsonl'), 'utf8');
    const seen = JSON.stringify([stage().nodeRed.debugged.slice(before), stage().nodeRed.lines, file]);
    assert.ok(!seen.includes('notarealsecret'));
  });
});
