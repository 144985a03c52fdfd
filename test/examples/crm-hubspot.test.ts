import assert from 'node:assert/strict';
import type { FarAnswer, FarRequest } from '../support/http-stub';
import { describeApi } from './describe-api';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const UPSERT = '/crm/v3/objects/contacts/batch/upsert';
const NOTES = '/crm/v3/objects/notes';

/**
 * As much of HubSpot as the example needs, as https://developers.hubspot.com/docs/api-reference describes it:
 * crm-contacts-v3/guide and crm-notes-v3/guide; the numbers of associations are those of crm-associations-v4/guide.
 */
class HubSpot {
  /** How the upsert is answered. */
  upserted: FarAnswer = { body: { status: 'COMPLETE', results: [{ id: '501', properties: {}, new: true }] } };

  answer({ path }: FarRequest): FarAnswer {
    return path === UPSERT ? this.upserted : { status: 201, body: { id: '9001' } };
  }
}

describeApi('the example crm/hubspot', HubSpot, (harness, stub, crm) => {
  const run = (): Promise<unknown> =>
    harness().run('crm/hubspot', {
      variables: { HUBSPOT_TOKEN: 'pat-notarealsecret', ALERT_URL: `${stub().url}/alert` },
      services: { 'https://api.hubapi.com': stub().url },
    });

  it('creates or finds the contact by its phone, and adds the message to it as a note', async () => {
    await run();
    const chat = { id: '7001', name: 'Eve', phone: '77000000001' };
    harness().simulator.message({ ...LINE, side: 'out', text: 'an answer', chat });
    harness().simulator.message({ ...LINE, text: '<b>a & b</b>\nand c', time: 1760515230, chat });
    await stub().until(({ length }) => length >= 2);
    for (const { method, headers } of stub().requests) {
      assert.equal(method, 'POST');
      assert.equal(headers.authorization, 'Bearer pat-notarealsecret');
      assert.equal(headers['content-type'], 'application/json');
    }
    const properties = { firstname: 'Eve', phone: '+77000000001' };
    assert.deepEqual(
      stub().requests.map(({ path, json }) => [path, json]),
      [
        [UPSERT, { inputs: [{ idProperty: 'chatapp_id', id: '+77000000001', properties }] }],
        [
          NOTES,
          {
            properties: {
              hs_timestamp: '2025-10-15T08:00:30.000Z',
              hs_note_body: '&lt;b>a &amp; b&lt;/b><br>and c<br>Flower shop, telegram',
            },
            associations: [
              { to: { id: '501' }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 202 }] },
            ],
          },
        ],
      ],
    );
  });

  it('recognises a person without a phone by the chat', async () => {
    await run();
    harness().simulator.message({ ...LINE, text: 'hello', chat: { id: '4711', name: 'Adam', phone: null } });
    await stub().until(({ length }) => length >= 2);
    assert.deepEqual(stub().requests[0]?.json, {
      inputs: [{ idProperty: 'chatapp_id', id: '50101/telegram/4711', properties: { firstname: 'Adam' } }],
    });
  });

  it('adds no note if HubSpot refuses the contact, and says why', async () => {
    crm().upserted = { status: 400, body: { category: 'VALIDATION_ERROR', message: 'chatapp_id is not unique' } };
    await run();
    harness().simulator.message({ ...LINE, text: 'hello', chat: { id: '4711', name: 'Adam', phone: null } });
    await stub().until((requests) => requests.some(({ path }) => path === '/alert'));
    assert.deepEqual(
      stub().requests.map(({ path }) => path),
      [UPSERT, '/alert'],
    );
    assert.match(stub().requests[1]?.body ?? '', /status 400.*chatapp_id is not unique.*Adam: hello/);
  });
});
