import type { NodeMessage } from 'node-red';
import type { Delivery } from '../../src';

/** The `msg` for one item: the item untouched as `payload`, all that is added in `chatapp`. */
export function messageOf({ item, part, ...chatapp }: Delivery): NodeMessage {
  return {
    topic: chatapp.event,
    payload: item,
    chatapp,
    ...(part && { parts: { ...part, type: 'array' } }),
  };
}
