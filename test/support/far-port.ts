import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

/** A server on loopback that can go away and come back on the same port. */
export class FarPort {
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
