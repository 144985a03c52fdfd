import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HandshakeFault } from './contract';

/** Receives newcomers in every way but the usual. */
export class HandshakeFaults {
  /** Undefined: the usual welcome. */
  handshake: HandshakeFault | undefined;
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
    const { handshake } = this;
    if (handshake === undefined) return false;
    this.received += 1;
    socket.on('error', () => socket.destroy());
    if (typeof handshake === 'object' && 'status' in handshake) {
      const reason = STATUS_CODES[handshake.status] ?? '';
      socket.end(`HTTP/1.1 ${handshake.status} ${reason}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    } else if (handshake !== 'no-upgrade') {
      this.#upgrader.handleUpgrade(request, socket, head, (ws) => this.#greet(ws, handshake));
    }
    this.#onReceived();
    return true;
  }

  #greet(ws: WebSocket, handshake: Exclude<HandshakeFault, 'no-upgrade' | { status: number }>): void {
    ws.on('error', () => ws.terminate());
    if (handshake === 'silence') return;
    if ('frame' in handshake) {
      ws.send(handshake.frame);
      return;
    }
    ws.send(this.#encode(errorFrame(handshake.error)));
    if (handshake.closes) ws.close(handshake.error);
  }
}

/** How a Pusher server says that something is wrong with the whole socket. */
export function errorFrame(code: number): Readonly<Record<string, unknown>> {
  return { event: 'pusher:error', data: { message: `The simulator says ${code}.`, code } };
}
