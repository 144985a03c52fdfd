import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

interface DoorOptions {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

interface DoorHandlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

interface Door {
  readonly url: string;
  readonly port: number;
  /** Ends every connection at once, and the server. */
  close(): Promise<void>;
}

/** Opens the one port behind which everything lies. Rejects where it is taken. */
export async function listen(options: DoorOptions, handlers: DoorHandlers): Promise<Door> {
  const host = options.host ?? '127.0.0.1';
  const server = options.tls ? createTlsServer(options.tls) : createServer();
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  server.on('request', (request, response) => {
    // A client that goes away in the middle of its request is no failure of the stand-in.
    handlers.request(request, response).catch(() => response.destroy());
  });
  server.on('upgrade', handlers.upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `${options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    close: () => closeAll(server, connections),
  };
}

async function closeAll(server: ReturnType<typeof createServer>, connections: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const connection of connections) connection.destroy();
  await closed;
}
