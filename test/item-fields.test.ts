import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CATALOGUE } from '../src/events/catalogue';
import type { Item } from '../src/events/envelope';
import { addItemFields, isEdited, isInGroup, type ItemFields } from '../src/item-fields';
import { SAMPLES } from '../src/events/samples';

const itemFields = (event: string, item: Item, messengerType?: string): ItemFields => {
  const fields: ItemFields = {};
  addItemFields(fields, event, item, messengerType);
  return fields;
};
const message = (fields: Item): Item => ({ id: '1', type: 'text', chat: { id: 'c' }, ...fields });
const fromOf = (item: Item, messengerType?: string): unknown => itemFields('message', item, messengerType).from;
const textOf = (item: Item): unknown => itemFields('message', item).text;

describe('the fields of an item', () => {
  it('are what a question of a customer says', () => {
    assert.deepEqual(itemFields('message', { ...SAMPLES.message[0] }, 'grWhatsApp'), {
      text: 'Здравствуйте! А доставка сегодня? 🌷',
      isEdited: false,
      direction: 'in',
      time: '2025-10-15T08:00:30.000Z',
      isGroup: false,
      from: { name: 'Айгерим Садыкова', phone: '+77000000001', title: 'Айгерим Садыкова' },
    });
  });

  it('are the file of a picture, and its caption as text', () => {
    const { text, file, time } = itemFields('message', { ...SAMPLES.message[2] });
    assert.equal(text, 'Olá! Vocês têm este arranjo de orquídeas? 😍');
    assert.deepEqual(file, {
      url: 'https://files.example/orquideas.jpg',
      name: 'orquideas.jpg',
      mimeType: 'image/jpeg',
    });
    assert.equal(time, '2025-10-15T09:21:58.000Z', 'from a time that came as text');
  });

  it('are, in a group, the person who wrote', () => {
    const { from, isGroup } = itemFields('message', { ...SAMPLES.message[4] });
    assert.equal(isGroup, true);
    assert.deepEqual(from, {
      name: 'Timur, supplier',
      phone: '+77000000003',
      username: 'timur_flowers',
      title: 'Timur, supplier',
    });
  });

  it('are the group itself if ChatApp does not say who wrote, and that has no phone', () => {
    const chat = { id: '77000000009-1700000000@g.us', name: 'Suppliers', phone: '77000000009' };
    assert.deepEqual(fromOf(message({ chat, fromUser: null })), { name: 'Suppliers', title: 'Suppliers' });
  });

  it('have a text for each message, whatever it lacks', () => {
    assert.equal(textOf(message({ type: 'image', message: { text: '', caption: null } })), '(image)');
    assert.equal(textOf(message({ type: 'voice', message: null })), '(voice)');
    assert.equal(textOf(message({ type: null })), '(message)');
    assert.equal(textOf(message({ message: { text: ' ', caption: 'Look' } })), 'Look');
    assert.equal(textOf(message({ message: { text: 12 } })), '12');
  });

  it('have no text, file or edit for events that are no messages', () => {
    const {
      text,
      file,
      isEdited: edited,
    } = itemFields('chatComment', { chat: { id: 'c' }, edited: { id: 1 }, message: { text: 'x' } });
    assert.deepEqual([text, file, edited], [undefined, undefined, undefined]);
  });

  it('read a phone in any form, and only what can be one', () => {
    const phoneOf = (phone: unknown): unknown =>
      itemFields('message', message({ chat: { id: 'c', phone } })).from?.phone;
    for (const phone of ['77000000001', '+77000000001', '+7 (700) 000-00-01', '0077000000001', 77000000001]) {
      assert.equal(phoneOf(phone), '+77000000001', String(phone));
    }
    for (const phone of [null, '', '0', '12345', '0123456789', '1234567890123456', 'call me', {}, ['77000000001']]) {
      assert.equal(phoneOf(phone), undefined, JSON.stringify(phone));
    }
  });

  it('read a phone out of the id of a WhatsApp chat', () => {
    assert.deepEqual(fromOf(message({ chat: { id: '77000000001@c.us' } })), {
      phone: '+77000000001',
      title: '+77000000001',
    });
    assert.deepEqual(fromOf(message({ chat: { id: '77000000001:12@s.whatsapp.net' } })), {
      phone: '+77000000001',
      title: '+77000000001',
    });
    assert.deepEqual(fromOf(message({ chat: { id: '77000000001' } }), 'caWhatsApp'), {
      phone: '+77000000001',
      title: '+77000000001',
    });
    assert.deepEqual(fromOf(message({ chat: { id: 77000000001 } }), 'telegram'), { title: '77000000001' });
    assert.deepEqual(fromOf(message({ chat: { id: '77000000001@lid' } }), 'grWhatsApp'), { title: '77000000001@lid' });
  });

  it('take what a chat lacks from the user with the same id, and from no other', () => {
    const chat = { id: '77000000001@c.us' };
    const user = { id: '77000000001@c.us', name: 'Aigerim', username: 'aigerim' };
    assert.deepEqual(fromOf(message({ chat, fromUser: user })), {
      name: 'Aigerim',
      phone: '+77000000001',
      username: 'aigerim',
      title: 'Aigerim',
    });
    const shop = { id: null, name: 'Loja das Flores' };
    assert.deepEqual(fromOf(message({ chat, fromUser: shop })), { phone: '+77000000001', title: '+77000000001' });
  });

  it('know groups by type and by id, and leave open what nothing tells', () => {
    const isGroup = (chat: unknown): unknown => itemFields('chatRead', { chat }).isGroup;
    assert.equal(isGroup({ id: 'x', type: 'group' }), true);
    assert.equal(isGroup({ id: '1-2@g.us' }), true);
    assert.equal(isGroup({ id: -1009000000417 }), true);
    assert.equal(isGroup({ id: '1@c.us' }), false);
    assert.equal(isGroup({ id: '-5', type: 'private' }), false);
    assert.equal(isGroup({ id: 'abc' }), undefined);
    assert.equal(isInGroup({ chat: { id: 'abc' } }), false);
    assert.equal(isInGroup({ chat: { id: 'abc', type: 'group' } }), true);
  });

  it('call a message edited, but not an event that names who made a change', () => {
    assert.equal(isEdited('message', { edited: true }), true);
    for (const edited of [1, '1', 'true', 1_760_515_230]) assert.equal(isEdited('message', { edited }), true);
    for (const edited of [null, 0, '0', 'false', '', [], {}]) assert.equal(isEdited('message', { edited }), false);
    assert.equal(isEdited('chatLevel', { edited: { id: 9041 } }), false);
    assert.equal(isEdited('chatLevel', { edited: true }), false);
  });

  it('have a direction for each event that goes one way', () => {
    assert.equal(itemFields('messageStatus', { ...SAMPLES.messageStatus[0] }).direction, 'out');
    assert.equal(itemFields('message', message({ side: 'out' })).direction, 'out');
    assert.equal(itemFields('message', message({ side: null })).direction, undefined);
    assert.equal(itemFields('chatRead', { chat: { id: 'c' } }).direction, undefined);
  });

  it('have a time only if it is one', () => {
    const timeOf = (time: unknown): unknown => itemFields('message', message({ time })).time;
    assert.equal(timeOf(0), '1970-01-01T00:00:00.000Z');
    for (const time of [1760515230, '1760515230', 1760515230000, '1760515230000', '2025-10-15T08:00:30.000000Z']) {
      assert.equal(timeOf(time), '2025-10-15T08:00:30.000Z', String(time));
    }
    for (const time of [null, '', 'soon', -1, 1e15, NaN, Infinity, {}, [1], true]) {
      assert.equal(timeOf(time), undefined, JSON.stringify(time));
    }
  });

  it('are of their types, and none is undefined, whatever an item holds', () => {
    const odd = fc.oneof(
      fc.constantFrom(null, undefined, '', ' ', 0, -1, true, '77000000001@c.us', '1@g.us', 'group', 'in', [], {}),
      fc.anything({ maxDepth: 1 }),
    );
    const record = (...names: string[]): fc.Arbitrary<unknown> =>
      fc.oneof(odd, fc.record(Object.fromEntries(names.map((name) => [name, odd])), { requiredKeys: [] }));
    const file = fc.oneof(record('link', 'name', 'mimeType', 'contentType'), fc.array(record('link', 'name')));
    const item = fc.record(
      {
        type: odd,
        side: odd,
        time: odd,
        edited: odd,
        message: fc.oneof(odd, fc.record({ text: odd, caption: odd, file }, { requiredKeys: [] })),
        chat: record('id', 'type', 'name', 'phone', 'username'),
        fromUser: record('id', 'name', 'phone', 'username'),
      },
      { requiredKeys: [] },
    );
    const events = fc.constantFrom(...CATALOGUE.map(({ name }) => name), 'unknownEvent');
    const messengers = fc.constantFrom(undefined, 'grWhatsApp', 'telegram');
    fc.assert(
      fc.property(events, item, messengers, (event, value, messenger) => {
        const {
          text,
          isEdited: edited,
          isGroup,
          direction,
          time,
          from,
          file: found,
        } = itemFields(event, value, messenger);
        const isMessage = event === 'message' || event === 'messageSystem';
        assert.equal(typeof text, isMessage ? 'string' : 'undefined');
        assert.equal(typeof edited, isMessage ? 'boolean' : 'undefined');
        assert.notEqual(text?.trim(), '');
        assert.match(typeof isGroup, /^(boolean|undefined)$/);
        assert.match(direction ?? 'in', /^(in|out)$/);
        assert.match(time ?? '2025-10-15T08:00:30.000Z', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
        assert.match(from?.phone ?? '+77000000001', /^\+[1-9]\d{6,14}$/);
        const texts = [...Object.values({ title: '', ...from }), ...Object.values({ url: '', ...found })];
        assert.ok(texts.every((one) => typeof one === 'string'));
        for (const owner of [itemFields(event, value, messenger), { ...from }, { ...found }]) {
          assert.ok(Object.values<unknown>({ ...owner }).every((one) => one !== undefined));
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
