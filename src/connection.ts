import { createNetwork, type NetworkSettings } from './api/network';
import type { ChatOrder, SendAnswer } from './api/chat-order';
import { carryOut } from './api/sending';
import { systemClock, type Clock } from './clock';
import { Cluster } from './cluster/cluster';
import type { ClusterSettings } from './cluster/settings';
import { connectionRequests } from './connection-requests';
import { within } from './deadline';
import { ChatAppError } from './errors';
import { Feed } from './cluster/feed/feed';
import { Positions } from './cluster/feed/positions';
import { Deliveries } from './delivery/deliveries';
import type { Receive } from './inbox/channels';
import { Inbox } from './inbox/inbox';
import type { Listener, Stop } from './inbox/listener';
import { silentLog, type Log } from './log';
import { accountOf, type Credentials } from './session/credentials';
import { tokensName } from './session/token-store';
import { Sender, type SendOptions } from './send/sender';
import { Sessions } from './session/sessions';
import { ChatAppSocket } from './socket/socket';
import { SocketSupervisor, type SocketState } from './socket/supervisor';
import { memoryStore, type Store } from './store';
import { StoreStatus } from './store-status';
import { Door } from './webhook/door';
import { WebhookSecret } from './webhook/webhook-secret';
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
  /** Where events, gaps and tokens are stored. @default in memory, until the process ends */
  readonly store?: Store;
  /** Share them between connections: those with the same account then have one login, one renewal, one rate limit. */
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
   * `CONNECTION_LOST`, `API_FAILED`, `CLUSTER_FAILED`, `STORE_FAILED`, and `RECOVERY_FAILED` for listeners that were
   * removed. Once for each incident, however long it lasts.
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
  send(order: ChatOrder, options?: SendOptions): Promise<SendAnswer>;
  /**
   * Ends an attempt of a listener with `ack: 'done'` by its delivery token. False if nothing waits for that any more.
   * @param retryAfter how long the next attempt after `failed` has to wait at least, in ms
   */
  settle(deliveryToken: string, outcome: 'done' | 'failed', retryAfter?: number): boolean;
  /**
   * Drops what waits for listeners that do not exist any more, by their ids, if they were missing in an earlier run too.
   * How many events that were is reported.
   */
  forgetMissing(isThere: (listener: string) => boolean): Promise<void>;
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

/** Under which names a connection has something in its store. */
export function storedNames(id: string, credentials: Credentials, apiUrl: string): string[] {
  return [inboxNameOf(id), positionsNameOf(id), secretNameOf(id), tokensName(credentials, apiUrl)];
}

function inboxNameOf(id: string): string {
  return `inbox-${encodeURIComponent(id)}`;
}

function positionsNameOf(id: string): string {
  return `positions-${encodeURIComponent(id)}.json`;
}

function secretNameOf(id: string): string {
  return `callback-secret-${encodeURIComponent(id)}.json`;
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
  const positionsName = positionsNameOf(id);
  const cluster: Cluster | undefined =
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
  const storeStatus = new StoreStatus(store, clock, onError);
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
  const requests = connectionRequests(account, clock, log);
  const webhookSecret = new WebhookSecret(credentials, store, secretNameOf(id), log);
  const secret = (): Promise<string> => webhookSecret.get();
  const deliveries = new Deliveries({ clock, random, log });
  const inbox = new Inbox({
    ...requests.inbox,
    ...(receive !== 'socket' && { webhook: { ...requests.callbacks, receive, baseUrl, secret } }),
    ...(store.records && { records: store.records }),
    scope: inboxNameOf(id),
    earlierPositions: () => store.read(positionsName),
    findAccount: () => session.findAccountId(),
    makeQueue: (subscriber, pending) => deliveries.open(subscriber, pending),
    serverTime: () => api.time,
    hours: recoverHours,
    clock,
    random,
    log,
    onError,
    onEmpty: () => supervisor.stop(),
  });
  const positions: Positions | undefined = cluster && new Positions(store, positionsName, clock, log);
  const feed: Feed | undefined =
    cluster &&
    positions &&
    new Feed(
      {
        ...requests.inbox,
        readHistory: requests.readHistory,
        leads: () => cluster.leads,
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
  const receiver: Pick<Inbox, 'onSocket' | 'onSubscribed' | 'onRefused' | 'isWanted' | 'onEvent'> = feed ?? inbox;

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
      receiver.onSocket(state);
    },
    handlers: {
      onSubscribed: (channel) => receiver.onSubscribed(channel),
      onRefused: (channel) => receiver.onRefused(channel),
      isWanted: (channel, event) => receiver.isWanted(channel, event),
      onEvent: (channel, event, data) => receiver.onEvent(channel, event, data),
      onAlive: (pingedAt) => inbox.onAlive(pingedAt),
    },
  });

  const sender = new Sender({
    authorised: (ask) => session.authorised(ask),
    carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
    readLines: requests.inbox.readLines,
    clock,
  });

  const door = new Door({
    secret,
    ready: () => inbox.ready(),
    formerSecret: () => webhookSecret.former,
    isKnown: (line) => inbox.hasLine(line),
    onCallback: (line, body) => inbox.receiveCallback(line, body),
    clock,
    log,
  });
  const wanted = 'only messenger channels have webhooks, the others need the socket';
  const needsSocket = ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'receive', wanted });

  // A deploy must not wait for NATS.
  const flush = (): Promise<void> =>
    positions ? within(clock, CLUSTER_FLUSH_WITHIN, positions.flush()).catch(() => undefined) : inbox.flush();

  return {
    listen(listener) {
      if (receive === 'webhook' && listener.channel.type !== 'messenger') {
        listener.onStatus({ kind: 'configInvalid' });
        listener.onError(needsSocket);
        return () => undefined;
      }
      supervisor.retryNow();
      if (cluster) return cluster.listen(listener);
      if (receive !== 'webhook') supervisor.start();
      return storeStatus.show(listener, (shown) => inbox.add(shown));
    },
    webhook: inbox.callbacks && webhookOf(door, inbox.callbacks, webhookSecret),
    send(order, options) {
      storeStatus.start();
      return sender.send(order, options);
    },
    settle: (deliveryToken, outcome, retryAfter = 0) =>
      cluster ? cluster.settle(deliveryToken, outcome) : deliveries.settle(deliveryToken, outcome, retryAfter),
    forgetMissing: (isThere) => (cluster ? Promise.resolve() : inbox.forgetMissing(isThere)),
    flush,
    async close(how = 'now') {
      await cluster?.leave();
      feed?.clear();
      await inbox.close();
      supervisor.stop();
      storeStatus.close();
      if (how === 'forGood') await inbox.callbacks?.removeAll();
      await sender.close();
      if (positions) await flush();
      await cluster?.close();
      await account.close();
    },
  };
}
