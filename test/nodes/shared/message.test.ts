import assert from 'node:assert/strict';
import { messageOf, nextMessageId } from '../../../nodes/shared/message';
import { parseDeliveryToken } from '../../../src/delivery/delivery-token';

describe('the message for an item', () => {
  const item = { id: '7', time: 1, chat: { id: 'a' } };
  /** What flows need of the item. */
  const fields = {
    chatKey: '1/telegram/a',
    text: '(message)',
    from: { title: 'a' },
    isEdited: false,
    time: '1970-01-01T00:00:01.000Z',
  };
  const delivery = {
    event: 'message',
    channel: 'private-v1.licenses.1.messengers.telegram',
    item,
    meta: { type: 'message', licenseId: 1 },
    licenseId: '1',
    messengerType: 'telegram',
    chatId: 'a',
    messageId: '7',
    receivedAt: 5,
    recovered: false,
  };

  it('has the event as topic and the very item as payload', () => {
    const message = messageOf(delivery);
    assert.equal(message.topic, 'message');
    assert.equal(message.payload, item);
  });

  it('has everything else in msg.chatapp, and no parts for a single item', () => {
    const { item: _, ...chatapp } = delivery;
    assert.deepEqual(messageOf(delivery), {
      topic: 'message',
      payload: item,
      chatapp: { ...chatapp, ...fields, attempt: 1 },
    });
  });

  it('has the names of line, messenger and connection as far as they are known', () => {
    const naming = { lineName: 'Shop', messengerName: 'Telegram', connectionName: 'Main' };
    const { chatapp } = { chatapp: {}, ...messageOf(delivery, naming) };
    assert.deepEqual(chatapp, { ...chatapp, ...naming });
    assert.ok(!('lineName' in Object(messageOf(delivery).chatapp)));
  });

  it('has the key of the chat only if there is one', () => {
    const { chatId: _, ...chatless } = delivery;
    assert.ok(!('chatKey' in Object(messageOf(chatless).chatapp)));
  });

  it('has parts where the envelope held several items, as the join node wants them', () => {
    const message = messageOf({ ...delivery, part: { id: 'x', index: 1, count: 3 } });
    assert.deepEqual(message.parts, { id: 'x', type: 'array', index: 1, count: 3 });
    assert.ok(!('part' in Object(message.chatapp)));
  });

  it('has its delivery token as id, where the flow says when it is done, and the attempt in msg.chatapp', () => {
    const { item: _, ...chatapp } = delivery;
    const message = messageOf({ ...delivery, attempt: 2, deliveryToken: 'node.12.2' });
    assert.deepEqual(message, {
      _msgid: 'node.12.2',
      topic: 'message',
      payload: item,
      chatapp: { ...chatapp, ...fields, attempt: 2 },
    });
    assert.ok(!('_msgid' in messageOf({ ...delivery, attempt: 2 })), 'else it gets one as it is sent');
  });

  it('gets an id of its own in the form of those of Node-RED, which is no delivery token', () => {
    const ids = Array.from({ length: 10_000 }, nextMessageId);
    assert.equal(new Set(ids).size, ids.length);
    for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
    assert.equal(parseDeliveryToken(ids[0] ?? ''), undefined);
  });
});
