import type { Account, AccountSettings } from './account';
import type { CallbackOptions, Callbacks } from './callbacks/contract';
import type { ApiAnswer, Faults } from './faults/contract';
import type { MessageItem, MessageToMake } from './message-contract';

export type * from './callbacks/contract';
export type * from './faults/contract';
export type * from './message-contract';

/** How a socket server refuses, answers pings and encodes: as Laravel WebSockets or as soketi does. */
export type Style = 'laravel' | 'soketi';

/** How an envelope is announced. */
export interface WireOptions {
  /** `wrapped`: `{queue, payload: {data, meta}}` as on ChatApp's socket; `bare`: `{data, meta}` as on its help page. */
  readonly wire: 'wrapped' | 'bare';
  /** What the frame's `data` is: a JSON string escaped as PHP does it, a plain JSON string, or an object. */
  readonly dataAs: 'escaped-string' | 'string' | 'object';
}

export interface SimulatorOptions extends Partial<WireOptions> {
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** A port of its own for the sockets, 0 for any free one. Default: they share the API's. */
  readonly socketPort?: number;
  /** Default `laravel`. */
  readonly style?: Style;
  /** In ms. A connection without a `pusher:ping` for so long loses its subscriptions without a message. Default: never. */
  readonly silentUnsubscribeAfter?: number | undefined;
  /** In s, announced to clients. Default 30. */
  readonly activityTimeout?: number;
  /** In ms. Default 24 h. */
  readonly accessTokenLifetime?: number;
  /** In ms. Default 14 days. */
  readonly refreshTokenLifetime?: number;
  /** How many token pairs `POST /v1/tokens` makes within 24 h. Default 100. */
  readonly tokenQuota?: number;
  /** Per client address. Default 50. */
  readonly requestsPerSecond?: number;
  /** In ms, before each of the `messageStatus` events that follow a message that was sent. Default 20. */
  readonly statusDelay?: number;
  /** How webhook addresses are called. */
  readonly callbacks?: CallbackOptions;
  readonly account?: AccountSettings;
  /** In ms since the epoch. Default `Date.now`. */
  readonly now?: () => number;
  /** PEM texts; with them the simulator speaks https and wss only. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** What ChatApp announces: items and what they are about. */
export interface Envelope {
  readonly data: readonly unknown[];
  readonly meta: Readonly<Record<string, unknown>>;
}

/** A request that the API received. */
export interface ReceivedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** With its question mark; empty where there is none. */
  readonly query: string;
  /** In ms since the epoch. */
  readonly at: number;
  /** The status it was answered with; 0 until then. */
  readonly status: number;
  /** Of `/broadcasting/auth`. */
  readonly socketId?: string;
  /** Of `/broadcasting/auth`. */
  readonly channel?: string;
}

/** A frame that a client sent; `event` is empty where the frame names none. */
export interface ReceivedFrame {
  readonly socketId: string;
  readonly event: string;
  readonly channel?: string;
  /** In ms since the epoch. */
  readonly at: number;
}

/** A running simulator. */
export interface Simulator {
  /** The API's base, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** The socket server's base, such as `ws://127.0.0.1:40123`. */
  readonly socketUrl: string;
  readonly port: number;
  readonly appKey: string;
  /** The Pusher app's id, for the signed `/apps/{id}/events`. Not the account's `appId`. */
  readonly appId: string;
  readonly secret: string;
  readonly account: Account;

  /**
   * Delivers one event to every subscriber of a channel and returns how many sockets it reached.
   * Messages on a messenger channel also enter the history, whether or not anyone is connected, and what is announced
   * there leaves for that messenger's webhook address.
   */
  announce(channelName: string, event: string, envelope: Envelope, overrides?: Partial<WireOptions>): number;
  /** Makes a message, keeps it in the history and announces it on its messenger channel. */
  message(message: MessageToMake, overrides?: Partial<WireOptions>): MessageItem;
  /** Sends a frame as it is to every socket (a Buffer as a binary frame); returns to how many. */
  sendRaw(frame: string | Buffer): number;
  /** Ends every socket: with a close frame of `code`, or without a word. Returns how many. */
  dropAll(code?: number): number;
  /** From now on sockets stay open, but nothing is read, answered or sent; new ones wait. The API goes on. */
  freeze(): void;
  /** Ends `freeze`. What was announced meanwhile is lost to the sockets. */
  thaw(): void;
  /** Ends every access token issued so far. */
  expireAccessToken(): void;
  /** Ends every refresh token issued so far. */
  expireRefreshToken(): void;
  /** Overrides the answers of `/broadcasting/auth`; `undefined` ends that. */
  answerAuthWith(answer: ApiAnswer | undefined): void;
  /** Every other way to misbehave. */
  readonly faults: Faults;
  /** Webhook addresses, and what is posted to them; frozen sockets and ports that are down do not hold it back. */
  readonly callbacks: Callbacks;

  /** What the API received, oldest first; only the last 10,000 are kept. */
  readonly requests: readonly ReceivedRequest[];
  requestsTo(path: string): readonly ReceivedRequest[];
  /** What clients sent over sockets, oldest first; only the last 10,000 are kept. */
  readonly frames: readonly ReceivedFrame[];
  /** How many sockets were opened so far. */
  readonly connections: number;
  /** How many sockets are open now. */
  readonly sockets: number;
  /** How many sockets are subscribed to a channel now. */
  subscriptions(channelName: string): number;

  /** Resolves once `predicate` holds, asked at every change of the simulator; rejects after `timeoutMs`, by default 90 s. */
  until(predicate: (simulator: Simulator) => boolean, timeoutMs?: number): Promise<void>;
  /** Calls `listener` at every change; returns how to end that. */
  onChange(listener: () => void): () => void;
  /** Ends sockets, requests and the server; settles within a second. */
  close(): Promise<void>;
}
