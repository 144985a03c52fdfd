import type Pusher from 'pusher-js';
import type WebSocket from 'ws';
import type { Network } from '../api/network';
import type { Clock, Timer } from '../clock';
import { isRecord } from '../events/json';
import { loadLate } from '../late-module';
import type { Log } from '../log';
import { codeIn, endOf, endOfError, lost, SIGNATURE_REFUSED, type SocketEnd } from './end';
import type { ProtocolFrame } from './frame';
import { FrameGate, type EventReceiver } from './gate';
import { Heartbeat, type Pong } from './heartbeat';
import { forget, openPusher, subscribe } from './pusher';

/** How long the way from the first packet to `connection_established` may take, in ms. */
const HANDSHAKE_WITHIN = 10_000;
const HANDSHAKE_AFTER_NOISE = 1_000;
/** How long a server may take to say goodbye, in ms. */
const GOODBYE_WITHIN = 500;
/** In bytes. ChatApp's server takes events of 250 KB; parsed, a frame may take 30 times its size. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;

export interface SocketSettings {
  /** As `wss://socket.chatapp.online:6001`; a path in it is kept. */
  readonly socketUrl: string;
  readonly appKey: string;
  readonly network: Pick<Network, 'socketOptions'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly pingEvery?: number;
  readonly pongWithin?: number;
}

/** Takes what a socket brings. */
export interface SocketReceiver extends EventReceiver {
  onSubscribed(channel: string): void;
  /** The server does not accept the signature for this channel. */
  onRefused(channel: string): void;
  /** The server answered a ping that was sent at this time, in ms of the monotonic clock. Called once for each ping. */
  onAlive?(pingedAt: number): void;
}

/** What a socket tells. Nothing is reported any more after `onEnd`, or after `close`. */
export interface SocketHandlers {
  readonly receiver: SocketReceiver;
  onEstablished(): void;
  onEnd(end: SocketEnd): void;
}

/** What can be done with a socket. */
export interface Socket {
  /** The server's name for this socket; channels are authorised for it. Empty until established. */
  readonly socketId: string;
  /** The latest answer to a ping; absent until the first one. */
  readonly pong?: Pong | undefined;
  /** Asks to join `channel` with a signature made for this socket's id. */
  subscribe(channel: string, signature: string): void;
  unsubscribe(channel: string): void;
  /** Ends the socket without a further word to its handlers. */
  close(): void;
}

/**
 * One socket to ChatApp, from its opening to its first failure: it never reconnects. One pusher-js instance lives
 * and dies with it.
 */
export class ChatAppSocket implements Socket {
  socketId = '';

  readonly #pusher: Pusher;
  #gate: FrameGate | undefined;
  readonly #signatures = new Map<string, string>();
  /** Channels asked for and not yet answered, in the order of asking: in that order the server answers. */
  readonly #asked = new Set<string>();
  readonly #host: string;
  #handshake: Timer | undefined;
  #heartbeat: Heartbeat | undefined;
  #over = false;
  #noise = 0;

