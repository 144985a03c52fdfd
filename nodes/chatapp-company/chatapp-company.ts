import type { NodeAPI } from 'node-red';
import { listenerNode } from '../shared/listener-node';

export = (RED: NodeAPI): void => {
  const construct = listenerNode(RED, (settings) => ({ type: 'company', companyId: settings.requiredId('companyId') }));
  RED.nodes.registerType('chatapp-company', construct);
};
