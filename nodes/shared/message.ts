import type { NodeMessage } from 'node-red';
import type { Delivery } from '../../src';

/**
 * The `msg` for one item: the item untouched as `payload`, all that is added in `chatapp`. A delivery token is its `_msgid`,
 * since that is what nodes leave in a message whatever else they make of it.
 */
export function messageOf({ item, part, deliveryToken, attempt = 1, ...origin }: Delivery): NodeMessage {
  return {
    ...(deliveryToken !== undefined && { _msgid: deliveryToken }),
    topic: origin.event,
    payload: item,
    chatapp: { ...origin, attempt },
    ...(part && { parts: { ...part, type: 'array' } }),
  };
}
