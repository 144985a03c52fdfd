import { ApiClient } from './api/client';
import { authoriseChannel } from './api/channel-auth';
import { Lanes } from './api/lanes';
import { readLines } from './api/lines';
import { createNetwork, type NetworkSettings } from './api/network';
import { systemClock, type Clock } from './clock';
import type { ChatAppError } from './errors';
import { Feed } from './feed/feed';
import type { Listener } from './feed/listener';
import { silentLog, type Log } from './log';
import { Session, type Credentials } from './session/session';
import { ChatAppSocket } from './socket/socket';
import { SocketSupervisor } from './socket/supervisor';

/** How many channels are authorised at a time. */
const AUTHORISATIONS = 10;

export const DEFAULT_API_URL = 'https://api.chatapp.online';
export const DEFAULT_SOCKET_URL = 'wss://socket.chatapp.online:6001';
export const DEFAULT_APP_KEY = 'ChatsAppApiProdKey';

export interface ConnectionOptions {
  readonly credentials: Credentials;
  readonly apiUrl?: string;
  readonly socketUrl?: string;
  readonly appKey?: string;
  readonly network?: NetworkSettings;
  /**
   * What concerns the whole connection: `TOKEN_INVALID`, `LOGIN_REFUSED`, `TOKEN_QUOTA`, `CONNECTION_REFUSED`,
   * `CONNECTION_LOST`, `API_FAILED`. Once for each incident, however long it lasts.
   */
  readonly onError: (error: ChatAppError) => void;
  readonly log?: Log;
  readonly clock?: Clock;
  /** Gives numbers from 0 up to, not including, 1. Spreads retries. */
  readonly random?: () => number;
  /** The rhythm of pings and the time for their answer, in ms; default 15 s and 5 s. */
  readonly pingEvery?: number;
  readonly pongWithin?: number;
}

export interface Connection {
  /** Listens to a channel until the result is called. The first listener opens the socket, the last closes it. */
  listen(listener: Listener): () => void;
  /** Ends everything: no listener is told anything any more. */
  close(): Promise<void>;
}

/**
 * A connection to ChatApp as one account: one session, at most one socket, any number of listeners.
 * @throws TypeError where a URL is not one
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { apiUrl = DEFAULT_API_URL, socketUrl = DEFAULT_SOCKET_URL, appKey = DEFAULT_APP_KEY } = options;
  const { clock = systemClock, log = silentLog, random = Math.random, onError } = options;

  const network = createNetwork(options.network);
  const api = new ApiClient({ apiUrl, network, clock, log });
  const session = new Session(options.credentials, api, clock, log);
  const lanes = new Lanes(AUTHORISATIONS);

  const feed = new Feed({
    authorise: (socketId, channel, isWanted) =>
      lanes.run(async () => {
        // While it waited for a lane the socket may have changed: then no request is spent on it.
        if (!isWanted()) return '';
        return session.authorised((token) => authoriseChannel(api, token, socketId, channel));
      }),
    readLines: () => session.authorised((token) => readLines(api, token)),
    clock,
    random,
    log,
    onError,
  });

  const supervisor = new SocketSupervisor({
    open: (handlers) => new ChatAppSocket({ ...options, socketUrl, appKey, network, clock, log }, handlers),
    host: new URL(socketUrl).host,
    clock,
    random,
    log,
    onError,
    onState: (state) => feed.onSocket(state),
    handlers: {
      onSubscribed: (channel) => feed.onSubscribed(channel),
      onRefused: (channel) => feed.onRefused(channel),
      onEvent: (channel, event, data) => feed.onEvent(channel, event, data),
    },
  });

  return {
    listen(listener) {
      supervisor.start();
      const remove = feed.add(listener);
      return () => {
        remove();
        if (feed.isEmpty) supervisor.stop();
      };
    },
    async close() {
      feed.clear();
      supervisor.stop();
      api.close();
      await network.close();
    },
  };
}
