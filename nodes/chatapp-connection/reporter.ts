import type { Node, NodeAPI } from 'node-red';
import type { Users } from '../shared/connection-node';
import { report } from '../shared/report';
import type { Reporter } from './connection-registry';
import { socketStatus } from './socket-status';

/** Tells errors and the state of the socket to the Catch and Status nodes of each tab that uses the node, once. */
export function reporterOf(RED: NodeAPI, node: Node, users: Users): Reporter {
  const forEachTab = (tell: () => void): void => {
    Object.assign(node, { users: users.onePerTab() });
    tell();
  };
  return {
    onError: (error) => forEachTab(() => report(RED, node, error)),
    onSocket: (state) => forEachTab(() => node.status(socketStatus(state))),
    log: {
      debug: (line) => node.debug(line),
      info: (line) => node.log(line),
      warn: (line) => node.warn(line),
    },
  };
}
