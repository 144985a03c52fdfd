import type { NodeAPI } from 'node-red';
import { listenerNode } from '../shared/listener-node';
import { MIGRATION } from './migration';

export default (RED: NodeAPI): void => {
  const construct = listenerNode(RED, MIGRATION, (settings) => ({
    type: 'user',
    userId: settings.requiredId('userId'),
  }));
  RED.nodes.registerType('chatapp-user', construct);
};
