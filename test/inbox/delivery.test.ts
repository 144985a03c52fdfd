import assert from 'node:assert/strict';
import { metaFacts, type Item } from '../../src/events';
import type { ItemFilter } from '../../src/inbox/listener';
import { channelFacts, deliveriesOf, isWanted, type Arrival, type Delivery } from '../../src/inbox/delivery';

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

describe('the filter of a listener', () => {
  const passed = (event: string, item: Item, filter: Partial<ItemFilter>, recovered = false): boolean => {
    const arrival: Arrival = {
      event,
      channel: 'private-v1.licenses.1.messengers.telegram',
      facts: {},
      receivedAt: 1,
      recovered,
    };
    const whole = { ...ANY, ...filter };
    const deliveries = deliveriesOf(arrival, { items: [item], meta: {} }, whole);
    const listener = { ...whole, channel: { type: 'messenger' } } as const;
    // What waited for the listener before its filter was changed is judged in the same way.
    const [delivery] = deliveriesOf(arrival, { items: [item], meta: {} }, ANY);
    assert.ok(delivery);
    assert.equal(isWanted(delivery, listener), deliveries.length === 1);
    return deliveries.length === 1;
  };
  const IN_GROUP = { chat: { id: '1', type: 'group' } };
  const EDITED = { chat: { id: '1', type: 'private' }, edited: true };

  it('leaves out group chats only if that is chosen', () => {
    assert.equal(passed('message', IN_GROUP, {}), true);
    assert.equal(passed('message', IN_GROUP, { skipGroups: true }), false);
    assert.equal(passed('chatRead', { chat: { id: '1-2@g.us' } }, { skipGroups: true }), false);
    assert.equal(passed('message', EDITED, { skipGroups: true }), true);
    assert.equal(passed('chatRead', { chat: { id: 'unknown' } }, { skipGroups: true }), true);
  });

  it('leaves out edits only if that is chosen, and never a message that may have been missed before', () => {
    assert.equal(passed('message', EDITED, {}), true);
    assert.equal(passed('message', EDITED, { skipEdited: true }), false);
    assert.equal(passed('message', EDITED, { skipEdited: true }, true), true);
    assert.equal(passed('message', IN_GROUP, { skipEdited: true }), true);
    assert.equal(passed('chatLevel', { chat: { id: '1' }, edited: { id: 9041 } }, { skipEdited: true }), true);
  });
});
