import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord, type JsonRecord } from '../../src/events/json';
import { ExampleStage, type ExampleSettings } from '../support/example-stage';
import { HttpFarEnd, type FarAnswer, type FarRequest } from '../support/http-far-end';
import { AGAIN, KEPT, LINE, runSending, type SendingRun } from './sending-run';

const EVE = { id: '77000000001@c.us', name: 'Eve', phone: '7 (700) 000-00-01' } as const;
const ADAM = { id: '4711', name: 'Adam', phone: null } as const;
const WEBHOOK = '/rest/1/notarealsecret';

/**
 * Requests, answers and errors as https://apidocs.bitrix24.com tells them: crm-duplicate-find-by-comm, crm-lead-list,
 * crm-lead-add, crm-timeline-comment-add under api-reference/crm, error-codes.html and settings/performance/limits.html.
 */
describe('the example crm/bitrix24', function () {
  this.timeout(60_000);
  let stage: ExampleStage;
  let bitrix: HttpFarEnd;
  let crm: Crm;

  before(async () => {
    stage = await ExampleStage.start();
  });

  after(() => stage.close());

  beforeEach(async () => {
    crm = new Crm();
    bitrix = await HttpFarEnd.start((request) => crm.answer(request));
  });

  afterEach(async () => {
    await stage.deploy([]);
    await bitrix.down();
  });

  const start = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> => {
    const variables = { BITRIX24_WEBHOOK: `${bitrix.url}${WEBHOOK}/`, ...more };
    return runSending(stage, { name: 'crm/bitrix24', queue: 'one at a time' }, variables);
  };
  const methods = (): string[] => bitrix.requests.map(({ path }) => path.replace(`${WEBHOOK}/`, ''));
  /** Resolves once so many requests have come and no message waits any more. */
  async function done(flow: SendingRun, requests: number): Promise<void> {
    await bitrix.until(({ length }) => length >= requests);
    await flow.untilWaiting(0);
  }

  it('adds what a contact writes to the timeline of the contact, found by the phone as +E.164', async () => {
    crm.contacts.set('+77000000001', 7);
    const flow = await start();
    stage.simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: EVE });
    const file = { link: 'https://files.example/a.jpg', name: 'a.jpg', contentType: 'image/jpeg' };
    stage.simulator.message({ ...LINE, type: 'image', message: { caption: 'look', file }, chat: EVE });
    await done(flow, 2);
    assert.deepEqual(
      bitrix.requests.map(({ method, path, headers, json }) => [method, path, headers['content-type'], json]),
      [
        [
          'POST',
          `${WEBHOOK}/crm.duplicate.findbycomm`,
          'application/json',
          { type: 'PHONE', values: ['+77000000001'] },
        ],
        [
          'POST',
          `${WEBHOOK}/crm.timeline.comment.add`,
          'application/json',
          {
            fields: {
              ENTITY_TYPE: 'contact',
              ENTITY_ID: 7,
              COMMENT: 'look\nhttps://files.example/a.jpg\n— Eve, line 50101, telegram',
            },
          },
        ],
      ],
    );
  });

  it('makes a lead where the phone is unknown, and adds the message to its timeline', async () => {
    const flow = await start();
    stage.simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 3);
    assert.deepEqual(methods(), ['crm.duplicate.findbycomm', 'crm.lead.add', 'crm.timeline.comment.add']);
    assert.deepEqual(bitrix.requests[1]?.json, {
      fields: {
        TITLE: 'ChatApp: Eve',
        NAME: 'Eve',
        PHONE: [{ VALUE: '+77000000001', VALUE_TYPE: 'MOBILE' }],
        ORIGINATOR_ID: 'chatapp',
        ORIGIN_ID: '50101/telegram/77000000001@c.us',
      },
    });
    assert.deepEqual(bitrix.requests[2]?.json, {
      fields: { ENTITY_TYPE: 'lead', ENTITY_ID: 101, COMMENT: 'hello\n— Eve, line 50101, telegram' },
    });
  });

  it('knows a person without a phone by the chat', async () => {
    const flow = await start();
    stage.simulator.message({ ...LINE, text: 'one', chat: ADAM });
    stage.simulator.message({ ...LINE, text: 'two', chat: ADAM });
    await done(flow, 5);
    const [list, add] = bitrix.requests;
    assert.deepEqual(list?.json, {
      filter: { ORIGINATOR_ID: 'chatapp', ORIGIN_ID: '50101/telegram/4711' },
      select: ['ID'],
    });
    assert.ok(!JSON.stringify(add?.json).includes('PHONE'));
    assert.equal(crm.leads.length, 1);
    assert.deepEqual(
      crm.comments.map(({ ENTITY_ID }) => ENTITY_ID),
      [101, 101],
    );
  });

  it("takes the number in WhatsApp's id of a chat for the phone where there is no other", async () => {
    crm.contacts.set('+77000000002', 8);
    const flow = await start();
    stage.simulator.message({ ...LINE, text: 'hi', chat: { ...ADAM, id: '77000000002@c.us' } });
    await done(flow, 2);
    assert.equal(crm.comments[0]?.ENTITY_ID, 8);
  });

  it('makes one lead of a person who writes several messages at once, by two messengers, while Bitrix24 is slow', async () => {
    crm.slowness = 60;
    const flow = await start({ MESSENGER: '' });
    for (const text of ['one', 'two', 'three']) stage.simulator.message({ ...LINE, text, chat: EVE });
    const other = { licenseId: '50101', messengerType: 'grWhatsApp' };
    stage.simulator.message({ ...other, text: 'four', chat: { ...EVE, phone: '+77000000001' } });
    stage.simulator.message({ ...LINE, text: 'somebody else', chat: ADAM });
    await done(flow, 3 + 2 + 2 + 2 + 3);
    assert.equal(crm.leads.length, 2);
    const texts = crm.comments.map(({ COMMENT }) => String(COMMENT).split('\n')[0]);
    assert.deepEqual(texts.sort(), ['four', 'one', 'somebody else', 'three', 'two']);
  });

  it('finds the lead that was made although the answer got lost, and makes no second one', async () => {
    crm.lose = 'crm.lead.add';
    const flow = await start({ TIMEOUT_SECONDS: 0.3 });
    stage.simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 4);
    assert.deepEqual(methods(), [
      'crm.duplicate.findbycomm',
      'crm.lead.add',
      'crm.duplicate.findbycomm',
      'crm.timeline.comment.add',
    ]);
    assert.deepEqual([crm.leads.length, crm.comments.length], [1, 1]);
    assert.match(String(flow.shown(AGAIN)[0]), /no response/);
  });

  it('asks twice a second at most', async () => {
    const times: number[] = [];
    bitrix.answerWith((request) => {
      times.push(Date.now());
      return crm.answer(request);
    });
    const variables = { BITRIX24_WEBHOOK: `${bitrix.url}${WEBHOOK}` };
    const names = { name: 'crm/bitrix24', queue: 'one at a time', limited: true };
    const flow = await runSending(stage, names, variables);
    stage.simulator.message({ ...LINE, text: 'hello', chat: EVE });
    stage.simulator.message({ ...LINE, text: 'hello', chat: ADAM });
    await done(flow, 6);
    // 2500, or somewhat less where the first request took long to be made.
    assert.ok(Number(times[5]) - Number(times[0]) > 2000, String(times));
  });

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
        bitrix.answerWith((request) => {
          if (!request.path.endsWith(method) || troubles === 0) return crm.answer(request);
          troubles -= 1;
          return trouble();
        });
        const flow = await start({ TIMEOUT_SECONDS: 0.3 });
        stage.simulator.message({ ...LINE, text: 'hello', chat: EVE });
        await stage.nodeRed.until('the comment', () => crm.comments.length > 0 || flow.shown(KEPT).length > 0);
        await flow.untilWaiting(0);
        assert.deepEqual([crm.leads.length, crm.comments.length], [1, 1]);
        assert.equal(flow.shown(AGAIN).length, 2);
        assert.match(String(flow.shown(AGAIN)[0]), reason);
        assert.deepEqual(flow.shown(KEPT), []);
      });
    }
  }

  it('keeps in a file, and shows, what was tried often enough, and goes on with the next of the same person', async () => {
    bitrix.answerWith((request) =>
      request.body.includes('unlucky')
        ? { status: 500, body: { error: 'INTERNAL_SERVER_ERROR' } }
        : crm.answer(request),
    );
    const flow = await start({ TRIES: 2 });
    const { id } = stage.simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
    stage.simulator.message({ ...LINE, text: 'the next', chat: EVE });
    await flow.untilShown(KEPT);
    await stage.nodeRed.until('the next', () => crm.comments.length > 0);
    await flow.untilWaiting(0);
    assert.equal(flow.lastKept().reason, '500: INTERNAL_SERVER_ERROR');
    assert.match(JSON.stringify(flow.lastKept().person), /unlucky/);
    assert.match(JSON.stringify(flow.lastKept().chatapp), new RegExp(`"messageId":"${id}"`));
    assert.equal(crm.leads.length, 1);
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
      bitrix.answerWith(() => ({ status, body: { error: code, error_description: 'No' } }));
      const flow = await start();
      stage.simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`${status}: ${code}`), reason);
      assert.match(reason, advice);
      assert.equal(bitrix.requests.length, 1);
      assert.deepEqual(flow.shown(AGAIN), []);
    });
  }

  it('says so, and keeps the message, where nobody has filled in the webhook', async () => {
    const flow = await start({ BITRIX24_WEBHOOK: '' });
    stage.simulator.message({ ...LINE, text: 'nowhere', chat: EVE });
    await flow.untilShown(KEPT);
    await flow.untilWaiting(0);
    assert.match(String(flow.lastKept().reason), /Fill in BITRIX24_WEBHOOK/);
  });

  it('loses nothing by a deploy: what waited goes once after it', async () => {
    await bitrix.down();
    const flow = await start({ RETRY_SECONDS: 600 });
    for (const text of ['one', 'two', 'three']) stage.simulator.message({ ...LINE, text, chat: EVE });
    await flow.untilShown(AGAIN);
    await flow.untilWaiting(3);
    await bitrix.up();
    await flow.redeploy();
    await stage.nodeRed.until('all three', () => crm.comments.length > 2);
    await flow.untilWaiting(0);
    assert.equal(crm.leads.length, 1);
    const texts = crm.comments.map(({ COMMENT }) => String(COMMENT).split('\n')[0]);
    assert.deepEqual(texts, ['one', 'two', 'three']);
  });

  it('never shows the webhook, whatever goes wrong', async () => {
    const before = stage.nodeRed.debugged.length;
    bitrix.answerWith(() => ({ status: 500, body: { error: 'INTERNAL_SERVER_ERROR' } }));
    const flow = await start({ TRIES: 2 });
    stage.simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT);
    await bitrix.down();
    stage.simulator.message({ ...LINE, text: 'secretly', chat: EVE });
    await flow.untilShown(KEPT, 2);
    const file = readFileSync(join(stage.folder, 'unsent.jsonl'), 'utf8');
    const seen = JSON.stringify([stage.nodeRed.debugged.slice(before), stage.nodeRed.lines, file]);
    assert.ok(!seen.includes('notarealsecret'));
  });
});

