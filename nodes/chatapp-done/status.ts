import type { NodeAPI, NodeStatus } from 'node-red';
import { timeOfDay } from '../shared/time-of-day';

/**
 * What a done node shows. The closed list, in the order in which a user meets them.
 *
 * `done`    the last event counts as handled
 * `failed`  the last event is tried again
 * `gaveUp`  the last event is a dead letter now: another attempt would fail in the same way
 * `late`    nobody waits for the last event any more: it was settled before, or is being tried again
 * `unknown` the last message needs no outcome: it is a sample, or from a listener that acknowledges by itself
 * `configInvalid` a setting is malformed
 */
export const DONE_STATUS_KINDS = ['done', 'failed', 'gaveUp', 'late', 'unknown', 'configInvalid'] as const;

export type DoneStatusKind = (typeof DONE_STATUS_KINDS)[number];

const LOOKS: Record<DoneStatusKind, Pick<NodeStatus, 'fill' | 'shape'>> = {
  done: { fill: 'green', shape: 'dot' },
  failed: { fill: 'yellow', shape: 'ring' },
  gaveUp: { fill: 'red', shape: 'ring' },
  late: { fill: 'yellow', shape: 'ring' },
  unknown: { fill: 'grey', shape: 'ring' },
  configInvalid: { fill: 'red', shape: 'ring' },
};

const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-done:chatapp-done.';

/** What the editor shows under a node that has had this status since `at`, in ms since the epoch. */
export function doneNodeStatus(RED: Pick<NodeAPI, '_'>, kind: DoneStatusKind, at: number): NodeStatus {
  return { ...LOOKS[kind], text: RED._(`${TEXTS}status.${kind}`, { time: timeOfDay(at) }) };
}

/** What the log says of a message that settles nothing. */
export function warningOf(RED: Pick<NodeAPI, '_'>, kind: 'late' | 'unknown'): string {
  return RED._(`${TEXTS}warning.${kind}`);
}
