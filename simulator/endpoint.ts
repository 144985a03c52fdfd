import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

interface EndpointOptions {
  readonly host?: string;
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string };
}

interface EndpointHandlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface Endpoint {
  readonly url: string;
  readonly port: number;
  /** Ends every connection at once. New ones are refused, or (`mute`) accepted and never answered. */
  shut(how: 'refuse' | 'mute'): Promise<void>;
  /** Ends `shut`: on the same port. */
  open(): Promise<void>;
  /** Ends every connection at once, and the server. */
  close(): Promise<void>;
}

/** Opens a port that serves everything. Rejects where it is taken. */
export async function listen(options: EndpointOptions, handlers: EndpointHandlers): Promise<Endpoint> {
  const host = options.host ?? '127.0.0.1';
  const server = options.tls ? createTlsServer(options.tls) : createServer();
  server.on('request', (request, response) => {
    // A client that goes away in the middle of its request is no failure of the simulator.
    handlers.request(request, response).catch(() => response.destroy());
  });
  server.on('upgrade', handlers.upgrade);
  const mute = createTcpServer((socket) => socket.on('error', () => socket.destroy()));
  const gate = new Gate([server, mute], host);
  await gate.to(server, options.port ?? 0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `${options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    shut: (how) => gate.to(how === 'mute' ? mute : undefined, port),
    open: () => gate.to(server, port),
    close: () => gate.to(undefined, port),
  };
}

/** Lets at most one of several servers have a port. */
class Gate {
  readonly #servers: readonly Server[];
  readonly #host: string;
  readonly #connections = new Set<Socket>();
  #open: Server | undefined;

  constructor(servers: readonly Server[], host: string) {
    this.#servers = servers;
    this.#host = host;
    for (const server of this.#servers) {
      server.on('connection', (socket: Socket) => {
        this.#connections.add(socket);
        socket.on('close', () => this.#connections.delete(socket));
      });
    }
  }

  /** Gives the port to a server, or to none. Rejects where somebody else has it. */
  async to(server: Server | undefined, port: number): Promise<void> {
    if (server === this.#open) return;
    const before = this.#open;
    this.#open = undefined;
    if (before) await this.#close(before);
    if (server) await listening(server, port, this.#host);
    this.#open = server;
  }

  async #close(server: Server): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(error);
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}
