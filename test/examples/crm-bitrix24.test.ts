import assert from 'node:assert/strict';
import type { ExampleSettings, RunningExample } from '../support/example-harness';
import { Bitrix24, WEBHOOK } from './bitrix24';
import { describeApi } from './describe-api';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const EVE = { id: '77000000001@c.us', name: 'Eve', phone: '7 (700) 000-00-01' } as const;
const ADAM = { id: '4711', name: 'Adam', phone: null } as const;

describeApi('the example crm/bitrix24', Bitrix24, (harness, stub, crm) => {
  const run = (variables: ExampleSettings['variables'] = {}): Promise<RunningExample> =>
    harness().run('crm/bitrix24', { variables: { WEBHOOK: `${stub().url}${WEBHOOK}/`, ...variables } });
  const noted = (count: number): Promise<void> =>
    stub().until((requests) => requests.filter(({ path }) => path.endsWith('comment.add')).length >= count);
  const bodyOf = (method: string): unknown => stub().requests.find(({ path }) => path.endsWith(method))?.json;

  it('adds what a contact writes to the timeline of the contact, who is found by the phone', async () => {
    crm().contacts.set('+77000000001', 7);
    await run();
    harness().simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: EVE });
    const file = { link: 'https://files.example/a.jpg', name: 'a.jpg', mimeType: 'image/jpeg' };
    harness().simulator.message({ ...LINE, type: 'image', message: { text: null, caption: 'look', file }, chat: EVE });
    await noted(1);
    assert.deepEqual(crm().methods, ['crm.duplicate.findbycomm', 'crm.timeline.comment.add']);
    assert.deepEqual(bodyOf('findbycomm'), { type: 'PHONE', values: ['+77000000001'] });
    assert.deepEqual(crm().comments, [
      {
        ENTITY_TYPE: 'contact',
        ENTITY_ID: 7,
        COMMENT: 'look\nhttps://files.example/a.jpg\n— Eve, Flower shop, telegram',
      },
    ]);
  });

  it('creates a lead for a new phone, once for several messages, and uses the newest of several leads', async () => {
    crm().leads.push({ TITLE: 'old', PHONE: [{ VALUE: '+77000000009' }] });
    await run({ RESPONSIBLE: '12' });
    for (const text of ['one', 'two']) harness().simulator.message({ ...LINE, text, chat: EVE });
    await noted(2);
    assert.deepEqual(crm().leads[1], {
      TITLE: 'ChatApp: Eve',
      NAME: 'Eve',
      PHONE: [{ VALUE: '+77000000001', VALUE_TYPE: 'MOBILE' }],
      ASSIGNED_BY_ID: '12',
      ORIGINATOR_ID: 'chatapp',
      ORIGIN_ID: '50101/telegram/77000000001@c.us',
    });
    assert.equal(crm().leads.length, 2);
    crm().leads.push({ PHONE: [{ VALUE: '+77000000001' }] });
    harness().simulator.message({ ...LINE, text: 'three', chat: EVE });
    await noted(3);
    assert.deepEqual(
      crm().comments.map(({ ENTITY_TYPE, ENTITY_ID }) => [ENTITY_TYPE, ENTITY_ID]),
      [
        ['lead', 102],
        ['lead', 102],
        ['lead', 103],
      ],
    );
  });

  it('recognises a person without a phone by the chat', async () => {
    await run();
    for (const text of ['one', 'two']) harness().simulator.message({ ...LINE, text, chat: ADAM });
    await noted(2);
    assert.equal(crm().leads.length, 1);
    assert.equal('PHONE' in (crm().leads[0] ?? {}), false);
    assert.deepEqual(
      crm().comments.map(({ ENTITY_ID }) => ENTITY_ID),
      [101, 101],
    );
  });

  it('creates a contact instead of a lead, if that is chosen', async () => {
    await run({ NEW_PERSON: 'contact' });
    harness().simulator.message({ ...LINE, text: 'one', chat: EVE });
    await noted(1);
    assert.ok(crm().methods.includes('crm.contact.add'));
    assert.equal(crm().comments[0]?.ENTITY_TYPE, 'contact');
  });

  it('says what to do if the webhook is not one of Bitrix24, and creates nothing', async () => {
    stub().answerWith(() => ({ status: 404, body: '<html>nothing here</html>' }));
    await run({ ALERT_URL: `${stub().url}/alert` });
    harness().simulator.message({ ...LINE, text: 'one', chat: EVE });
    await stub().until(({ length }) => length >= 2);
    assert.deepEqual(
      stub().requests.map(({ path }) => path),
      [`${WEBHOOK}/crm.duplicate.findbycomm`, '/alert'],
    );
    assert.match(stub().requests[1]?.body ?? '', /status 404.*Check the inbound webhook in the settings.*Eve: one/);
  });
});
