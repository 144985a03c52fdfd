import assert from 'node:assert/strict';
import type { ExampleSettings } from '../support/example-stage';
import type { FarAnswer } from '../support/http-far-end';
import { describeSending } from './describe-sending';
import { Kommo, problem } from './kommo';
import { AGAIN, KEPT, LINE, runSending, untilDone, type SendingRun } from './sending-run';

const EVE = { id: '7001', name: 'Eve', phone: '77000000001' } as const;
const ADAM = { id: '4711', name: 'Adam', phone: null } as const;
const SECRET = 'notarealsecret';
const FIND_EVE = 'GET /api/v4/contacts?with=leads&query=77000000001';
const MAKE = 'POST /api/v4/leads/complex';
const NOTE = 'POST /api/v4/leads/101/notes';

/**
 * Requests, answers and errors as https://developers.kommo.com tells them: reference/contacts-list,
 * reference/complex-leads, reference/add-notes, reference/notes-types and docs/limitations; and
 * https://kommo.com/developers/content/api_v4/errors. amoCRM's API is the same.
 */
describeSending('the example crm/kommo', Kommo, (stage, kommo, crm) => {
  const start = (more: ExampleSettings['variables'] = {}): Promise<SendingRun> => {
    const variables = { KOMMO_URL: `${kommo().url}/`, KOMMO_TOKEN: SECRET, ...more };
    return runSending(stage(), { name: 'crm/kommo', queue: 'one at a time' }, variables);
  };
  const asked = (): string[] => kommo().requests.map(({ method, path }) => `${method} ${path}`);
  const done = (flow: SendingRun, requests: number): Promise<void> => untilDone(kommo(), flow, requests);

  it('makes a lead with a contact where the phone is unknown, and adds the message to it as a note', async () => {
    const flow = await start();
    stage().simulator.message({ ...LINE, side: 'out', text: 'an answer', chat: EVE });
    stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 3);
    assert.deepEqual(asked(), [FIND_EVE, MAKE, NOTE]);
    for (const { headers } of kommo().requests) assert.equal(headers.authorization, `Bearer ${SECRET}`);
    assert.equal(kommo().requests[0]?.body, '');
    assert.equal(kommo().requests[1]?.headers['content-type'], 'application/json');
    const phone = { field_code: 'PHONE', values: [{ value: '+77000000001', enum_code: 'MOB' }] };
    assert.deepEqual(kommo().requests[1]?.json, [
      { name: 'ChatApp: Eve', _embedded: { contacts: [{ name: 'Eve', custom_fields_values: [phone] }] } },
    ]);
    assert.deepEqual(kommo().requests[2]?.json, [
      { note_type: 'common', params: { text: 'hello\n— Eve, line 50101, telegram' } },
    ]);
  });

  it('adds the note to the newest lead of the contact with that phone, however it is written', async () => {
    crm().contact('Somebody', '+7 700 000 00 011', [55]);
    crm().contact('Eve', '7 (700) 000-00-01', [12, 34, 7]);
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 2);
    assert.deepEqual(asked(), [FIND_EVE, 'POST /api/v4/leads/34/notes']);
  });

  it('adds the note to the contact itself where it has no lead', async () => {
    crm().contact('Eve', '+77000000001', []);
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
    await done(flow, 2);
    assert.deepEqual(asked(), [FIND_EVE, 'POST /api/v4/contacts/201/notes']);
  });

  it('knows a person without a phone by the chat at the end of the name', async () => {
    crm().lag = false;
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'one', chat: ADAM });
    await done(flow, 3);
    assert.deepEqual(kommo().requests[1]?.json, [
      { name: 'ChatApp: Adam', _embedded: { contacts: [{ name: 'Adam (telegram 4711)' }] } },
    ]);
    await stage().deploy([]);
    const again = await start();
    stage().simulator.message({ ...LINE, text: 'two', chat: ADAM });
    await done(again, 5);
    assert.deepEqual(asked().slice(3), ['GET /api/v4/contacts?with=leads&query=(telegram%204711)', NOTE]);
  });

  it('makes one lead of a person who writes several messages at once, although the search lags behind', async () => {
    crm().slowness = 40;
    const flow = await start();
    for (const text of ['one', 'two', 'three']) stage().simulator.message({ ...LINE, text, chat: EVE });
    stage().simulator.message({ ...LINE, text: 'somebody else', chat: ADAM });
    await done(flow, 3 + 1 + 1 + 3);
    assert.equal(crm().made, 2);
    assert.equal(crm().notes.length, 4);
  });

  it('looks again for a lead of its own that was deleted meanwhile', async () => {
    const flow = await start();
    stage().simulator.message({ ...LINE, text: 'one', chat: EVE });
    await done(flow, 3);
    crm().gone = 'leads/101';
    stage().simulator.message({ ...LINE, text: 'two', chat: EVE });
    await done(flow, 7);
    assert.deepEqual(asked().slice(3), [NOTE, FIND_EVE, MAKE, 'POST /api/v4/leads/102/notes']);
    assert.deepEqual(crm().notes, ['leads/101', 'leads/102']);
  });

  for (const [how, trouble, reason] of [
    ['has too many requests', (): FarAnswer => problem(429, 'Too many requests'), /^429: Too many requests/],
    ['has an error of its own', (): FarAnswer => ({ status: 504, body: '<h1>Bad</h1>' }), /^504: <h1>/],
    ['does not answer in time', () => new Promise<undefined>(() => undefined), /no response/],
    ['hangs up', () => undefined, /socket hang up|ECONNRESET/],
  ] as const) {
    for (const step of [FIND_EVE, MAKE, NOTE]) {
      it(`tries again where Kommo ${how} at ${step}, and neither loses nor doubles anything`, async () => {
        let troubles = 2;
        kommo().answerWith((request) => {
          if (`${request.method} ${request.path}` !== step || troubles === 0) return crm().answer(request);
          troubles -= 1;
          return trouble();
        });
        const flow = await start({ TIMEOUT_SECONDS: 0.3 });
        stage().simulator.message({ ...LINE, text: 'hello', chat: EVE });
        await stage().nodeRed.until('the note', () => crm().notes.length > 0 || flow.shown(KEPT).length > 0);
        await flow.untilWaiting(0);
        assert.deepEqual([crm().made, crm().notes.length], [1, 1]);
        assert.equal(flow.shown(AGAIN).length, 2);
        assert.match(String(flow.shown(AGAIN)[0]), reason);
        assert.deepEqual(flow.shown(KEPT), []);
      });
    }
  }

  it('keeps in a file, and shows, what was tried often enough', async () => {
    kommo().answerWith(() => problem(500, 'Oops'));
    const flow = await start({ TRIES: 2 });
    stage().simulator.message({ ...LINE, text: 'unlucky', chat: EVE });
    await flow.untilShown(KEPT);
    await flow.untilWaiting(0);
    assert.equal(kommo().requests.length, 2);
    assert.equal(flow.lastKept().reason, '500: Oops');
    assert.match(JSON.stringify(flow.lastKept().person), /unlucky/);
    assert.ok(!JSON.stringify([flow.lastKept(), stage().nodeRed.debugged, stage().nodeRed.lines]).includes(SECRET));
  });

  for (const [status, advice] of [
    [400, /obligatory/],
    [401, /KOMMO_TOKEN/],
    [402, /plan/],
    [403, /blocked/],
    [404, /KOMMO_URL/],
    [422, /obligatory/],
  ] as const) {
    it(`says what to do where Kommo refuses with ${status}, asks once, and keeps the message`, async () => {
      kommo().answerWith(() => problem(status, 'No'));
      const flow = await start();
      stage().simulator.message({ ...LINE, text: 'refused', chat: EVE });
      await flow.untilShown(KEPT);
      await flow.untilWaiting(0);
      const reason = String(flow.lastKept().reason);
      assert.ok(reason.startsWith(`${status}: No: `), reason);
      assert.match(reason, advice);
      assert.equal(kommo().requests.length, 1);
    });
  }

  it('says so, and keeps the message, where nobody has filled in address or token', async () => {
    const flow = await start({ KOMMO_URL: '' });
    stage().simulator.message({ ...LINE, text: 'nowhere', chat: EVE });
    await flow.untilShown(KEPT);
    await flow.untilWaiting(0);
    assert.match(String(flow.lastKept().reason), /Fill in KOMMO_URL/);
  });
});
