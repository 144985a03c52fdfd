import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

interface Received {
  readonly path: string;
  readonly body: string;
  /** Whether the one who posted was gone before the answer. */
  readonly isCutOff: boolean;
}
import { parseJson } from '../../../simulator/json';

/** A server that callbacks are posted to. */
export class Receiver {
  readonly url: string;
  /** What came, in the order in which it was answered. */
  readonly received: Received[] = [];
  /** The status of the answer to each, from what was posted; undefined never answers. */
  answer: (body: string) => number | undefined = () => 200;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on('request', (request, response) => void this.#receive(request, response));
  }

  static async start(): Promise<Receiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return new Receiver(server, typeof address === 'object' && address ? address.port : 0);
  }

  /** What was posted, the probes left out. */
  get bodies(): unknown[] {
    return this.received.filter(({ body }) => body !== '').map(({ body }) => parseJson(body));
  }

  /** Resolves once the last connection is gone; no new ones are taken. */
  async ended(): Promise<void> {
    this.#server.close();
    await once(this.#server, 'close');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += String(part);
    const status = this.answer(body);
    // A client that does not wait for the answer has hung up after one or two turns.
    if (status !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    this.received.push({ path: request.url ?? '', body, isCutOff: response.destroyed });
    if (status !== undefined) response.writeHead(status).end();
  }
}
