import type { NodeAPI } from 'node-red';
import type { ClusterLogin, ClusterSettings } from '../../src';
import { PARTITIONS } from '../../src/cluster/settings';
import { ChatAppError } from '../../src/errors';
import { MAX_PARTITIONS } from '../shared/field-values';
import { readServers } from '../shared/nats-servers';
import { PHRASES } from '../shared/phrases';
import type { Settings } from '../shared/settings';
import { isTlsDeployed, tlsOf } from './network';
import type { ConnectionSettings } from './settings';

/** By what is chosen. */
const REPLICAS = { 1: 1, 3: 3, 5: 5 } as const;

/** The NATS of a connection, without its TLS; `undefined` where it is alone. */
export function readCluster(settings: Settings, credentials: Settings, keepHours: number): ClusterSettings | undefined {
  const text = settings.text('cluster');
  if (text === undefined) return undefined;
  const servers = readServers(text);
  if (typeof servers === 'string') settings.refuse('cluster', PHRASES[servers]);
  const login = readLogin(settings, credentials);
  return {
    servers: typeof servers === 'string' ? [] : servers,
    ...(login && { login }),
    replicas: REPLICAS[settings.choice('replicas', ['1', '3', '5'], '1')],
    partitions: settings.integer('partitions', 1, MAX_PARTITIONS, PARTITIONS),
    keepHours,
  };
}

function readLogin(settings: Settings, credentials: Settings): ClusterLogin | undefined {
  const kind = settings.choice('clusterAuth', ['none', 'user', 'token', 'creds'], 'none');
  switch (kind) {
    case 'none':
      return undefined;
    case 'user': {
      const user = credentials.requiredText('clusterUser', PHRASES.clusterUser);
      return { kind, user, password: credentials.requiredSecret('clusterPassword', PHRASES.clusterPassword) };
    }
    case 'token':
      return { kind, token: credentials.requiredSecret('clusterToken', PHRASES.clusterToken) };
    case 'creds':
      return { kind, file: settings.requiredText('clusterCreds', PHRASES.clusterCreds) };
  }
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
    const problem = ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'clusterTls', wanted: PHRASES.tls });
    return { ...settings, problems: [...problems, problem] };
  }
  const tls = tlsOf(RED, chosen);
  return tls ? { ...settings, options: { ...options, cluster: { ...options.cluster, tls } } } : settings;
}
