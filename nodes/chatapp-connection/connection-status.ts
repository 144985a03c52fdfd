import type { NodeAPI, NodeStatus } from 'node-red';
import type { Notice, NoticeKind, SocketState } from '../../src';

/** What Status nodes get in `msg.status` for the connection itself, besides fill, shape and text. */
export interface ConnectionStatus extends NodeStatus {
  /** What has happened; absent while the socket is being opened, and when it is not needed any more. */
  readonly event?: NoticeKind;
  readonly channels?: number;
  readonly fetched?: number;
  readonly listener?: string;
  readonly eventName?: string;
}

/** Node-RED's own words for the state of a connection, in the language of the editor. */
const SOCKET_TEXTS = 'node-red:common.status.';
const TEXTS = '@chatapp-community/node-red-chatapp/chatapp-connection:chatapp-connection.notice.';

/** Of the socket. */
export function socketStatus(state: SocketState): ConnectionStatus {
  switch (state) {
    case 'open':
      return { fill: 'green', shape: 'dot', text: `${SOCKET_TEXTS}connected`, event: 'connected' };
    case 'connecting':
      return { fill: 'yellow', shape: 'ring', text: `${SOCKET_TEXTS}connecting` };
    case 'waiting':
      return { fill: 'yellow', shape: 'ring', text: `${SOCKET_TEXTS}disconnected`, event: 'disconnected' };
    case 'refused':
      return { fill: 'red', shape: 'ring', text: `${SOCKET_TEXTS}disconnected`, event: 'disconnected' };
    case 'idle':
      return { fill: 'grey', shape: 'ring', text: `${SOCKET_TEXTS}not-connected` };
  }
}

const LOOKS: Record<Exclude<NoticeKind, 'connected' | 'disconnected'>, Pick<NodeStatus, 'fill' | 'shape'>> = {
  gapOpened: { fill: 'yellow', shape: 'ring' },
  gapClosed: { fill: 'green', shape: 'dot' },
  tokenRenewed: { fill: 'green', shape: 'dot' },
  deadLetter: { fill: 'red', shape: 'ring' },
};

/** Of all else; the text is in the language that Node-RED runs in. */
export function noticeStatus(RED: Pick<NodeAPI, '_'>, { kind, ...details }: Notice): ConnectionStatus {
  if (kind === 'connected' || kind === 'disconnected') return socketStatus(kind === 'connected' ? 'open' : 'waiting');
  const { channels = 0, fetched = 0, eventName = '' } = details;
  const places = { channels: String(channels), fetched: String(fetched), event: eventName };
  return { ...LOOKS[kind], text: RED._(`${TEXTS}${kind}`, places), event: kind, ...details };
}
