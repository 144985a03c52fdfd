import { createServer, type Server } from 'node:http';
import { pass } from '../../../nodes/chatapp-connection/callback-route';
import type { Webhook } from '../../../src';

/** Serves `POST /<secret>/<licenseId>/<messengerType>` on a port of this machine, as Node-RED does it for our nodes. */
export function startWebhookServer(port: number, webhook: Webhook): Server {
  const server = createServer((request, response) => {
    const [, secret = '', licenseId = '', messengerType = ''] = (request.url ?? '').split('/').map(decodeURIComponent);
    void pass(webhook, { secret, licenseId, messengerType }, request, response);
  });
  return server.listen(port, '127.0.0.1');
}
