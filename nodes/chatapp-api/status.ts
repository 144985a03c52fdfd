import type { NodeAPI, NodeStatus } from 'node-red';
import { ChatAppError } from '../../src/errors';
import { timeOfDay } from '../shared/time-of-day';

/**
 * What an API node shows. The closed list, in the order in which a user meets them.
 *
 * `asking`    a request is under way, or in line
 * `answered`  the last one was answered
 * `failed`    the last one was refused or got no answer; the error says why
 * `uncertain` the last one may have been carried out or not
 * `configInvalid` a setting is missing or malformed
 */
export const API_STATUS_KINDS = ['asking', 'answered', 'failed', 'uncertain', 'configInvalid'] as const;

export type ApiStatusKind = (typeof API_STATUS_KINDS)[number];

const LOOKS: Record<ApiStatusKind, Pick<NodeStatus, 'fill' | 'shape'>> = {
  asking: { fill: 'blue', shape: 'dot' },
  answered: { fill: 'green', shape: 'dot' },
  failed: { fill: 'red', shape: 'ring' },
  uncertain: { fill: 'red', shape: 'ring' },
  configInvalid: { fill: 'red', shape: 'ring' },
};

const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-api:chatapp-api.status.';

/** What the editor shows under a node that has had this status since `at`, in ms since the epoch. */
export function apiNodeStatus(RED: Pick<NodeAPI, '_'>, kind: ApiStatusKind, at: number): NodeStatus {
  return { ...LOOKS[kind], text: RED._(`${TEXTS}${kind}`, { time: timeOfDay(at) }) };
}

export function statusOf(error: unknown): ApiStatusKind {
  if (!(error instanceof ChatAppError)) return 'failed';
  if (error.code === 'CONFIG_INVALID') return 'configInvalid';
  return error.reason === 'uncertain' ? 'uncertain' : 'failed';
}
