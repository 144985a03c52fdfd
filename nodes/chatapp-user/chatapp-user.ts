import type { NodeAPI } from 'node-red';
import { listenerNode } from '../shared/listener-node';

export = (RED: NodeAPI): void => {
  const construct = listenerNode(RED, (settings) => ({ type: 'user', userId: settings.requiredId('userId') }));
  RED.nodes.registerType('chatapp-user', construct);
};
