import assert from 'node:assert/strict';
import { metaFacts } from '../../src/events';
import { channelFacts, deliveriesOf, type Arrival, type Delivery } from '../../src/inbox/delivery';

const ANY = { events: [], direction: 'any' } as const;

function originOf(channel: string, meta: object = {}): object {
  const facts = metaFacts({ ...meta }, channelFacts(channel));
  const arrival: Arrival = { event: 'message', channel, facts, receivedAt: 1_000, recovered: true };
  const [delivery] = deliveriesOf(arrival, { items: [{}], meta: { ...meta } }, ANY);
  assert.ok(delivery);
  assert.deepEqual([delivery.channel, delivery.receivedAt, delivery.recovered], [channel, 1_000, true]);
  const {
    item: _item,
    meta: _meta,
    event: _event,
    channel: _channel,
    receivedAt: _at,
    recovered: _,
    ...origin
  } = delivery;
  return origin;
}

describe('the origin of a delivery', () => {
  it('is that of its channel where the envelope does not tell it', () => {
    assert.deepEqual(originOf('private-v1.licenses.1.messengers.telegram'), {
      licenseId: '1',
      messengerType: 'telegram',
    });
    assert.deepEqual(originOf('private-v1.companies.2'), { companyId: '2' });
    assert.deepEqual(originOf('private-v1.users.3'), { userId: '3' });
    assert.deepEqual(originOf('private-v1.companies.2.users.3'), { companyId: '2', userId: '3' });
    assert.deepEqual(originOf('somewhere else'), {});
  });

  it('is completed by the envelope, which knows better; ids as strings', () => {
    const channel = 'private-v1.companies.2.users.3';
    const meta = { type: 'message', licenseId: 1, messengerType: 'telegram', userId: '4' };
    assert.deepEqual(originOf(channel, meta), {
      companyId: '2',
      userId: '4',
      licenseId: '1',
      messengerType: 'telegram',
    });
  });
});

describe('the ids of a delivery', () => {
  const deliver = (event: string, item: object): Delivery => {
    const arrival: Arrival = { event, channel: 'c', facts: {}, receivedAt: 1, recovered: false };
    const [delivery] = deliveriesOf(arrival, { items: [{ ...item }], meta: {} }, ANY);
    assert.ok(delivery);
    return delivery;
  };

  it('are strings, and absent where the item has none', () => {
    const { chatId, messageId } = deliver('messageStatus', { id: 17, chat: { id: -1_002_224_731_326 } });
    assert.deepEqual([chatId, messageId], ['-1002224731326', '17']);
    for (const item of [{}, { id: null, chat: null }, { id: {}, chat: {} }]) {
      assert.ok(!('chatId' in deliver('message', item)) && !('messageId' in deliver('message', item)));
    }
  });

  it('take no other id for that of a message', () => {
    assert.ok(!('messageId' in deliver('messageImport', { id: 309 })));
    assert.ok(!('messageId' in deliver('somethingNew', { id: 309 })));
  });
});
