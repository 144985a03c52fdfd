import assert from 'node:assert/strict';
import type { ExampleSettings } from '../support/example-stage';
import type { FarAnswer } from '../support/http-far-end';
import { describeSending } from './describe-sending';
import { CONTACTS, HubSpot, NOTES, recordOf, SEARCH } from './hubspot';
import { AGAIN, KEPT, LINE, runSending, untilDone, type SendingRun } from './sending-run';

const EVE = { id: '7001', name: 'Eve', phone: '77000000001' } as const;
const ADAM = { id: '4711', name: 'Adam', phone: null } as const;
const SECRET = 'pat-notarealsecret';

/**
 * Requests, answers and errors as https://developers.hubspot.com/docs/api-reference tells them: search/guide,
 * crm-contacts-v3/guide, crm-notes-v3/guide and error-handling; the numbers of associations are those of
 * https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide.
 */
describeSending('the example crm/hubspot', HubSpot, (stage, hubspot, crm) => {
  const start = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> => {
    const variables = { HUBSPOT_URL: hubspot().url, HUBSPOT_TOKEN: SECRET, ...more };
    return runSending(stage(), { name: 'crm/hubspot', queue: 'one at a time' }, variables);
  };
  const paths = (): string[] => hubspot().requests.map(({ path }) => path);
  const done = (flow: SendingRun, requests: number): Promise<void> => untilDone(hubspot(), flow, requests);

  it('makes a contact where the phone is unknown, and adds the message to it as a note', async () => {
    const flow = await start();
    stage().simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: EVE });
    stage().simulator.message({ ...LINE, text: '<b>a & b</b>\nand c', time: 1760515230, chat: EVE });
    await done(flow, 3);
    assert.deepEqual(paths(), [SEARCH, CONTACTS, NOTES]);
    for (const { method, headers } of hubspot().requests) {
      assert.equal(method, 'POST');
      assert.equal(headers.authorization, `Bearer ${SECRET}`);
      assert.equal(headers['content-type'], 'application/json');
    }
    const values = ['+77000000001', '77000000001'];
    assert.deepEqual(hubspot().requests[0]?.json, {
      filterGroups: [
        { filters: [{ propertyName: 'phone', operator: 'IN', values }] },
        { filters: [{ propertyName: 'mobilephone', operator: 'IN', values }] },
      ],
      properties: ['firstname', 'lastname', 'phone'],
      limit: 1,
    });
    assert.deepEqual(hubspot().requests[1]?.json, { properties: { firstname: 'Eve', phone: '+77000000001' } });
    const { properties, associations } = recordOf(hubspot().requests[2]?.json);
    const { hs_timestamp: time, hs_note_body: text } = recordOf(properties);
    assert.equal(time, '2025-10-15T08:00:30.000Z');
    assert.equal(text, '&lt;b&gt;a &amp; b&lt;/b&gt;<br>and c<br>— Eve, line 50101, telegram');
    assert.deepEqual(associations, [
      { to: { id: '501' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 202 }] },
    ]);
  });

  it('adds the note to the contact that is there already', async () => {
    crm().make({ firstname: 'Eve', mobilephone: '77000000001' }, { findable: true });
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 2);
    assert.deepEqual(paths(), [SEARCH, NOTES]);
    assert.deepEqual(crm().notes, ['501']);
  });

  it('knows a person without a phone by the chat, which is the last name', async () => {
    crm().lag = false;
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'one', chat: ADAM });
    await done(flow, 3);
    const filter = { propertyName: 'lastname', operator: 'EQ', value: '(telegram 4711)' };
    assert.deepEqual(recordOf(hubspot().requests[0]?.json).filterGroups, [{ filters: [filter] }]);
    assert.deepEqual(hubspot().requests[1]?.json, { properties: { firstname: 'Adam', lastname: '(telegram 4711)' } });
    await stage().deploy([]);
    const again = await start();
    stage().simulator.message({ ...LINE, text: 'two', chat: ADAM });
    await done(again, 5);
    assert.equal(crm().contacts.length, 1);
  });

  it('makes one contact of a person who writes several messages at once, although the search lags behind', async () => {
    crm().slowness = 40;
    const flow = await start();
    for (const text of ['one', 'two', 'three']) stage().simulator.message({ ...LINE, text, chat: EVE });
    stage().simulator.message({ ...LINE, text: 'somebody else', chat: ADAM });
    await done(flow, 3 + 1 + 1 + 3);
    assert.equal(crm().contacts.length, 2);
    assert.equal(crm().notes.length, 4);
  });

  it('looks again for a contact of its own that was deleted meanwhile', async () => {
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'one', chat: EVE });
    await done(flow, 3);
    crm().contacts.splice(0, 1, undefined);
    stage().simulator.message({ ...LINE, text: 'two', chat: EVE });
    await done(flow, 7);
    assert.deepEqual(paths().slice(3), [NOTES, SEARCH, CONTACTS, NOTES]);
    assert.deepEqual(crm().notes, ['501', '502']);
  });

  for (const [how, trouble, reason] of [
    [
      'has too many requests',
      (): FarAnswer => ({
        status: 429,
        body: { status: 'error', message: 'You have reached your secondly limit.', policyName: 'SECONDLY' },
      }),
      /^429: You have reached/,
    ],
    ['is locked', (): FarAnswer => ({ status: 423, body: { status: 'error', message: 'Locked' } }), /^423: Locked/],
    [
      'is moving house',
      (): FarAnswer => ({ status: 477, headers: { 'retry-after': '0.1' }, body: { message: 'Migration' } }),
      /^477: Migration/,
    ],
    ['has an error of its own', (): FarAnswer => ({ status: 502, body: '<h1>Bad</h1>' }), /^502: <h1>/],
    ['does not answer in time', () => new Promise<undefined>(() => undefined), /no response/],
  ] as const) {
    for (const path of [SEARCH, CONTACTS, NOTES]) {
      it(`tries again where HubSpot ${how} at ${path}, and neither loses nor doubles anything`, async () => {
        let troubles = 2;
        hubspot().answerWith((request) => {
          if (request.path !== path || troubles === 0) return crm().answer(request);
          troubles -= 1;
          return trouble();
        });
        const flow = await start({ TIMEOUT_SECONDS: 0.3 });
        stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
        await stage().nodeRed.until('the note', () => crm().notes.length > 0 || flow.shown(KEPT).length > 0);
        await flow.untilWaiting(0);
        assert.deepEqual([crm().contacts.length, crm().notes.length], [1, 1]);
        assert.equal(flow.shown(AGAIN).length, 2);
        assert.match(String(flow.shown(AGAIN)[0]), reason);
        assert.deepEqual(flow.shown(KEPT), []);
      });
    }
  }

  it('keeps in a file, and shows, what was tried often enough', async () => {
    hubspot().answerWith(() => ({ status: 503, body: { message: 'later' } }));
    const flow = await start({ TRIES: 2 });
    stage().simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
    await flow.untilShown(KEPT);
    await flow.untilWaiting(0);
    assert.equal(hubspot().requests.length, 2);
    assert.equal(flow.lastKept().reason, '503: later');
    assert.match(JSON.stringify(flow.lastKept().person), /unlucky/);
    assert.ok(!JSON.stringify([flow.lastKept(), stage().nodeRed.debugged, stage().nodeRed.lines]).includes(SECRET));
  });

  for (const [status, category, advice] of [
    [401, 'INVALID_AUTHENTICATION', /HUBSPOT_TOKEN/],
    [401, 'EXPIRED_AUTHENTICATION', /HUBSPOT_TOKEN/],
    [403, 'MISSING_SCOPES', /crm\.objects\.contacts\.write/],
    [400, 'VALIDATION_ERROR', /properties/],
    [409, 'CONFLICT', /already/],
  ] as const) {
    it(`says what to do where HubSpot refuses with ${category}, asks once, and keeps the message`, async () => {
      const body = { status: 'error', message: 'No', correlationId: 'a', category };
      hubspot().answerWith(() => ({ status, body }));
      const flow = await start();
      stage().simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`${status}: ${category}: `), reason);
      assert.match(reason, advice);
      assert.equal(hubspot().requests.length, 1);
    });
  }

  it('says so, and keeps the message, where nobody has filled in the token', async () => {
    const flow = await start({ HUBSPOT_TOKEN: '' });
    stage().simulator.message({ ...LINE, text: 'nowhere', chat: EVE });
    await flow.untilShown(KEPT);
    await flow.untilWaiting(0);
    assert.match(String(flow.lastKept().reason), /Fill in HUBSPOT_TOKEN/);
  });
});
