import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** A server on loopback that can go away and come back on the same port. */
export class RestartablePort {
  /** 0 until it was open. */
  number = 0;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();

  /** `make` makes a server that does not listen yet; each `open` takes a new one. */
  constructor(private readonly make: () => Server) {}

  async open(): Promise<void> {
    const server = this.make();
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.listen(this.number, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address === 'object' && address) this.number = address.port;
    this.#server = server;
  }

  /** Ends what is under way as well. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/**
 * Starts a program that cannot choose its ports itself, on `count` ports that are free. Another process may take one of
 * them before the program does: if `start` rejects, it is called again with other ports, three times in all.
 */
export async function onFreePorts<T>(count: number, start: (ports: readonly number[]) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePorts(count));
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => new RestartablePort(createServer));
  for (const server of servers) await server.open();
  await Promise.all(servers.map((server) => server.close()));
  return servers.map((server) => server.number);
}
