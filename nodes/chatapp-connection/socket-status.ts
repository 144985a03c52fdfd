import type { NodeStatus } from 'node-red';
import type { SocketState } from '../../src';

/** Node-RED's own words for the state of a connection, in the language of the editor. */
const TEXTS = 'node-red:common.status.';

/** What Status nodes get for the connection itself, beside the statuses of its listeners. */
export function socketStatus(state: SocketState): NodeStatus {
  switch (state) {
    case 'open':
      return { fill: 'green', shape: 'dot', text: `${TEXTS}connected` };
    case 'connecting':
      return { fill: 'yellow', shape: 'ring', text: `${TEXTS}connecting` };
    case 'waiting':
      return { fill: 'yellow', shape: 'ring', text: `${TEXTS}disconnected` };
    case 'refused':
      return { fill: 'red', shape: 'ring', text: `${TEXTS}disconnected` };
    case 'idle':
      return { fill: 'grey', shape: 'ring', text: `${TEXTS}not-connected` };
  }
}
