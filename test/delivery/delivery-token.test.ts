import assert from 'node:assert/strict';
import fc from 'fast-check';
import { deliveryTokenOf, parseDeliveryToken } from '../../src/delivery/delivery-token';

describe('delivery tokens', () => {
  it('name subscriber, event and attempt, whatever the id of the subscriber is', () => {
    assert.equal(deliveryTokenOf('f1.a-b', 12, 2), 'f1.a-b.12.2');
    const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), number, number, (subscriber, event, attempt) => {
        const token = deliveryTokenOf(subscriber, event, attempt);
        assert.deepEqual(parseDeliveryToken(token), { subscriber, number: event, attempt });
      }),
    );
  });

  it('are not the ids that Node-RED gives to messages', () => {
    for (const text of [
      '',
      'a1b2c3d4e5f60718',
      '1.2',
      '.1.2',
      'node.1.',
      'node.1.2 ',
      'node.-1.2',
      'node.1.99999999999999999',
    ])
      assert.equal(parseDeliveryToken(text), undefined, text);
  });
});
