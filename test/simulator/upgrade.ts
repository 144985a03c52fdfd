import { WebSocket } from 'ws';

/** The status with which an upgrade is refused; 101 where it is accepted. */
export function upgradeStatus({ socketUrl }: { readonly socketUrl: string }, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(socketUrl + path);
    ws.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    ws.on('open', () => {
      resolve(101);
      ws.terminate();
    });
    ws.on('error', reject);
  });
}