  constructor(
    private readonly settings: SocketSettings,
    private readonly handlers: SocketHandlers,
  ) {
    const { socketUrl, appKey } = settings;
    this.#host = new URL(socketUrl).host;
    this.#awaitHandshake(HANDSHAKE_WITHIN);
    this.#pusher = openPusher({
      appKey,
      secure: socketUrl.startsWith('wss:'),
      openGate: (query) => (this.#gate = this.#tryGate(query)),
      signatureOf: (channel) => this.#signatures.get(channel) ?? '',
    });
  }

  get pong(): Pong | undefined {
    return this.#heartbeat?.pong;
  }

  subscribe(channel: string, signature: string): void {
    this.#signatures.set(channel, signature);
    this.#asked.delete(channel);
    this.#asked.add(channel);
    subscribe(this.#pusher, channel);
  }

  unsubscribe(channel: string): void {
    this.#asked.delete(channel);
    this.#signatures.delete(channel);
    forget(this.#pusher, channel);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#handshake?.cancel();
    this.#heartbeat?.stop();
    this.#pusher.disconnect();
    this.#gate?.close();
  }

  #tryGate(query: string): FrameGate {
    try {
      return this.#openGate(query);
    } catch (error) {
      // pusher-js keeps such an error, as of a proxy URL that is none, to itself and waits.
      const end = endOf(error instanceof Error ? { error } : {}, this.#host);
      this.#handshake?.cancel();
      this.#handshake = this.settings.clock.after(0, () => this.#end(end));
      throw error;
    }
  }

  #openGate(query: string): FrameGate {
    const { socketUrl, appKey, network } = this.settings;
    const url = `${socketUrl.replace(/\/+$/, '')}/app/${encodeURIComponent(appKey)}${query}`;
    const options = {
      ...network.socketOptions(socketUrl),
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      closeTimeout: GOODBYE_WITHIN,
    };
    const Ws = loadLate('ws', isWebSocketClass);
    const ws = new Ws(url, options);
    return new FrameGate(ws, {
      receiver: this.handlers.receiver,
      onActivity: () => this.#heartbeat?.onFrame(),
      onProtocol: (frame) => this.#onProtocol(frame),
      onNoise: () => this.#onNoise(),
      onEnd: (end) => this.#end(endOf(end, this.#host)),
    });
  }

  #onProtocol({ event, channel, data }: ProtocolFrame): void {
    switch (event) {
      case 'pusher:connection_established':
        return this.#onEstablished(data);
      case 'pusher_internal:subscription_succeeded':
        return this.#onSubscribed(channel);
      case 'pusher:subscription_error':
        return this.#onRefused(channel);
      case 'pusher:error':
        return this.#onError(data);
      case 'pusher:ping':
        this.#gate?.pass({ event, data: {} });
        return;
      default:
    }
  }

  #onEstablished(data: unknown): void {
    if (this.socketId !== '') return;
    const id = isRecord(data) ? data.socket_id : undefined;
    if (typeof id !== 'string' || id === '') return this.#end(lost('unreadable handshake'));
    this.socketId = id;
    this.#handshake?.cancel();
    // pusher-js insists on an activity time-out, though ours is the check that counts.
    this.#gate?.pass({ event: 'pusher:connection_established', data: { socket_id: id, activity_timeout: 120 } });
    this.#heartbeat = new Heartbeat({
      ...this.settings,
      ping: () => this.#pusher.send_event('pusher:ping', {}),
      onAlive: (pingedAt) => this.handlers.receiver.onAlive?.(pingedAt),
      onDead: () => this.#end(lost('no answer to ping')),
    });
    this.handlers.onEstablished();
  }

  #onSubscribed(channel: string | undefined): void {
    if (channel === undefined || !this.#asked.delete(channel)) return;
    this.#gate?.pass({ event: 'pusher_internal:subscription_succeeded', channel, data: {} });
    this.handlers.receiver.onSubscribed(channel);
  }

  #onRefused(channel: string | undefined): void {
    // The server may also end a subscription that it had confirmed.
    if (channel === undefined || !this.#signatures.has(channel)) return;
    this.unsubscribe(channel);
    this.handlers.receiver.onRefused(channel);
  }

  #onError(data: unknown): void {
    const end = endOfError(data, this.socketId !== '');
    if (end) return this.#end(end);
    // This refusal names no channel, but answers come in the order of the questions: it is the oldest open one.
    const [oldest] = this.#asked;
    if (codeIn(data) === SIGNATURE_REFUSED) this.#onRefused(oldest);
  }

  #awaitHandshake(within: number): void {
    this.#handshake?.cancel();
    this.#handshake = this.settings.clock.after(within, () => this.#end(lost('no handshake')));
  }

  #onNoise(): void {
    this.#noise += 1;
    if (this.#noise > 1) return;
    this.settings.log.debug('The socket server sent a frame that is not of the protocol');
    // A server whose first frame is not of the protocol will hardly speak it later.
    if (this.socketId === '') this.#awaitHandshake(HANDSHAKE_AFTER_NOISE);
  }

  #end(end: SocketEnd): void {
    if (this.#over) return;
    this.close();
    this.handlers.onEnd(end);
  }
}

function isWebSocketClass(value: unknown): value is typeof WebSocket {
  return typeof value === 'function' && 'CONNECTING' in value && 'OPEN' in value;
}
