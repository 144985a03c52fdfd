import { Account } from './account';
import { Announcer } from './announcer';
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
import { CallbackDesk } from './callbacks/desk';
import type { Simulator, SimulatorOptions } from './contract';
import { listen } from './door';
import { ApiFaults } from './faults/api-faults';
import { createFaults } from './faults/faults';
import { Receptions } from './faults/receptions';
import { History } from './history/history';
import { MessageMaker } from './history/message-item';
import { Journal } from './journal';
import { SampleMaker } from './page/fire';
import { pageRoutes } from './page/routes';
import { triggerRoutes } from './pusher/events-api';
import { SocketServer } from './pusher/socket-server';
import { DIALECTS } from './pusher/style';
import { Aftermath } from './sending/aftermath';

export type { Account } from './account';
export type * from './contract';

const HOUR = 60 * 60 * 1000;
const APP = { id: '4815', key: 'ChatsAppApiProdKey', secret: 'the stand-in keeps no secrets' } as const;

/**
 * Starts a stand-in for ChatApp: its Pusher server and its REST API on one port.
 * Rejects where the port is taken (`EADDRINUSE`).
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const now = options.now ?? Date.now;
  const journal = new Journal();
  const changed = (): void => journal.changed();
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
  const sockets = new SocketServer({ app: APP, dialect, activityTimeout, now, journal, silentUnsubscribeAfter });
  const wire = { wire: options.wire ?? 'wrapped', dataAs: options.dataAs ?? 'escaped-string' } as const;
  const history = new History();
  const desk = new CallbackDesk({ journal, now, options: options.callbacks ?? {} });
  const maker = new MessageMaker(now);
  const announcer = new Announcer({ sockets, callbacks: desk, history, maker, wire, changed });
  const aftermath = new Aftermath({ announcer, now, delayMs: options.statusDelay ?? 20 });
  const authorisation = new ChannelAuthorisation(APP, account);
  const rateLimit = new RateLimit(options.requestsPerSecond ?? 50, now);
  const uploads = new Uploads(() => door.url);
  const routes = [
    ...tokenRoutes(account, tokens),
    authorisation.route,
    ...accountRoutes(account),
    ...chatRoutes(account, history, announcer),
    ...sendRoutes({ account, history, announcer, uploads, aftermath, now }),
    ...methodRoutes(account, history),
    uploads.route,
    ...callbackRoutes(account, desk),
    ...pageRoutes({ simulator: () => simulator, history, samples: new SampleMaker(now) }),
    ...triggerRoutes(APP, dialect, sockets),
  ];
  const apiFaults = new ApiFaults();
  const receptions = new Receptions((frame) => dialect.encode(frame), changed);
  const api = { routes, tokens, rateLimit, journal, now, faults: apiFaults };
  const handlers: Parameters<typeof listen>[1] = {
    request: (request, response) => answerRequest(api, request, response),
    upgrade: (request, socket, head) => {
      if (!receptions.receive(request, socket, head)) sockets.upgrade(request, socket, head);
    },
  };
  const door = await listen(options, handlers);
  const { socketPort } = options;
  const socketDoor = socketPort === undefined ? door : await listen({ ...options, port: socketPort }, handlers);
  const doors = { api: door, socket: socketDoor };
  const broken = { sockets, announcer, aftermath, callbacks: desk, receptions, api: apiFaults, dialect, doors };
  const faults = createFaults(broken);

  const simulator: Simulator = {
    url: door.url,
    socketUrl: socketDoor.url.replace(/^http/, 'ws'),
    port: door.port,
    appKey: APP.key,
    appId: APP.id,
    secret: APP.secret,
    account,
    announce: (channelName, event, envelope, overrides) => announcer.announce(channelName, event, envelope, overrides),
    message: (message, overrides) => announcer.message(message, overrides),
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
        return desk.urls.list;
      },
      plant: (callbackUrl) => desk.urls.set(callbackUrl),
      remove: (licenseId, messengerType) => desk.urls.remove(String(licenseId), messengerType),
      deliveries: journal.deliveries,
      get waiting() {
        return desk.waiting;
      },
    },
    requests: journal.requests,
    requestsTo: (path) => journal.requests.filter((request) => request.path === path),
    frames: journal.frames,
    get connections() {
      return journal.connections;
    },
    get sockets() {
      return sockets.open;
    },
    subscriptions: (channelName) => sockets.subscriptions(channelName),
    until: (predicate, timeoutMs = 90_000) =>
      journal.until(
        () => predicate(simulator),
        timeoutMs,
        () =>
          `${sockets.open} sockets open of ${journal.connections}, ${journal.requests.length} requests, ${journal.frames.length} frames`,
      ),
    onChange: (listener) => journal.onChange(listener),
    close: async () => {
      aftermath.close();
      desk.close();
      sockets.close();
      await Promise.all([door.close(), socketDoor.close()]);
    },
  };
  return simulator;
}
