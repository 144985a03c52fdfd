import type { NodeAPI } from 'node-red';
import { listenerNode } from '../shared/listener-node';
import { MIGRATION } from './migration';

/** A messenger in a line; without a line, or without a messenger, all that the account has. */
export default (RED: NodeAPI): void => {
  const construct = listenerNode(RED, MIGRATION, (settings) => {
    const licenseId = settings.id('licenseId');
    const messengerType = settings.messengerType('messengerType');
    return {
      type: 'messenger',
      ...(licenseId !== undefined && { licenseId }),
      ...(messengerType !== undefined && { messengerType }),
    };
  });
  RED.nodes.registerType('chatapp-messenger', construct);
};
