import type { NodeAPI } from 'node-red';
import type { ConnectionOptions } from '../../src';
import { DEFAULT_API_URL, DEFAULT_APP_KEY, DEFAULT_SOCKET_URL } from '../../src';
import { KEEP_HOURS } from '../../src/inbox/retention';
import { detail } from '../../src/error-details';
import { ChatAppError } from '../../src/errors';
import type { Credentials } from '../../src/session/credentials';
import { MAX_HOURS, MAX_KEEP_HOURS } from '../shared/field-values';
import { migrate } from '../shared/migration';
import { Settings } from '../shared/settings';
import { readCluster } from './cluster';
import { MIGRATION } from './migration';
import { isTlsDeployed, tlsOf } from './network';

export interface ConnectionSettings {
  readonly options: Pick<
    ConnectionOptions,
    | 'credentials'
    | 'apiUrl'
    | 'socketUrl'
    | 'appKey'
    | 'cluster'
    | 'receive'
    | 'callbackUrl'
    | 'recoverHours'
    | 'keepHours'
  >;
  /** The public address of this Node-RED, where events come by webhook. */
  readonly webhookUrl?: string;
  readonly problems: readonly ChatAppError[];
}

/** Reads the saved properties and credentials of a connection node. */
export function readConnectionSettings(saved: unknown, secrets: unknown): ConnectionSettings {
  const settings = new Settings(migrate(saved, MIGRATION));
  const credentials = new Settings(secrets);
  const receive = settings.choice('receive', ['socket', 'both', 'webhook'], 'socket');
  const webhookUrl = receive === 'socket' ? undefined : readWebhookUrl(settings);
  const keepHours = settings.number('keepHours', 1, MAX_KEEP_HOURS, KEEP_HOURS);
  const cluster = readCluster(settings, credentials, keepHours);
  if (cluster && receive !== 'socket') settings.refuse('receive', 'clusterSocket');
  const options = {
    receive,
    ...(cluster && { cluster }),
    keepHours,
    credentials: readCredentials(settings, credentials),
    apiUrl: settings.url('apiUrl', ['https:', 'http:'], DEFAULT_API_URL),
    socketUrl: settings.url('socketUrl', ['wss:', 'ws:'], DEFAULT_SOCKET_URL),
    appKey: settings.token('appKey') ?? DEFAULT_APP_KEY,
    recoverHours: settings.flag('recover', true) ? settings.number('recoverHours', 0, MAX_HOURS, 24) : 0,
  };
  const problems = [...settings.problems, ...credentials.problems];
  return { options, problems, ...(webhookUrl !== undefined && { webhookUrl }) };
}

/** ChatApp is given this address and adds nothing to it. */
function readWebhookUrl(settings: Settings): string {
  const text = settings.requiredText('webhookUrl', 'webhookUrl');
  if (text === '') return text;
  const url = settings.url('webhookUrl', ['https:', 'http:'], '');
  if (url === '') return url;
  const { username, password } = new URL(url);
  if (username + password === '') return url;
  settings.refuse('webhookUrl', 'plainUrl');
  return '';
}

function readCredentials(settings: Settings, credentials: Settings): Credentials {
  if (settings.choice('auth', ['token', 'account'], 'token') === 'account') {
    return {
      kind: 'account',
      email: credentials.requiredPasted('email', 'email'),
      password: credentials.requiredSecret('password', 'password'),
      appId: credentials.requiredPasted('appId', 'appId'),
    };
  }
  const refreshToken = credentials.token('refreshToken');
  const appId = credentials.pasted('appId');
  return {
    kind: 'token',
    accessToken: credentials.requiredToken('accessToken', 'accessToken'),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(appId !== undefined && { appId }),
  };
}

/** The settings of a connection with the TLS of its NATS, where a `tls-config` node is chosen for that. */
export function withClusterTls(
  RED: Pick<NodeAPI, 'nodes'>,
  saved: object,
  settings: ConnectionSettings,
): ConnectionSettings {
  const { options, problems } = settings;
  const chosen: unknown = 'clusterTls' in saved ? saved.clusterTls : undefined;
  if (!options.cluster) return settings;
  if (!isTlsDeployed(RED, chosen)) {
    const problem = ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'clusterTls', ...detail('wanted', 'tls') });
    return { ...settings, problems: [...problems, problem] };
  }
  const tls = tlsOf(RED, chosen);
  return tls ? { ...settings, options: { ...options, cluster: { ...options.cluster, tls } } } : settings;
}
