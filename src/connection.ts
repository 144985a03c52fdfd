import { createNetwork, type NetworkSettings } from './api/network';
import type { ChatOrder, SendAnswer } from './api/chat-order';
import { carryOut } from './api/sending';
import { systemClock, type Clock } from './clock';
import { Cluster } from './cluster/cluster';
import type { ClusterSettings } from './cluster/settings';
import { connectionRequests } from './connection-requests';
import { within } from './deadline';
import { ChatAppError } from './errors';
import { Feed, type Receive } from './feed/feed';
import type { Listener, Stop } from './feed/listener';
import { Positions } from './feed/positions';
import { silentLog, type Log } from './log';
import { accountOf, type Credentials } from './session/credentials';
import { Sender, type OnWait } from './send/sender';
import { Sessions } from './session/sessions';
import { ChatAppSocket } from './socket/socket';
import { SocketSupervisor, type SocketState } from './socket/supervisor';
import { memoryStore, type Store } from './store';
import { Door } from './webhook/door';
import { KeptSecret } from './webhook/kept-secret';
import { webhookOf, type Webhook } from './webhook/webhook';

export const DEFAULT_API_URL = 'https://api.chatapp.online';
export const DEFAULT_SOCKET_URL = 'wss://socket.chatapp.online:6001';
export const DEFAULT_APP_KEY = 'ChatsAppApiProdKey';

/** How long positions may take to get to NATS, in ms. */
const CLUSTER_FLUSH_WITHIN = 3_000;

export interface ConnectionOptions {
  readonly credentials: Credentials;
  readonly apiUrl?: string;
  readonly socketUrl?: string;
  readonly appKey?: string;
  readonly network?: NetworkSettings;
  /** Where positions and tokens are remembered; default: in memory, until the process ends. */
  readonly store?: Store;
  /** Share them between connections: those with the same account then have one login, one renewal, one budget. */
  readonly sessions?: Sessions;
  /** The connection's name in the store; default `connection`. */
  readonly id?: string;
  /**
   * The NATS by which several copies share this account: each event goes to one of them, for each listener id. What
   * must be remembered is there then, and `store` is not used. Only the socket brings events.
   */
  readonly cluster?: ClusterSettings;
  /** How events come in: by the socket (default), by webhook, or by both, each event once. */
  readonly receive?: Receive;
  /**
   * The public address below which callbacks reach `webhook.answer`, such as
   * `https://flows.example.com/chatapp/callback/main`. Needed where events come by webhook.
   */
  readonly callbackUrl?: string;
  /** How far back missed messages are fetched, in hours; 0 for never. Default 24. */
  readonly recoverHours?: number;
  /**
   * What concerns the whole connection: `TOKEN_INVALID`, `LOGIN_REFUSED`, `TOKEN_QUOTA`, `CONNECTION_REFUSED`,
   * `CONNECTION_LOST`, `API_FAILED`, `CLUSTER_FAILED`. Once for each incident, however long it lasts.
   */
  readonly onError: (error: ChatAppError) => void;
  /** The state of the socket, at each change. */
  readonly onSocket?: (state: SocketState) => void;
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
  listen(listener: Listener): Stop;
  /**
   * Sends to a chat; needs no socket. In order within each chat, and never again what may have arrived.
   * Resolves once ChatApp has taken the order, which `readOrder` makes.
   * @throws ChatAppError `SEND_REFUSED`: nothing was sent; `SEND_UNCERTAIN`: it may have been; `API_FAILED`: no try
   *   came through and nothing was sent; `TOKEN_INVALID`, `LOGIN_REFUSED`, `TOKEN_QUOTA`: nobody is logged in
   */
  send(order: ChatOrder, onWait?: OnWait): Promise<SendAnswer>;
  /**
   * Settles a try of a listener with `ack: 'done'` by the delivery's ticket; after `failed` it is tried again at once.
   * False where nobody waits for it any more.
   */
  settle(ticket: string, outcome: 'done' | 'failed'): boolean;
  /** Writes what must be remembered; resolves when it is safe to end the process. */
  flush(): Promise<void>;
  /** Present where events come by webhook. */
  readonly webhook: Webhook | undefined;
  /**
   * Ends everything: no listener is told anything any more. The callbacks stay as they are, for the next start;
   * `forGood` removes them, within 8 s.
   */
  close(how?: 'now' | 'forGood'): Promise<void>;
}

