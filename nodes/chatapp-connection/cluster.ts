import type { ClusterLogin, ClusterSettings } from '../../src';
import { PARTITIONS } from '../../src/cluster/settings';
import { MAX_PARTITIONS } from '../shared/field-values';
import { readServers } from '../shared/nats-servers';
import type { Settings } from '../shared/settings';

/** By what is chosen. */
const REPLICAS = { 1: 1, 3: 3, 5: 5 } as const;

/** The NATS of a connection, without its TLS; `undefined` where it is alone. */
export function readCluster(settings: Settings, credentials: Settings, keepHours: number): ClusterSettings | undefined {
  const text = settings.text('cluster');
  if (text === undefined) return undefined;
  const servers = readServers(text);
  if (typeof servers === 'string') settings.refuse('cluster', servers);
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
      const user = credentials.requiredText('clusterUser', 'clusterUser');
      return { kind, user, password: credentials.requiredSecret('clusterPassword', 'clusterPassword') };
    }
    case 'token':
      return { kind, token: credentials.requiredSecret('clusterToken', 'clusterToken') };
    case 'creds':
      return { kind, file: settings.requiredText('clusterCreds', 'clusterCreds') };
  }
}
