import type { NodeAPI, NodeStatus } from 'node-red';
import { timeOfDay } from './time-of-day';

/**
 * What a send node shows. The closed list, in the order in which a user meets them.
 *
 * `sending`  a message is on its way, or in line
 * `sent`     the last one was taken by ChatApp
 * `waiting`  a message could not leave; it is tried again
 * `notSent`  the last one was not sent; the error says why
 * `loop`     the last one was not sent: too many went to its chat within a minute
 * `uncertain` the last one may have been sent or not
 * `configInvalid` a setting is missing or malformed
 */
export const SEND_STATUS_KINDS = [
  'sending',
  'sent',
  'waiting',
  'notSent',
  'loop',
  'uncertain',
  'configInvalid',
] as const;

export type SendStatusKind = (typeof SEND_STATUS_KINDS)[number];

export interface SendStatus {
  readonly kind: SendStatusKind;
  /** When the next try is due (`waiting`), or when ChatApp took the message (`sent`), in ms since the epoch. */
  readonly at?: number;
}

/** Yellow ring: passes by itself. Red ring: someone has to look. */
const LOOKS: Record<SendStatusKind, Pick<NodeStatus, 'fill' | 'shape'>> = {
  sending: { fill: 'blue', shape: 'dot' },
  sent: { fill: 'green', shape: 'dot' },
  waiting: { fill: 'yellow', shape: 'ring' },
  notSent: { fill: 'red', shape: 'ring' },
  loop: { fill: 'red', shape: 'ring' },
  uncertain: { fill: 'red', shape: 'ring' },
  configInvalid: { fill: 'red', shape: 'ring' },
};

const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-send:chatapp-send.status.';

/** What the editor shows under a node that has this status. `now` in ms since the epoch. */
export function sendNodeStatus(RED: Pick<NodeAPI, '_'>, status: SendStatus, now: number): NodeStatus {
  const { kind, at = now } = status;
  const places = {
    seconds: String(Math.max(1, Math.ceil((at - now) / 1_000))),
    time: timeOfDay(at),
  };
  return { ...LOOKS[kind], text: RED._(`${TEXTS}${kind}`, places) };
}