/**
 * A connection to ChatApp as one account: one session, at most one socket, any number of listeners.
 * @throws TypeError where a URL is not one, and where one of several copies shall take webhooks
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { apiUrl = DEFAULT_API_URL, socketUrl = DEFAULT_SOCKET_URL, appKey = DEFAULT_APP_KEY } = options;
  const { id = 'connection', recoverHours = 24, onError } = options;
  const { clock = systemClock, log = silentLog, random = Math.random } = options;
  const { host } = new URL(socketUrl);
  const { receive = 'socket' } = options;
  if (options.cluster && receive !== 'socket')
    throw new TypeError('Several copies need the socket: a webhook has one end');
  const baseUrl = receive === 'socket' ? '' : new URL(options.callbackUrl ?? '').href;

  const { credentials, network = {}, sessions = new Sessions() } = options;
  const positionsName = `positions-${encodeURIComponent(id)}.json`;
  const cluster =
    options.cluster &&
    new Cluster({
      settings: options.cluster,
      connectionId: id,
      positions: positionsName,
      account: JSON.stringify([apiUrl, ...accountOf(credentials)]),
      clock,
      random,
      log,
      onError,
      feed: () => feed,
      onWanted: () => supervisor.start(),
      isConnected: () => supervisor.state.kind === 'open',
    });
  const kept = cluster?.store ?? options.store;
  const store = kept ?? memoryStore();
  const account = sessions.open({
    credentials,
    apiUrl,
    network,
    store: kept,
    ...(cluster && { storeName: id }),
    clock,
    log,
  });
  const { session, api } = account;
  const requests = connectionRequests(account, clock);
  const positions = new Positions(store, positionsName, clock, log);
  const keptSecret = new KeptSecret(credentials, store, `callback-secret-${encodeURIComponent(id)}.json`, log);
  const secret = (): Promise<string> => keptSecret.get();

  const feed: Feed = new Feed(
    {
      ...requests.feed,
      ...(receive !== 'socket' && { webhook: { ...requests.callbacks, receive, baseUrl, secret } }),
      ...(cluster && { leads: () => cluster.leads }),
      positions,
      serverTime: () => api.time,
      hours: recoverHours,
      clock,
      random,
      log,
      onError,
    },
    () => supervisor.stop(),
  );

  const socketNetwork = createNetwork(network);
  const supervisor: SocketSupervisor = new SocketSupervisor({
    open: (handlers) =>
      new ChatAppSocket({ ...options, socketUrl, appKey, network: socketNetwork, clock, log }, handlers),
    host,
    clock,
    random,
    log,
    onError,
    onState: (state) => {
      options.onSocket?.(state.kind);
      feed.onSocket(state);
    },
    handlers: {
      onSubscribed: (channel) => feed.onSubscribed(channel),
      onRefused: (channel) => feed.onRefused(channel),
      isWanted: (channel, event) => feed.isWanted(channel, event),
      onEvent: (channel, event, data) => feed.onEvent(channel, event, data),
    },
  });

  const sender = new Sender({
    authorised: (ask) => session.authorised(ask),
    carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
    readLines: requests.feed.readLines,
    clock,
  });

  const door = new Door({
    secret,
    ready: () => positions.load(),
    isKnown: (line) => feed.hasLine(line),
    onCallback: (line, body) => feed.receiveCallback(line, body),
    clock,
    log,
  });
  const wanted = 'only messenger channels have webhooks, the others need the socket';
  const needsSocket = ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'receive', wanted });

  // Without NATS there is nowhere to write to, and a deploy must not wait for it.
  const flush = (): Promise<void> =>
    cluster ? within(clock, CLUSTER_FLUSH_WITHIN, positions.flush()).catch(() => undefined) : positions.flush();

  return {
    listen(listener) {
      if (receive === 'webhook' && listener.channel.type !== 'messenger') {
        listener.onStatus({ kind: 'configInvalid' });
        listener.onError(needsSocket);
        return () => undefined;
      }
      if (cluster) return cluster.listen(listener);
      if (receive !== 'webhook') supervisor.start();
      return feed.add(listener);
    },
    webhook: feed.callbacks && webhookOf(door, feed.callbacks),
    send: (order, onWait) => sender.send(order, onWait),
    settle: (ticket, outcome) => cluster?.settle(ticket, outcome) ?? false,
    flush,
    async close(how = 'now') {
      await cluster?.leave();
      supervisor.stop();
      feed.clear();
      if (how === 'forGood') await feed.callbacks?.removeAll();
      await sender.close();
      await flush();
      await cluster?.close();
      await account.close();
    },
  };
}
