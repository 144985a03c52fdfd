import type { NodeAPI } from 'node-red';
import { listenerNode } from '../shared/listener-node';
import { MIGRATION } from './migration';

export default (RED: NodeAPI): void => {
  const construct = listenerNode(RED, MIGRATION, (settings) => ({
    type: 'company',
    companyId: settings.requiredId('companyId'),
  }));
  RED.nodes.registerType('chatapp-company', construct);
};
