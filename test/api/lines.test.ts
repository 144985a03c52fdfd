import assert from 'node:assert/strict';
import { ApiClient } from '../../src/api/client';
import { readLineEntries, readLines } from '../../src/api/lines';
import { codeOf } from '../support/errors';
import { FakeNetwork, ok, type FakeAnswer } from '../support/fake-network';

function clientOf(answer: FakeAnswer): { api: ApiClient; network: FakeNetwork } {
  const network = new FakeNetwork(() => answer);
  return { api: new ApiClient({ apiUrl: 'https://api.example.test', network }), network };
}

describe('the lines of an account', () => {
  it('are every messenger of every licence, ids as strings, those marked that are not active', async () => {
    const { api, network } = clientOf(
      ok([
        { licenseId: 50101, messenger: [{ type: 'grWhatsApp', name: 'WhatsApp' }, { type: 'telegram' }] },
        { licenseId: '50102', messenger: [{ type: 'vkontakte' }], active: false },
      ]),
    );
    assert.deepEqual(await readLines(api, 'token-1'), [
      { licenseId: '50101', messengerType: 'grWhatsApp' },
      { licenseId: '50101', messengerType: 'telegram' },
      { licenseId: '50102', messengerType: 'vkontakte', isInactive: true },
    ]);
    assert.deepEqual(network.paths, ['GET /v1/licenses']);
    assert.equal(network.requests[0]?.headers.Authorization, 'token-1');
  });

  it('are the same if a list came with gaps, as PHP writes one out of which something was taken', async () => {
    const licences = { 0: { licenseId: 1, messenger: { 1: { type: 'telegram' }, 4: { type: 'avito' } } }, 2: null };
    assert.deepEqual(await readLines(clientOf(ok(licences)).api, 't'), [
      { licenseId: '1', messengerType: 'telegram' },
      { licenseId: '1', messengerType: 'avito' },
    ]);
  });

  it('are the same if the only messenger of a line is not in a list', async () => {
    const lines = await readLines(clientOf(ok([{ licenseId: 1, messenger: { type: 'telegram' } }])).api, 't');
    assert.deepEqual(lines, [{ licenseId: '1', messengerType: 'telegram' }]);
  });

  it('are not active in whatever words the answer says so, and active if it says nothing', async () => {
    const all = [false, 0, '0', 'false', '', true, 1, '1', null, undefined];
    const licences = all.map((active, index) => ({ licenseId: index + 1, messenger: [{ type: 'telegram' }], active }));
    const lines = await readLines(clientOf(ok(licences)).api, 't');
    assert.deepEqual(
      lines.filter(({ isInactive }) => isInactive).map(({ licenseId }) => licenseId),
      ['1', '2', '3', '4', '5'],
    );
  });

  it('leave out what could be no channel, and keep the rest', async () => {
    const good = {
      licenseId: 1,
      messenger: [null, 'telegram', {}, { type: 7 }, { type: 'a.b' }, { type: 'telegram' }],
    };
    const odd = [null, 7, {}, { licenseId: 2 }, { licenseId: 2, messenger: {} }];
    const ids = [null, '', '1.2', 'x', -1, 1.5, 1e21, '1'.repeat(21), {}];
    const badIds = ids.map((licenseId) => ({ licenseId, messenger: [{ type: 'telegram' }] }));
    const { api } = clientOf(ok([...odd, ...badIds, good]));
    assert.deepEqual(await readLines(api, 't'), [{ licenseId: '1', messengerType: 'telegram' }]);
  });

  it('are none where the account has none', async () => {
    assert.deepEqual(await readLines(clientOf(ok([])).api, 't'), []);
  });

  it('are not guessed from an answer of another form', async () => {
    for (const json of [null, [], {}, { data: null }, { data: {} }, { data: { items: [] } }, { success: true }]) {
      assert.equal(await codeOf(readLines(clientOf({ json }).api, 't')), 'API_FAILED.unreadable');
    }
  });
});

describe('the lines of an account with their names', () => {
  it('come with the names and phones of their messengers, in the order of ChatApp', async () => {
    const { api } = clientOf(
      ok([
        {
          licenseId: 50102,
          licenseName: ' Flowers <b>& Co</b> ',
          messenger: [
            { type: 'grWhatsApp', name: '[WEB] WhatsApp', info: { phone: '77000000101' } },
            { type: 'telegram', name: 'Telegram', info: { phone: null } },
          ],
        },
        { licenseId: '50101', licenseName: null, messenger: [] },
      ]),
    );
    assert.deepEqual(await readLineEntries(api, 't'), [
      {
        licenseId: '50102',
        name: 'Flowers <b>& Co</b>',
        messengers: [
          { type: 'grWhatsApp', name: '[WEB] WhatsApp', phone: '77000000101' },
          { type: 'telegram', name: 'Telegram' },
        ],
      },
      { licenseId: '50101', messengers: [] },
    ]);
  });

  it('accept odd names and phones, and leave out what is no line or messenger', async () => {
    const messenger = [
      null,
      { type: 'a/b', name: 'x' },
      { type: 'telegram', name: 42, info: { phone: 77000000102 } },
      { type: 'email', name: {}, info: 'none' },
      { type: 'avito', name: ['x'], info: { phone: '' } },
    ];
    const odd = [null, 'x', [], { licenseName: 'no id' }, { licenseId: 'x', messenger }];
    const { api } = clientOf(
      ok([...odd, { licenseId: 1, licenseName: {}, messenger }, { licenseId: 2, messenger: {} }]),
    );
    assert.deepEqual(await readLineEntries(api, 't'), [
      {
        licenseId: '1',
        messengers: [{ type: 'telegram', name: '42', phone: '77000000102' }, { type: 'email' }, { type: 'avito' }],
      },
      { licenseId: '2', messengers: [] },
    ]);
  });

  it('are one answer, be they 2,000', async () => {
    const licences = Array.from({ length: 2_000 }, (_, index) => ({
      licenseId: index + 1,
      licenseName: `Line ${index + 1}`,
      messenger: [{ type: 'grWhatsApp' }],
    }));
    const { api, network } = clientOf(ok(licences));
    const lines = await readLineEntries(api, 't');
    assert.deepEqual([lines.length, lines.at(-1)?.name], [2_000, 'Line 2000']);
    assert.equal(network.requests.length, 1);
  });
});
