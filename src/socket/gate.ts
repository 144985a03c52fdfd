import type { ClientRequest, IncomingMessage } from 'node:http';
import type WebSocket from 'ws';
import { dataOf, HeadReader, readFrame, type ProtocolFrame } from './frame';

/** Takes the events of a socket. */
export interface EventReceiver {
  /** Asked before an event is parsed: one that nobody wants is not parsed at all. */
  isWanted(channel: string, event: string): boolean;
  /** Called only for what is wanted. */
  onEvent(channel: string, event: string, data: unknown): void;
}

/** What the gate tells about its socket. Nothing is reported any more after `onEnd` or `close`. */
export interface GateHandlers {
  readonly receiver: EventReceiver;
  /** Any sign of life from the server, readable or not. */
  onActivity(): void;
  onProtocol(frame: ProtocolFrame): void;
  onNoise(): void;
  /** The socket is over, or never came to be. Called once. */
  onEnd(end: GateEnd): void;
}

export interface GateEnd {
  /** The code of the close frame; 1006 where there was none. */
  readonly code?: number;
  /** The HTTP status in place of an upgrade. */
  readonly status?: number;
  readonly error?: Error;
}

/**
 * Stands between `ws` and pusher-js, to which it looks like a WebSocket. Each frame is parsed once: events go
 * straight to their listeners, only the protocol's own frames may go on to pusher-js. So events cost half; odd frames,
 * on which pusher-js throws where nobody can catch, never reach it; and traffic does not hold back its pings.
 */
export class FrameGate {
  /** Set by pusher-js, which takes the gate for its WebSocket. */
  onopen?: () => void;
  onmessage?: (message: { readonly data: string }) => void;

  #over = false;
  readonly #heads = new HeadReader();

  constructor(
    private readonly ws: WebSocket,
    private readonly handlers: GateHandlers,
  ) {
    ws.on('open', () => this.onopen?.());
    ws.on('message', this.#onMessage);
    ws.on('unexpected-response', (_request: ClientRequest, { statusCode }: IncomingMessage) => {
      this.#end(statusCode === undefined ? {} : { status: statusCode });
    });
    // `ws` tells of an error before the close that follows it: the first of the two says why.
    ws.on('error', (error) => this.#end({ error }));
    ws.on('close', (code) => this.#end({ code }));
  }

  /** Called by pusher-js for each frame that it sends. */
  send(data: string): void {
    if (this.ws.readyState === this.ws.OPEN) this.ws.send(data);
  }

  /** Closes without a word to the handlers. `ws` waits a bounded time for the server's goodbye. */
  close(): void {
    this.#over = true;
    this.ws.close();
  }

  /** Lets pusher-js see a frame of the protocol, written again so that it holds nothing unforeseen. */
  pass(frame: { readonly event: string; readonly channel?: string; readonly data: object }): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  readonly #onMessage = (data: Buffer, isBinary: boolean): void => {
    if (this.#over) return;
    const { handlers } = this;
    const { receiver } = handlers;
    handlers.onActivity();
    const head = isBinary ? undefined : this.#heads.read(data);
    if (head) {
      if (!receiver.isWanted(head.channel, head.event)) return;
      const found = dataOf(data, head);
      if (found !== undefined) return receiver.onEvent(head.channel, head.event, found);
    }
    const frame = readFrame(isBinary ? '' : data.toString());
    if (frame.kind === 'noise') handlers.onNoise();
    else if (frame.kind === 'protocol') handlers.onProtocol(frame);
    else if (receiver.isWanted(frame.channel, frame.event)) receiver.onEvent(frame.channel, frame.event, frame.data);
  };

  #end(end: GateEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.ws.terminate();
    this.handlers.onEnd(end);
  }
}
