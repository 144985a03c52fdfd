import { ApiError } from './api/api-error';
import { readAllEmployees, readCompanies, readEmployees } from './api/companies';
import type { ChatEntry, CompanyEntry, EmployeeEntry, LineEntry, TemplateEntry } from './api/entry';
import { readNewestChats, readTemplates } from './api/line-lists';
import { readLineEntries, type Line } from './api/lines';
import { createNetwork } from './api/network';
import type { Ask } from './api/paging';
import { checkToken } from './api/tokens';
import { runCheck, type CheckStep } from './check';
import { probe } from './cluster/probe';
import { systemClock } from './clock';
import { DEFAULT_API_URL, DEFAULT_APP_KEY, DEFAULT_SOCKET_URL, type ConnectionOptions } from './connection';
import { Deadline } from './deadline';
import { silentLog } from './log';
import { Sessions } from './session/sessions';
import { ChatAppSocket, type Socket, type SocketHandlers } from './socket/socket';

/** How long reading a list may take, with all its pages, in ms. */
const LIST_WITHIN = 30_000;

export type AccountOptions = Pick<
  ConnectionOptions,
  | 'credentials'
  | 'apiUrl'
  | 'socketUrl'
  | 'appKey'
  | 'receive'
  | 'cluster'
  | 'network'
  | 'store'
  | 'sessions'
  | 'clock'
  | 'log'
>;

/** An account that somebody looks into. What fails rejects with a ChatAppError. */
export interface OpenAccount {
  readLines(): Promise<LineEntry[]>;
  readCompanies(): Promise<CompanyEntry[]>;
  /** Those of one company, or of all. */
  readEmployees(companyId?: string): Promise<EmployeeEntry[]>;
  readTemplates(line: Line): Promise<TemplateEntry[]>;
  /** The 100 newest. */
  readChats(line: Line): Promise<ChatEntry[]>;
  /**
   * Tries login, lines, socket and, where there is one, NATS; tells each as soon as it is known; all within 14 s. What
   * was refused a moment ago is asked again. Resolves at the end, and when `signal` is aborted: nothing is reported any more
   * then.
   */
  check(onStep: (step: CheckStep) => void, signal?: AbortSignal): Promise<void>;
  /** Lets go of the account; its requests end, unless a connection shares its session. */
  close(): Promise<void>;
}

/**
 * Opens an account to look into it. With the `sessions` of its connections it logs in only where they would.
 * @throws TypeError where a URL is not one
 */
export function openAccount(options: AccountOptions): OpenAccount {
  const { credentials, store, cluster, apiUrl = DEFAULT_API_URL, socketUrl = DEFAULT_SOCKET_URL } = options;
  const { network = {}, appKey = DEFAULT_APP_KEY, clock = systemClock, log = silentLog } = options;
  const { host: socketHost } = new URL(socketUrl);
  const opened = (options.sessions ?? new Sessions()).borrow({ credentials, apiUrl, network, store, clock, log });
  const { session, api } = opened;

  const ask: Ask = (path, query) => session.authorised((token) => api.read({ path, query, token }));
  const readLines = (): Promise<LineEntry[]> => session.authorised((token) => readLineEntries(api, token));
  const inTime = async <T>(reading: Promise<T>): Promise<T> => {
    const deadline = new Deadline(clock, LIST_WITHIN, () => ApiError.timeout(api.host, LIST_WITHIN));
    return deadline.within(reading).finally(() => deadline.end());
  };

  const openSocket = (handlers: SocketHandlers): Socket =>
    new ChatAppSocket({ socketUrl, appKey, network: createNetwork(network), clock, log }, handlers);

  return {
    readLines: () => inTime(readLines()),
    readCompanies: () => inTime(readCompanies(ask)),
    readEmployees: (companyId) =>
      inTime(companyId === undefined ? readAllEmployees(ask) : readEmployees(ask, companyId)),
    readTemplates: (line) => inTime(readTemplates(ask, line)),
    readChats: (line) => inTime(readNewestChats(ask, line)),
    async check(onStep, signal) {
      session.forgetRefusal();
      await runCheck({
        login: () => session.authorised((token) => checkToken(api, token)),
        readLines,
        ...(options.receive !== 'webhook' && { openSocket }),
        ...(cluster && { probeCluster: () => probe(cluster, clock) }),
        apiHost: api.host,
        socketHost,
        clock,
        onStep,
        ...(signal && { signal }),
      });
    },
    close: () => opened.close(),
  };
}
