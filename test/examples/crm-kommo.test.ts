import assert from 'node:assert/strict';
import type { ExampleSettings, RunningExample } from '../support/example-harness';
import { describeApi } from './describe-api';
import { Kommo } from './kommo';

const LINE = { licenseId: '50101', messengerType: 'telegram' } as const;
const EVE = { id: '7001', name: 'Eve', phone: '77000000001' } as const;
const ADAM = { id: '4711', name: 'Adam', phone: null } as const;
const FIND_EVE = 'GET /api/v4/contacts?with=leads&query=77000000001';
const FIND_ADAM = 'GET /api/v4/contacts?with=leads&query=(telegram%204711)';
const CREATE = 'POST /api/v4/leads/complex';
const NOTE = 'POST /api/v4/leads/101/notes';

describeApi('the example crm/kommo', Kommo, (harness, stub, crm) => {
  const run = (variables: ExampleSettings['variables'] = {}): Promise<RunningExample> =>
    harness().run('crm/kommo', { variables: { ACCOUNT: `${stub().url}/`, TOKEN: 'notarealsecret', ...variables } });
  const noted = (count: number): Promise<void> =>
    stub().until((requests) => requests.filter(({ path }) => path.endsWith('/notes')).length >= count);
  const asked = (): string[] => stub().requests.map(({ method, path }) => `${method} ${path}`);

  it('creates a lead with a contact for a new phone, and adds the message to it as a note', async () => {
    await run({ PIPELINE: '31' });
    harness().simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: EVE });
    harness().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await noted(1);
    assert.deepEqual(asked(), [FIND_EVE, CREATE, NOTE]);
    for (const { headers } of stub().requests) assert.equal(headers.authorization, 'Bearer notarealsecret');
    const phone = { field_code: 'PHONE', values: [{ value: '+77000000001', enum_code: 'MOB' }] };
    assert.deepEqual(stub().requests[1]?.json, [
      {
        name: 'ChatApp: Eve',
        pipeline_id: 31,
        _embedded: { contacts: [{ name: 'Eve', custom_fields_values: [phone] }] },
      },
    ]);
    assert.deepEqual(stub().requests[2]?.json, [
      { note_type: 'common', params: { text: 'hello\n— Eve, Flower shop, telegram' } },
    ]);
  });

  it('adds the note to the newest lead of the contact with that phone, however it is written', async () => {
    crm().contact('Somebody', '+7 700 000 00 011', [55]);
    crm().contact('Eve', '7 (700) 000-00-01', [12, 34, 7]);
    await run();
    harness().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await noted(1);
    assert.deepEqual(crm().notes, ['leads/34']);
  });

  it('adds the note to the contact itself if it has no lead', async () => {
    crm().contact('Eve', '+77000000001', []);
    await run();
    harness().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await noted(1);
    assert.deepEqual(crm().notes, ['contacts/201']);
  });

  it('recognises a person without a phone by the chat at the end of the name', async () => {
    await run();
    harness().simulator.message({ ...LINE, text: 'one', chat: ADAM });
    await noted(1);
    assert.deepEqual(asked(), [FIND_ADAM, CREATE, NOTE]);
    assert.deepEqual(stub().requests[1]?.json, [
      { name: 'ChatApp: Adam', _embedded: { contacts: [{ name: 'Adam (telegram 4711)' }] } },
    ]);
  });

  it('adds the note to the lead of a person without a phone who has written before', async () => {
    crm().contact('Adam (telegram 4711)', '', [12]);
    await run();
    harness().simulator.message({ ...LINE, text: 'two', chat: ADAM });
    await noted(1);
    assert.deepEqual(asked(), [FIND_ADAM, 'POST /api/v4/leads/12/notes']);
  });

  it('creates one lead for a person who writes several messages, although the search lags behind', async () => {
    await run();
    for (const text of ['one', 'two', 'three']) harness().simulator.message({ ...LINE, text, chat: EVE });
    harness().simulator.message({ ...LINE, text: 'somebody else', chat: ADAM });
    await noted(4);
    assert.equal(crm().made, 2);
  });

  it('looks for the person again if a lead that it has created was deleted', async () => {
    await run();
    harness().simulator.message({ ...LINE, text: 'one', chat: EVE });
    await noted(1);
    crm().gone = 'leads/101';
    harness().simulator.message({ ...LINE, text: 'two', chat: EVE });
    await noted(3);
    assert.deepEqual(asked().slice(3), [NOTE, FIND_EVE, CREATE, 'POST /api/v4/leads/102/notes']);
  });
});
