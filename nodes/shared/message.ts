import type { NodeMessage } from 'node-red';
import type { Delivery } from '../../src';

/**
 * The `msg` for one item: the item untouched as `payload`, all that is added in `chatapp`. A ticket is its `_msgid`,
 * since that is what nodes leave in a message whatever else they make of it.
 */
export function messageOf({ item, part, ticket, ...chatapp }: Delivery): NodeMessage {
  return {
    ...(ticket !== undefined && { _msgid: ticket }),
    topic: chatapp.event,
    payload: item,
    chatapp,
    ...(part && { parts: { ...part, type: 'array' } }),
  };
}
