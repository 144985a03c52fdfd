import { Account } from './account';
import { Broadcaster } from './broadcaster';
import { accountRoutes } from './api/account-routes';
import { ChannelAuthorisation } from './api/auth-route';
import { callbackRoutes } from './api/callback-routes';
import { chatRoutes } from './api/chat-routes';
import { RateLimit } from './api/rate-limit';
import { methodRoutes } from './api/method-routes';
import { sendRoutes } from './api/send-routes';
import { answerRequest } from './api/server';
import { tokenRoutes } from './api/token-routes';
import { Tokens } from './api/tokens';
import { Uploads } from './api/uploads';
import { CallbackDispatcher } from './callbacks/dispatcher';
import type { Simulator, SimulatorOptions } from './contract';
import { listen } from './endpoint';
import { ApiFaults } from './faults/api-faults';
import { createFaults } from './faults/faults';
import { HandshakeFaults } from './faults/handshakes';
import { History } from './history/history';
import { MessageMaker } from './history/message-item';
import { RequestLog } from './request-log';
import { SampleMaker } from './page/fire';
import { pageRoutes } from './page/routes';
import { triggerRoutes } from './pusher/events-api';
import { SocketServer } from './pusher/socket-server';
import { DIALECTS } from './pusher/style';
import { StatusUpdates } from './sending/status-updates';

export type { Account } from './account';
export type * from './contract';

const HOUR = 60 * 60 * 1000;
const APP = { id: '4815', key: 'ChatsAppApiProdKey', secret: 'the simulator keeps no secrets' } as const;

/**
 * Starts a simulator of ChatApp: its Pusher server and its REST API on one port.
 * Rejects where the port is taken (`EADDRINUSE`).
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const now = options.now ?? Date.now;
  const requestLog = new RequestLog();
  const changed = (): void => requestLog.changed();
  const account = new Account(options.account ?? {});
  const tokens = new Tokens(account.cabinetUserId, {
    now,
    accessTokenLifetime: options.accessTokenLifetime ?? 24 * HOUR,
    refreshTokenLifetime: options.refreshTokenLifetime ?? 14 * 24 * HOUR,
    tokenQuota: options.tokenQuota ?? 100,
  });
  const firstPair = tokens.issue(options.account?.accessToken, options.account?.refreshToken);
  account.accessToken = firstPair.accessToken;
  account.refreshToken = firstPair.refreshToken;

  const dialect = DIALECTS[options.style ?? 'laravel'];
  const activityTimeout = options.activityTimeout ?? 30;
  const { silentUnsubscribeAfter } = options;
  const sockets = new SocketServer({ app: APP, dialect, activityTimeout, now, requestLog, silentUnsubscribeAfter });
  const wire = { wire: options.wire ?? 'wrapped', dataAs: options.dataAs ?? 'escaped-string' } as const;
  const history = new History();
  const dispatcher = new CallbackDispatcher({ requestLog, now, options: options.callbacks ?? {} });
  const maker = new MessageMaker(now);
  const broadcaster = new Broadcaster({ sockets, callbacks: dispatcher, history, maker, wire, changed });
  const statusUpdates = new StatusUpdates({ broadcaster, now, delayMs: options.statusDelay ?? 20 });
  const authorisation = new ChannelAuthorisation(APP, account);
  const rateLimit = new RateLimit(options.requestsPerSecond ?? 50, now);
  const uploads = new Uploads(() => endpoint.url);
  const routes = [
    ...tokenRoutes(account, tokens),
    authorisation.route,
    ...accountRoutes(account),
    ...chatRoutes(account, history, broadcaster),
    ...sendRoutes({ account, history, broadcaster, uploads, statusUpdates, now }),
    ...methodRoutes(account, history),
    uploads.route,
    ...callbackRoutes(account, dispatcher),
    ...pageRoutes({ simulator: () => simulator, history, samples: new SampleMaker(now) }),
    ...triggerRoutes(APP, dialect, sockets),
  ];
  const apiFaults = new ApiFaults();
  const handshakes = new HandshakeFaults((frame) => dialect.encode(frame), changed);
  const api = { routes, tokens, rateLimit, requestLog, now, faults: apiFaults };
  const handlers: Parameters<typeof listen>[1] = {
    request: (request, response) => answerRequest(api, request, response),
    upgrade: (request, socket, head) => {
      if (!handshakes.receive(request, socket, head)) sockets.upgrade(request, socket, head);
    },
  };
  const endpoint = await listen(options, handlers);
  const { socketPort } = options;
  const socketEndpoint = socketPort === undefined ? endpoint : await listen({ ...options, port: socketPort }, handlers);
  const endpoints = { api: endpoint, socket: socketEndpoint };
  const broken = {
    sockets,
    broadcaster,
    statusUpdates,
    callbacks: dispatcher,
    handshakes,
    api: apiFaults,
    dialect,
    endpoints,
  };
  const faults = createFaults(broken);

  const simulator: Simulator = {
    url: endpoint.url,
    socketUrl: socketEndpoint.url.replace(/^http/, 'ws'),
    port: endpoint.port,
    appKey: APP.key,
    appId: APP.id,
    secret: APP.secret,
    account,
    announce: (channelName, event, envelope, overrides) =>
      broadcaster.announce(channelName, event, envelope, overrides),
    message: (message, overrides) => broadcaster.message(message, overrides),
    sendRaw: (frame) => sockets.sendRaw(frame),
    dropAll: (code) => sockets.dropAll(code),
    freeze: () => sockets.freeze(),
    thaw: () => sockets.thaw(),
    expireAccessToken: () => tokens.expireAccess(),
    expireRefreshToken: () => tokens.expireRefresh(),
    answerAuthWith: (answer) => faults.answerWith('authorisation', answer),
    faults,
    callbacks: {
      get list() {
        return dispatcher.urls.list;
      },
      plant: (callbackUrl) => dispatcher.urls.set(callbackUrl),
      remove: (licenseId, messengerType) => dispatcher.urls.remove(String(licenseId), messengerType),
      deliveries: requestLog.deliveries,
      get waiting() {
        return dispatcher.waiting;
      },
    },
    requests: requestLog.requests,
    requestsTo: (path) => requestLog.requests.filter((request) => request.path === path),
    frames: requestLog.frames,
    get connections() {
      return requestLog.connections;
    },
    get sockets() {
      return sockets.open;
    },
    subscriptions: (channelName) => sockets.subscriptions(channelName),
    until: (predicate, timeoutMs = 90_000) =>
      requestLog.until(
        () => predicate(simulator),
        timeoutMs,
        () =>
          `${sockets.open} sockets open of ${requestLog.connections}, ${requestLog.requests.length} requests, ${requestLog.frames.length} frames`,
      ),
    onChange: (listener) => requestLog.onChange(listener),
    close: async () => {
      statusUpdates.close();
      dispatcher.close();
      sockets.close();
      await Promise.all([endpoint.close(), socketEndpoint.close()]);
    },
  };
  return simulator;
}
