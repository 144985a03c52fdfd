import type { NodeAPI } from 'node-red';
import { isSampleSender } from '../shared/sample';

/**
 * `POST chatapp/sample/<node id>` lets a listener send a sample through its flow, as the button in the editor asks for.
 * Only for users who may write; answers 404 where the node is not deployed.
 */
export function serveSamples(RED: Pick<NodeAPI, 'httpAdmin' | 'auth' | 'nodes'>): void {
  RED.httpAdmin.post('/chatapp/sample/:id', RED.auth.needsPermission('chatapp.write'), (request, response) => {
    const { id } = request.params;
    const node: unknown = typeof id === 'string' ? RED.nodes.getNode(id) : undefined;
    if (isSampleSender(node)) response.json({ event: node.sendSample() });
    else response.sendStatus(404);
  });
}
