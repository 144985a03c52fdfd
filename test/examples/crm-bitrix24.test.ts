import assert from 'node:assert/strict';
import type { ExampleSettings } from '../support/example-stage';
import { Bitrix24, runBitrix24, WEBHOOK } from './bitrix24';
import { describeSending } from './describe-sending';
import { AGAIN, LINE, untilDone, type SendingRun } from './sending-run';

const EVE = { id: '77000000001@c.us', name: 'Eve', phone: '7 (700) 000-00-01' } as const;
const ADAM = { id: '4711', name: 'Adam', phone: null } as const;

/**
 * Requests, answers and errors as https://apidocs.bitrix24.com tells them: crm-duplicate-find-by-comm, crm-lead-list,
 * crm-lead-add, crm-timeline-comment-add under api-reference/crm, error-codes.html and settings/performance/limits.html.
 */
describeSending('the example crm/bitrix24', Bitrix24, (stage, bitrix, crm) => {
  const start = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> =>
    runBitrix24(stage(), bitrix().url, more);
  const methods = (): string[] => bitrix().requests.map(({ path }) => path.replace(`${WEBHOOK}/`, ''));
  const done = (flow: SendingRun, requests: number): Promise<void> => untilDone(bitrix(), flow, requests);

  it('adds what a contact writes to the timeline of the contact, found by the phone as +E.164', async () => {
    crm().contacts.set('+77000000001', 7);
    const flow = await start();
    stage().simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: EVE });
    const file = { link: 'https://files.example/a.jpg', name: 'a.jpg', contentType: 'image/jpeg' };
    stage().simulator.message({ ...LINE, type: 'image', message: { caption: 'look', file }, chat: EVE });
    await done(flow, 2);
    assert.deepEqual(
      bitrix().requests.map(({ method, path, headers, json }) => [method, path, headers['content-type'], json]),
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
    stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 3);
    assert.deepEqual(methods(), ['crm.duplicate.findbycomm', 'crm.lead.add', 'crm.timeline.comment.add']);
    assert.deepEqual(bitrix().requests[1]?.json, {
      fields: {
        TITLE: 'ChatApp: Eve',
        NAME: 'Eve',
        PHONE: [{ VALUE: '+77000000001', VALUE_TYPE: 'MOBILE' }],
        ORIGINATOR_ID: 'chatapp',
        ORIGIN_ID: '50101/telegram/77000000001@c.us',
      },
    });
    assert.deepEqual(bitrix().requests[2]?.json, {
      fields: { ENTITY_TYPE: 'lead', ENTITY_ID: 101, COMMENT: 'hello\n— Eve, line 50101, telegram' },
    });
  });

  it('knows a person without a phone by the chat', async () => {
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'one', chat: ADAM });
    stage().simulator.message({ ...LINE, text: 'two', chat: ADAM });
    await done(flow, 5);
    const [list, add] = bitrix().requests;
    assert.deepEqual(list?.json, {
      filter: { ORIGINATOR_ID: 'chatapp', ORIGIN_ID: '50101/telegram/4711' },
      select: ['ID'],
    });
    assert.ok(!JSON.stringify(add?.json).includes('PHONE'));
    assert.equal(crm().leads.length, 1);
    assert.deepEqual(
      crm().comments.map(({ ENTITY_ID }) => ENTITY_ID),
      [101, 101],
    );
  });

  it("takes the number in WhatsApp's id of a chat for the phone where there is no other", async () => {
    crm().contacts.set('+77000000002', 8);
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'hi', chat: { ...ADAM, id: '77000000002@c.us' } });
    await done(flow, 2);
    assert.equal(crm().comments[0]?.ENTITY_ID, 8);
  });

  it('makes one lead of a person who writes several messages at once, by two messengers, while Bitrix24 is slow', async () => {
    crm().slowness = 60;
    const flow = await start({ MESSENGER: '' });
    for (const text of ['one', 'two', 'three']) stage().simulator.message({ ...LINE, text, chat: EVE });
    const other = { licenseId: '50101', messengerType: 'grWhatsApp' };
    stage().simulator.message({ ...other, text: 'four', chat: { ...EVE, phone: '+77000000001' } });
    stage().simulator.message({ ...LINE, text: 'somebody else', chat: ADAM });
    await done(flow, 3 + 2 + 2 + 2 + 3);
    assert.equal(crm().leads.length, 2);
    const texts = crm().comments.map(({ COMMENT }) => String(COMMENT).split('\n')[0]);
    assert.deepEqual(texts.sort(), ['four', 'one', 'somebody else', 'three', 'two']);
  });

  it('finds the lead that was made although the answer got lost, and makes no second one', async () => {
    crm().lose = 'crm.lead.add';
    const flow = await start({ TIMEOUT_SECONDS: 0.3 });
    stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 4);
    assert.deepEqual(methods(), [
      'crm.duplicate.findbycomm',
      'crm.lead.add',
      'crm.duplicate.findbycomm',
      'crm.timeline.comment.add',
    ]);
    assert.deepEqual([crm().leads.length, crm().comments.length], [1, 1]);
    assert.match(String(flow.shown(AGAIN)[0]), /no response/);
  });

  it('asks twice a second at most', async () => {
    const flow = await runBitrix24(stage(), bitrix().url, { BITRIX24_WEBHOOK: `${bitrix().url}${WEBHOOK}` }, true);
    const start = Date.now();
    stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'hello', chat: ADAM });
    await done(flow, 6);
    const times = bitrix().requests.map(({ time }) => time - start);
    assert.ok(Number(times[5]) > 2400, String(times));
  });

  it('loses nothing by a deploy: what waited goes once after it', async () => {
    await bitrix().down();
    const flow = await start({ RETRY_SECONDS: 600 });
    for (const text of ['one', 'two', 'three']) stage().simulator.message({ ...LINE, text, chat: EVE });
    await flow.untilShown(AGAIN);
    await flow.untilWaiting(3);
    await bitrix().up();
    await flow.redeploy();
    await stage().nodeRed.until('all three', () => crm().comments.length > 2);
    await flow.untilWaiting(0);
    assert.equal(crm().leads.length, 1);
    const texts = crm().comments.map(({ COMMENT }) => String(COMMENT).split('\n')[0]);
    assert.deepEqual(texts, ['one', 'two', 'three']);
  });
});
