import type { NodeAPI } from 'node-red';
import { listenerNode } from '../shared/listener-node';

/** A user in a company: what that employee's role lets them see. */
export = (RED: NodeAPI): void => {
  const construct = listenerNode(RED, (settings) => ({
    type: 'employee',
    companyId: settings.requiredId('companyId'),
    userId: settings.requiredId('userId'),
  }));
  RED.nodes.registerType('chatapp-employee', construct);
};
