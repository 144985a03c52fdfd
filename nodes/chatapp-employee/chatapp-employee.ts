import type { NodeAPI } from 'node-red';
import { listenerNode } from '../shared/listener-node';
import { MIGRATION } from './migration';

/** A user in a company: what that employee's role lets them see. */
export default (RED: NodeAPI): void => {
  const construct = listenerNode(RED, MIGRATION, (settings) => ({
    type: 'employee',
    companyId: settings.requiredId('companyId'),
    userId: settings.requiredId('userId'),
  }));
  RED.nodes.registerType('chatapp-employee', construct);
};
