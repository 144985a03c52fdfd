import type { Node, NodeAPI } from 'node-red';
import type { SocketState } from '../../src';
import type { Users } from '../shared/connection-node';
import { report } from '../shared/report';
import type { Reporter } from './connection-registry';
import { noticeStatus, socketStatus, type ConnectionStatus } from './connection-status';

/** Tells errors and the state of the socket to the Catch and Status nodes of each tab that uses the node, once. */
export function reporterOf(RED: NodeAPI, node: Node, users: Users): Reporter {
  const forEachTab = (tell: () => void): void => {
    Object.assign(node, { users: users.onePerTab() });
    tell();
  };
  /** Whether the latest status said so: each event comes once, however often the socket is tried. */
  let isConnected: boolean | undefined;
  const statusOf = (state: SocketState): ConnectionStatus => {
    const { event, ...status } = socketStatus(state);
    const isNow = state === 'open';
    if (event === undefined || isNow === isConnected) return status;
    isConnected = isNow;
    return { ...status, event };
  };
  return {
    onError: (error) => forEachTab(() => report(RED, node, error)),
    onSocket: (state) => forEachTab(() => node.status(statusOf(state))),
    onNotice: (notice) => forEachTab(() => node.status(noticeStatus(RED, notice))),
    log: {
      debug: (line) => node.debug(line),
      info: (line) => node.log(line),
      warn: (line) => node.warn(line),
    },
  };
}
