import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A reverse proxy that shows a server under a path of its own, WebSockets as well. */
export interface PathProxy {
  /** What browsers open, such as `http://127.0.0.1:4711/automation`. */
  readonly url: string;
  /** What was asked for outside of the path, as `GET /flows`: the proxy knows no such thing. */
  readonly strays: readonly string[];
  close(): Promise<void>;
}

/** @param path such as `/automation`; the server behind the proxy does not learn of it */
export async function startPathProxy(path: string, target: URL): Promise<PathProxy> {
  const strays: string[] = [];
  const sockets = new Set<Socket>();
  const inner = ({ method = '', url = '' }: IncomingMessage): string | undefined => {
    if (url.startsWith(`${path}/`)) return url.slice(path.length);
    strays.push(`${method} ${url}`);
    return undefined;
  };
  const server = createServer((asked, answer) => {
    const innerPath = inner(asked);
    if (innerPath === undefined) return void answer.writeHead(404).end();
    const { method, headers } = asked;
    const onwards = request(new URL(innerPath, target), { method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onwards.on('error', () => answer.writeHead(502).end());
    answer.on('close', () => onwards.destroy());
    asked.pipe(onwards);
  });
  server.on('upgrade', (asked, socket: Socket, head: Buffer) => {
    const innerPath = inner(asked);
    if (innerPath === undefined) return void socket.destroy();
    const onwards = connect(Number(target.port), target.hostname, () => {
      const fields = asked.rawHeaders.flatMap((name, at) =>
        at % 2 === 0 ? `${name}: ${asked.rawHeaders[at + 1]}` : [],
      );
      onwards.write(`GET ${innerPath} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`);
      onwards.write(head);
      socket.pipe(onwards).pipe(socket);
    });
    for (const [one, other] of [
      [socket, onwards],
      [onwards, socket],
    ] as const)
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server.address())}${path}`,
    strays,
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
