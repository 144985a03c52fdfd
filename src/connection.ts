import { createNetwork, type NetworkSettings } from './api/network';
import type { ChatOrder, SendAnswer } from './api/chat-order';
import { carryOut } from './api/sending';
import { LineNames, type LineNaming } from './channels/line-names';
import { systemClock, type Clock } from './clock';
import { bucketStore } from './cluster/bucket-store';
import { NatsClient } from './cluster/nats-client';
import type { ClusterSettings } from './cluster/settings';
import { ClusterInstance } from './cluster-instance';
import { connectionRequests } from './connection-requests';
import type { Failure, Outcome } from './delivery/outcome';
import { ErrorLog } from './error-log';
import type { ChatAppError } from './errors';
import { EventCounters } from './event-counters';
import type { ConnectionHealth } from './health';
import type { DeadLetterBox } from './inbox/dead-letter-box';
import type { Listener, Receive, Stop } from './inbox/listener';
import { KEEP_HOURS } from './inbox/retention';
import type { Instance } from './instance';
import { silentLog, type Log } from './log';
import type { Notice } from './notice';
import type { Credentials } from './session/credentials';
import { ApiCaller, type ApiCall } from './send/api-caller';
import { ChatRate } from './send/chat-rate';
import { SendCounts } from './send/send-counts';
import { Sender, type SendOptions } from './send/sender';
import { nameOf } from './secret-box';
import { Sessions } from './session/sessions';
import { tokensName } from './session/token-store';
import { ChatAppSocket } from './socket/socket';
import { SocketSupervisor, type SocketState } from './socket/supervisor';
import { singleInstance } from './single-instance';
import { memoryStore, type Store } from './store';
import { StoreStatus } from './store-status';
import type { Webhook } from './webhook/webhook';

export const DEFAULT_API_URL = 'https://api.chatapp.online';
export const DEFAULT_SOCKET_URL = 'wss://socket.chatapp.online:6001';
export const DEFAULT_APP_KEY = 'ChatsAppApiProdKey';

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
   * The NATS by which several instances share this account: each event goes to one of them, for each listener id. What
   * must be remembered is there then. What `store` has from before goes there, too, and it gets a copy, so that the
   * connection can go on without NATS. Only the socket brings events.
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
  /** How long an event waits for a flow and a dead letter is kept, in hours; with `cluster`, see its own. Default 24. */
  readonly keepHours?: number;
  /**
   * What concerns the whole connection: `TOKEN_INVALID`, `LOGIN_REFUSED`, `TOKEN_QUOTA`, `CONNECTION_REFUSED`,
   * `CONNECTION_LOST`, `API_FAILED`, `CLUSTER_FAILED`, `STORE_FAILED`, and `RECOVERY_FAILED` for listeners that were
   * removed. Once for each incident, however long it lasts.
   */
  readonly onError: (error: ChatAppError) => void;
  /** What flows may want to know besides errors, but for the socket, of which `onSocket` tells. */
  readonly onNotice?: (notice: Notice) => void;
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

/** As `ApiCaller`; `node` is the id of the node that asks, for `health`. */
export interface Api {
  call(call: ApiCall, node?: string): ReturnType<ApiCaller['call']>;
  pages(
    call: ApiCall,
    kind: Parameters<ApiCaller['pages']>[1],
    limit?: number,
    node?: string,
  ): ReturnType<ApiCaller['pages']>;
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
  /** Asks any method of ChatApp with the login, the rate limit, the proxy and the TLS of the connection. */
  readonly api: Api;
  /**
   * Ends an attempt of a listener with `ack: 'done'` by its delivery token. False if nothing waits for that any more.
   * After `giveUp` there is no further attempt.
   * @param failure of `failed` and `giveUp`
   */
  acknowledge(deliveryToken: string, outcome: Outcome, failure?: Failure): boolean;
  /** What the account calls a messenger of a line; undefined until its list of lines was read, which nobody waits for. */
  lineNaming(licenseId: string | undefined, messengerType: string | undefined): LineNaming | undefined;
  /**
   * Drops what waits for listeners that do not exist any more, by their ids, if they were missing in an earlier run too.
   * How many events that were is reported.
   */
  forgetMissing(isThere: (listener: string) => boolean): Promise<void>;
  /** The events that were given up; undefined in a cluster, where NATS keeps them. */
  readonly deadLetters: DeadLetterBox | undefined;
  /** Fetches what a channel misses, or all channels do, now instead of at the next try; opens the socket, if it waits. */
  fetchMissing(channel?: string): void;
  /** Its state, made now from what its parts know, without a request. */
  health(): ConnectionHealth;
  /** Writes what must be remembered; resolves when it is safe to end the process. */
  flush(): Promise<void>;
  /** Present where events come by webhook. */
  readonly webhook: Webhook | undefined;
  /**
   * Ends everything: no listener is called any more. The callbacks stay as they are, for the next start;
   * `removed` removes them, within 8 s, and takes what waits in NATS into the store if no other instance is there, within
   * 10 s.
   */
  close(how?: 'now' | 'removed'): Promise<void>;
}

/**
 * A connection to ChatApp as one account: one session, at most one socket, any number of listeners.
 * @throws TypeError if a URL is invalid, and if webhooks are wanted in a cluster
 */