/** As much of Bitrix24 as the example needs. */
class Crm {
  /** Contacts by phone. */
  readonly contacts = new Map<string, number>();
  readonly leads: JsonRecord[] = [];
  readonly comments: JsonRecord[] = [];
  /** How late it answers, in ms. */
  slowness = 0;
  /** Does what this method says, once, and never answers. */
  lose = '';

  async answer({ path, json }: FarRequest): Promise<FarAnswer | undefined> {
    const method = path.replace(`${WEBHOOK}/`, '');
    const result = this.#do(method, isRecord(json) ? json : {});
    if (this.lose === method) {
      this.lose = '';
      return new Promise(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, this.slowness));
    return { body: { result, time: { start: 1, finish: 2, duration: 1 } } };
  }

  #do(method: string, { fields, values, filter }: JsonRecord): unknown {
    const entity = isRecord(fields) ? fields : {};
    if (method === 'crm.lead.add') return 100 + this.leads.push(entity);
    if (method === 'crm.timeline.comment.add') return 900 + this.comments.push(entity);
    const found = (holds: (lead: JsonRecord) => boolean): number[] =>
      this.leads.flatMap((lead, at) => (holds(lead) ? [101 + at] : []));
    if (method === 'crm.lead.list') {
      const origin = isRecord(filter) ? filter.ORIGIN_ID : undefined;
      return found(({ ORIGIN_ID }) => ORIGIN_ID === origin).map((id) => ({ ID: String(id) }));
    }
    const [phone] = Array.isArray(values) ? values.map(String) : [];
    const contact = this.contacts.get(phone ?? '');
    const leads = found(({ PHONE }) => JSON.stringify(PHONE ?? '').includes(`"${phone}"`));
    // Nobody: an empty array, not an empty object.
    if (contact === undefined && leads.length === 0) return [];
    return { ...(contact === undefined ? {} : { CONTACT: [contact] }), ...(leads.length > 0 ? { LEAD: leads } : {}) };
  }
}
