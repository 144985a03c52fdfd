import type { NodeAPI, NodeStatus } from 'node-red';
import type { Status, StatusKind } from '../../src/status';
import { timeOfDay } from './time-of-day';

/** Green: all is well. Yellow ring: passes by itself. Red ring: someone has to act. */
const LOOKS: Record<StatusKind, Pick<NodeStatus, 'fill' | 'shape'>> = {
  connecting: { fill: 'yellow', shape: 'ring' },
  authorising: { fill: 'yellow', shape: 'ring' },
  listening: { fill: 'green', shape: 'dot' },
  leading: { fill: 'green', shape: 'dot' },
  standingBy: { fill: 'green', shape: 'ring' },
  clusterLost: { fill: 'yellow', shape: 'ring' },
  recovering: { fill: 'blue', shape: 'dot' },
  webhookOnly: { fill: 'yellow', shape: 'ring' },
  socketOnly: { fill: 'yellow', shape: 'ring' },
  waiting: { fill: 'yellow', shape: 'ring' },
  webhookTaken: { fill: 'red', shape: 'ring' },
  refused: { fill: 'red', shape: 'ring' },
  tokenInvalid: { fill: 'red', shape: 'ring' },
  configInvalid: { fill: 'red', shape: 'ring' },
  stopped: { fill: 'grey', shape: 'ring' },
};

/** In characters. */
const MAX_LENGTH = 20;

/** The statuses of all listeners have their texts in one catalogue. */
const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-connection:chatapp-connection.status.';

/** What the editor shows under a node that has this status. `now` in ms since the epoch. */
export function nodeStatus(RED: Pick<NodeAPI, '_'>, status: Status, now: number): NodeStatus {
  const isUnstored = status.kind === 'listening' && status.isUnstored;
  return { ...LOOKS[isUnstored ? 'waiting' : status.kind], text: textOf(RED, status, now) };
}

function textOf(RED: Pick<NodeAPI, '_'>, status: Status, now: number): string {
  const { kind, nextTry, recovered, host, since } = status;
  const text: Text = (key, values = {}) => RED._(`${TEXTS}${key}`, values);
  if (kind === 'waiting' && nextTry !== undefined) {
    return text('waiting', { seconds: String(Math.max(1, Math.ceil((nextTry - now) / 1_000))) });
  }
  if (kind === 'socketOnly' && host !== undefined) return cut(text('socketOnlyTaken', { host }));
  if (kind === 'webhookTaken' && host !== undefined) return cut(text('webhookTakenBy', { host }));
  if (kind === 'recovering') return text('recovering', { count: String(recovered ?? 0) });
  if (kind === 'clusterLost' && since !== undefined) return text('clusterLostSince', { time: timeOfDay(since) });
  if (kind === 'listening' || kind === 'leading' || kind === 'standingBy') return wellText(kind, status, text);
  return text(kind);
}

type Text = (key: string, values?: Record<string, string>) => string;

/** All is well: says what there is to say beyond that, and of several things the one that someone might act on. */
function wellText(kind: StatusKind, status: Status, text: Text): string {
  const { channels, backlog, nextAttempt, lastEvent, isUnstored, instances } = status;
  if (channels && channels.listening < channels.total) {
    return text('listeningSome', { listening: String(channels.listening), total: String(channels.total) });
  }
  if (kind === 'listening' && isUnstored) return text('listeningUnstored');
  if (backlog && nextAttempt !== undefined) {
    return cut(text('listeningRetry', { time: timeOfDay(nextAttempt), count: String(backlog) }));
  }
  if (backlog) return text('listeningBacklog', { count: String(backlog) });
  if (instances !== undefined) {
    return instances === 1 ? text('leadingAlone') : cut(text(`${kind}Instances`, { instances: String(instances) }));
  }
  if (kind === 'listening' && lastEvent !== undefined) return text('listeningSince', { time: timeOfDay(lastEvent) });
  return text(kind);
}

/** What is longer finds no place below a node. */
function cut(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1)}…`;
}