export function createConnection(options: ConnectionOptions): Connection {
  const { apiUrl = DEFAULT_API_URL, socketUrl = DEFAULT_SOCKET_URL, appKey = DEFAULT_APP_KEY } = options;
  const { id = 'connection', recoverHours = 24, keepHours = KEEP_HOURS } = options;
  const { clock = systemClock, log = silentLog, random = Math.random } = options;
  const counts = new EventCounters(clock);
  const errors = new ErrorLog(clock);
  const sendCounts = new SendCounts((error, node) => errors.note(error, node));
  const onNotice = (notice: Notice): void => options.onNotice?.(notice);
  const onError = (error: ChatAppError): void => {
    errors.note(error);
    options.onError(error);
  };
  const { host } = new URL(socketUrl);
  const { receive = 'socket' } = options;
  if (options.cluster && receive !== 'socket')
    throw new TypeError('Several instances need the socket: a webhook has one end');
  const baseUrl = receive === 'socket' ? '' : new URL(options.callbackUrl ?? '').href;

  const { credentials, network = {}, sessions = new Sessions() } = options;
  const client: NatsClient | undefined =
    options.cluster &&
    new NatsClient({
      settings: options.cluster,
      connectionId: id,
      findAccount: () => account.session.findAccountId(),
      credentialsName: nameOf(tokensName(credentials, apiUrl)),
      isAppIdMissing: credentials.appId === undefined,
      isLeader: () => instance instanceof ClusterInstance && instance.isLeading,
      clock,
      log,
      onState: () => instance.showAll(),
      onError,
    });
  const kept = client ? bucketStore({ tokens: () => client.tokens(), clock, log }) : options.store;
  const store = kept ?? memoryStore();
  const storeStatus: StoreStatus = new StoreStatus(store, { clock, onError, onChange: () => instance.showAll() });
  const account = sessions.open({
    credentials,
    apiUrl,
    network,
    store: kept,
    ...(client && { storeName: id }),
    clock,
    log,
  });
  const { session, api } = account;
  const stopObserving = session.observe(() => onNotice({ kind: 'tokenRenewed' }));
  const lineNames: LineNames = new LineNames({
    read: () => requests.inbox.readLines(),
    clock,
    random,
    log,
  });
  const requests = connectionRequests(account, log, (lines) => lineNames.update(lines));
  const onEmpty = (): void => supervisor.stop();
  const onWanted = (): void => supervisor.start();
  const common = {
    id,
    account,
    requests,
    store,
    counts,
    errors,
    onNotice,
    hours: recoverHours,
    clock,
    random,
    log,
    onError,
    onEmpty,
    onWanted,
  };
  const instance: Instance = client
    ? new ClusterInstance({
        ...common,
        client,
        keepHours: options.cluster?.keepHours ?? KEEP_HOURS,
        ownRecords: options.store?.records,
        isConnected: () => supervisor.state.kind === 'open',
      })
    : singleInstance({
        ...common,
        credentials,
        receive,
        baseUrl,
        keepHours,
        isUnstored: () => storeStatus.isFailing,
      });
  client?.start();

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
      instance.receiver.onSocket(state);
    },
    receiver: instance.receiver,
  });

  const rate = new ChatRate(clock);
  const caller = new ApiCaller({ authorised: (ask) => session.authorised(ask), api, rate, clock });
  const sender = new Sender({
    rate,
    authorised: (ask) => session.authorised(ask),
    carryOut: (token, order, onLeave) => carryOut(api, token, order, onLeave),
    readLines: requests.inbox.readLines,
    clock,
  });

  return {
    listen(listener) {
      supervisor.retryNow();
      storeStatus.start();
      const stop = instance.listen(listener);
      lineNames.start();
      return stop;
    },
    lineNaming: (licenseId, messengerType) => lineNames.of(licenseId, messengerType),
    webhook: instance.webhook,
    send(order, options) {
      storeStatus.start();
      return sendCounts.track(options?.node, () => sender.send(order, options));
    },
    api: {
      call(call, node) {
        storeStatus.start();
        return sendCounts.track(node, () => caller.call(call));
      },
      async *pages(call, kind, limit, node) {
        storeStatus.start();
        const end = sendCounts.begin(node);
        let failure: unknown;
        try {
          yield* caller.pages(call, kind, limit);
        } catch (error) {
          failure = error;
          throw error;
        } finally {
          end(failure);
        }
      },
    },
    acknowledge: (deliveryToken, outcome, failure) => instance.acknowledge(deliveryToken, outcome, failure),
    forgetMissing: (isThere) => instance.forgetMissing(isThere),
    deadLetters: instance.deadLetters,
    fetchMissing(channel) {
      supervisor.retryNow();
      instance.fetchMissing(channel);
    },
    health: () => ({
      login: session.health,
      ...(receive !== 'webhook' && { socket: supervisor.health }),
      store: storeStatus.health,
      ...instance.health(({ licenseId, messengerType }) => lineNames.of(licenseId, messengerType)),
      senders: sendCounts.all,
      errors: errors.all,
      totals: counts.totals,
    }),
    flush: () => instance.flush(),
    async close(how = 'now') {
      await instance.leave(how);
      supervisor.stop();
      lineNames.stop();
      stopObserving();
      storeStatus.close();
      caller.close();
      await sender.close();
      await instance.close();
      await account.close();
    },
  };
}
