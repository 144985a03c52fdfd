import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A proxy on loopback that only tunnels, and records the hosts. */
export interface ConnectProxy {
  readonly url: string;
  /** The `host:port` of each tunnel that was asked for, in order. */
  readonly targets: readonly string[];
  /** The `Proxy-Authorization` of each; empty where there was none. */
  readonly authorisations: readonly string[];
  close(): Promise<void>;
}

/** Starts a proxy; with `refuseWith` it answers every request with that status. */
export async function startConnectProxy(refuseWith?: number): Promise<ConnectProxy> {
  const targets: string[] = [];
  const authorisations: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    targets.push(request.url ?? '');
    authorisations.push(request.headers['proxy-authorization'] ?? '');
    if (refuseWith !== undefined) client.end(`HTTP/1.1 ${refuseWith} No\r\nContent-Length: 0\r\n\r\n`);
    else tunnel(client, head, request.url ?? '', sockets);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    targets,
    authorisations,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function tunnel(client: Duplex, head: Buffer, target: string, sockets: Set<Duplex>): void {
  const { hostname, port } = new URL(`http://${target}`);
  const server = connect(Number(port), hostname, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.write(head);
    server.pipe(client).pipe(server);
  });
  sockets.add(server);
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}
