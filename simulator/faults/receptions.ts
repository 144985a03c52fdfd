import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Reception } from './contract';

/** Receives newcomers in every way but the usual. */
export class Receptions {
  /** Undefined: the usual welcome. */
  reception: Reception | undefined;
  /** How many were received so. */
  received = 0;
  readonly #upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #encode: (frame: Readonly<Record<string, unknown>>) => string;
  readonly #onReceived: () => void;

  constructor(encode: (frame: Readonly<Record<string, unknown>>) => string, onReceived: () => void) {
    this.#encode = encode;
    this.#onReceived = onReceived;
  }

  /** True where the newcomer is taken care of. */
  receive(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const { reception } = this;
    if (reception === undefined) return false;
    this.received += 1;
    socket.on('error', () => socket.destroy());
    if (typeof reception === 'object' && 'status' in reception) {
      const reason = STATUS_CODES[reception.status] ?? '';
      socket.end(`HTTP/1.1 ${reception.status} ${reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    } else if (reception !== 'no-upgrade') {
      this.#upgrader.handleUpgrade(request, socket, head, (ws) => this.#greet(ws, reception));
    }
    this.#onReceived();
    return true;
  }

  #greet(ws: WebSocket, reception: Exclude<Reception, 'no-upgrade' | { status: number }>): void {
    ws.on('error', () => ws.terminate());
    if (reception === 'silence') return;
    if ('frame' in reception) {
      ws.send(reception.frame);
      return;
    }
    ws.send(this.#encode(errorFrame(reception.error)));
    if (reception.closes) ws.close(reception.error);
  }
}

/** How a Pusher server says that something is wrong with the whole socket. */
export function errorFrame(code: number): Readonly<Record<string, unknown>> {
  return { event: 'pusher:error', data: { message: `The stand-in says ${code}.`, code } };
}
