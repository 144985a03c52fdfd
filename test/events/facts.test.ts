import assert from 'node:assert/strict';
import { CATALOGUE, type CatalogueEntry } from '../../src/events/catalogue';
import { readEnvelopes, type Item } from '../../src/events/envelope';
import { itemFacts, metaFacts } from '../../src/events/facts';
import { SAMPLES } from '../../src/events/samples';
import { sampleEnvelope } from '../../src/events/samples/sample-envelope';

const FULL: Item = { id: 'm-1', side: 'in', chat: { id: 'c-1' }, fromApp: { id: 'app_9041_3' } };

describe('the facts of an item', () => {
  it('are its chat, message, side and app', () => {
    assert.deepEqual(itemFacts('message', FULL), {
      chatId: 'c-1',
      messageId: 'm-1',
      side: 'in',
      fromAppId: 'app_9041_3',
    });
  });

  it('are strings, also where ChatApp sends numbers', () => {
    const item = { id: 1252, chat: { id: -1009000000417 }, fromApp: { id: 7 } };
    assert.deepEqual(itemFacts('messageDestroy', item), {
      chatId: '-1009000000417',
      messageId: '1252',
      fromAppId: '7',
    });
    assert.deepEqual(itemFacts('message', { id: 0, chat: { id: 0 } }), { chatId: '0', messageId: '0' });
  });

  it('are left out, not undefined, where the item does not tell them', () => {
    const bare: Item[] = [
      {},
      { id: null, chat: null, side: null, fromApp: null },
      { id: '', chat: { id: '' }, side: '', fromApp: { id: '' } },
      { id: {}, chat: [], side: 1, fromApp: 'bitrix' },
      { id: [1], chat: 'c-1', side: ['in'], fromApp: {} },
      { id: true, chat: { id: { id: 1 } }, fromApp: { id: false } },
      { id: NaN, chat: { id: Infinity }, fromApp: { id: 1.5 } },
    ];
    for (const item of bare) assert.deepEqual(Object.keys(itemFacts('message', item)), []);
  });

  it('keep all digits of ids that are numbers beyond 2^53', () => {
    const item = readEnvelopes('{"data":{"id":12345678901234567890,"chat":{"id":9007199254740993}}}').envelopes[0]
      ?.items[0];
    assert.ok(item !== undefined);
    assert.deepEqual(itemFacts('message', item), { messageId: '12345678901234567890', chatId: '9007199254740993' });
  });

  it('hold a message id for the events of messages alone, as the catalogue says', () => {
    const entries: readonly CatalogueEntry[] = CATALOGUE;
    for (const { name, idOf } of entries) {
      assert.equal(itemFacts(name, FULL).messageId, idOf === 'message' ? 'm-1' : undefined, name);
    }
    assert.equal('messageId' in itemFacts('messageImport', { id: 614 }), false);
  });

  it('hold no message id for an event that nobody knows yet, but its chat, side and app', () => {
    for (const event of ['chatPoll', '', 'constructor', '__proto__']) {
      assert.deepEqual(itemFacts(event, FULL), { chatId: 'c-1', side: 'in', fromAppId: 'app_9041_3' });
    }
  });

  it('tell the chat of every sample of an event on a chat', () => {
    for (const { name, channels } of CATALOGUE) {
      for (const item of readEnvelopes(sampleEnvelope(name, undefined, SAMPLES[name])).envelopes[0]?.items ?? []) {
        const ofChat = channels[0] === 'messenger' || name === 'messageImport';
        assert.equal('chatId' in itemFacts(name, item), ofChat, name);
      }
    }
  });
});

describe('the facts of a meta', () => {
  it('are strings, whether ChatApp sends numbers or strings', () => {
    const expected = { licenseId: '50718', messengerType: 'telegram', companyId: '3306', userId: '9041' };
    assert.deepEqual(
      metaFacts({ type: 'x', licenseId: 50718, messengerType: 'telegram', companyId: 3306, userId: 9041 }),
      expected,
    );
    assert.deepEqual(metaFacts({ ...expected, type: 'x', more: 1 }), expected);
  });

  it('are left out, not undefined, where the meta does not tell them', () => {
    assert.deepEqual(Object.keys(metaFacts({})), []);
    assert.deepEqual(
      Object.keys(metaFacts({ licenseId: null, messengerType: '', companyId: [1], userId: { id: 1 } })),
      [],
    );
    assert.deepEqual(metaFacts({ userId: '9041', licenseId: 1.5 }), { userId: '9041' });
  });

  it('name line, messenger and company of an import', () => {
    assert.deepEqual(metaFacts({ ...sampleEnvelope('messageImport').meta }), {
      licenseId: '50718',
      messengerType: 'telegram',
      companyId: '3306',
    });
  });
});
