import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { Changes } from './changes';

/** A bare WebSocket server on loopback, for faults that the simulator does not have. */
export class WsServer {
  /** The sockets that were opened, in order, and the paths that they asked for. */
  readonly sockets: WebSocket[] = [];
  readonly paths: string[] = [];
  /** The text frames that came, of all sockets. */
  readonly frames: string[] = [];
  readonly #upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #streams = new Set<Duplex>();
  readonly #changes = new Changes();

  private constructor(
    private readonly server: Server,
    /** Answers an upgrade with this HTTP status, or never (`hang`). */
    private readonly instead: number | 'hang' | undefined,
  ) {
    server.on('connection', (stream: Duplex) => this.#streams.add(stream));
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) =>
      this.#upgrade(request, stream, head),
    );
  }

  static async start(instead?: number | 'hang'): Promise<WsServer> {
    const server = createServer((_request, response) => response.writeHead(404).end());
    const made = new WsServer(server, instead);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `ws://127.0.0.1:${portOf(this.server)}`;
  }

  /** The socket with this number, as soon as it is there. */
  async socket(number = 0): Promise<WebSocket> {
    await this.#changes.until(
      () => this.sockets.length > number,
      () => this.paths,
    );
    const socket = this.sockets[number];
    if (!socket) throw new Error('there is no such socket');
    return socket;
  }

  /** Resolves once `holds` for the frames so far. */
  spy(holds: (frames: readonly string[]) => boolean): Promise<void> {
    return this.#changes.until(
      () => holds(this.frames),
      () => this.frames,
    );
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.paths.push(request.url ?? '');
    stream.on('error', () => stream.destroy());
    if (typeof this.instead === 'number') stream.end(`HTTP/1.1 ${this.instead} X\r\nContent-Length: 0\r\n\r\n`);
    else if (!this.instead) this.#upgrader.handleUpgrade(request, stream, head, (ws) => this.#welcome(ws));
    this.#changes.happened();
  }

  #welcome(ws: WebSocket): void {
    this.sockets.push(ws);
    ws.on('error', () => ws.terminate());
    ws.on('message', (data: Buffer) => {
      this.frames.push(data.toString());
      this.#changes.happened();
    });
    this.#changes.happened();
  }
}

/** A `ws:` URL on loopback where nobody listens. */
export async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return `ws://127.0.0.1:${port}`;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server is not listening');
  return address.port;
}
