import assert from 'node:assert/strict';
import { messageOf } from '../../../nodes/shared/message';

describe('the message for an item', () => {
  const item = { id: '7', time: 1, chat: { id: 'a' } };
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
    assert.deepEqual(messageOf(delivery), { topic: 'message', payload: item, chatapp: { ...chatapp, attempt: 1 } });
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
      chatapp: { ...chatapp, attempt: 2 },
    });
    assert.ok(!('_msgid' in messageOf({ ...delivery, attempt: 2 })), 'else Node-RED gives it one');
  });
});
