import type { NodeAPI } from 'node-red';
import type { TlsSettings } from '../../src';
import { detail, type DetailKey } from '../../src/error-details';
import { ChatAppError } from '../../src/errors';
import { isRecord, type JsonRecord } from '../../src/events/json';
import type { ConnectionSource, DeployedSources } from './connection-source';
import { isTlsDeployed, networkOf } from './network';
import { readConnectionSettings, withClusterTls } from './settings';

/** Secrets, and where each is sent. What is not in here may be named in an error, and goes nowhere. */
const SECRETS = {
  accessToken: 'api',
  refreshToken: 'api',
  password: 'api',
  email: 'api',
  appId: 'api',
  appKey: 'socket',
  clusterUser: 'nats',
  clusterPassword: 'nats',
  clusterToken: 'nats',
  clusterCreds: 'nats',
} as const;
type Secret = keyof typeof SECRETS;
type Destination = (typeof SECRETS)[Secret];

/** The secrets that are saved as properties, not as credentials. */
const PROPERTIES: ReadonlySet<string> = new Set<Secret>(['appKey', 'clusterCreds']);

/** Stands in Node-RED's editor for a password that it does not know. */
const UNKNOWN = '__PWRD__';

type Runtime = Pick<NodeAPI, 'nodes' | 'settings' | 'util'>;

/**
 * Reads a `ConnectionDraft`; `undefined` where the body is none. What is wrong with its settings is among the problems.
 *
 * One rule holds for all that the author of a draft may not know: stored secrets, values of variables, and files. They
 * are used only as they are deployed: where the deployed node has the same text in the same field, and, if they are
 * sent, where address and TLS are the deployed ones. For all else, the problem says to type it again or to deploy first.
 */
export function readDraft(RED: Runtime, body: unknown, sources: DeployedSources): ConnectionSource | undefined {
  if (!isRecord(body) || typeof body.id !== 'string') return undefined;
  if (!isRecord(body.settings) || !isRecord(body.credentials)) return undefined;
  const deployed = sources.find(body.id);
  const saved = deployed ? textsOf(RED, body.id) : {};
  const withheld = new Map<unknown, ChatAppError>();
  const withhold = (field: string, wanted: DetailKey): void => {
    withheld.set(field, ChatAppError.of('CONFIG_INVALID', 'malformed', { field, ...detail('wanted', wanted) }));
  };
  /** The value of a variable; for one that is not deployed so, its own name, which is a problem wherever it is used. */
  const fill = (field: string, value: unknown, isDeployed: boolean): unknown => {
    const name = variableIn(value);
    if (name === undefined) return value;
    if (deployed && isDeployed && value === saved[field]) {
      const filled: unknown = RED.util.getSetting(deployed.node, name);
      return filled ?? value;
    }
    withhold(field, 'deployFirst');
    return `\${${name}}`;
  };

  const settings = Object.fromEntries(
    Object.entries(body.settings).map(([field, value]) => [field, isSecret(field) ? value : fill(field, value, true)]),
  );
  const isDeployed = deployedDestinations(RED, settings, deployed?.source);
  const stored: JsonRecord = { ...deployed?.node.credentials };
  const credentials: Record<string, unknown> = {};
  for (const [field, destination] of Object.entries(SECRETS)) {
    const same = isDeployed[destination];
    if (PROPERTIES.has(field)) {
      settings[field] = fill(field, settings[field], same);
      const isFile = field === 'clusterCreds' && settings[field] !== undefined && settings[field] !== '';
      if (isFile && !(same && body.settings[field] === saved[field])) {
        withhold(field, 'deployFirst');
        settings[field] = undefined;
      }
      continue;
    }
    const value = body.credentials[field] ?? UNKNOWN;
    if (value !== UNKNOWN) credentials[field] = fill(field, value, same);
    else if (same) credentials[field] = stored[field];
    else if (stored[field]) withhold(field, destination === 'nats' ? 'retypeCluster' : 'retype');
  }

  const { options, problems } = withClusterTls(RED, settings, readConnectionSettings(settings, credentials));
  const network = networkOf(RED, settings);
  const own = problems.map((problem) => withheld.get(problem.params.field) ?? problem);
  if (!isTlsDeployed(RED, settings.tls)) own.push(tlsProblem('tls', 'tls'));
  if (hasKey(network.tls) && !(isDeployed.api && isDeployed.socket)) own.push(tlsProblem('tls', 'deployFirst'));
  if (hasKey(options.cluster?.tls) && !isDeployed.nats) own.push(tlsProblem('clusterTls', 'deployFirst'));
  return { options, problems: own, network };
}

function isSecret(field: string): boolean {
  return Object.hasOwn(SECRETS, field);
}

/** For each destination, whether the draft has the address and the TLS settings of the deployed connection. */
function deployedDestinations(
  RED: Runtime,
  settings: JsonRecord,
  deployed: ConnectionSource | undefined,
): Record<Destination, boolean> {
  if (!deployed) return { api: false, socket: false, nats: false };
  const { options } = withClusterTls(RED, settings, readConnectionSettings(settings, {}));
  const isUsable = (...fields: string[]): boolean =>
    !deployed.problems.some(({ params }) => fields.includes(String(params.field)));
  const hasTls = isUsable('tls') && isSame(networkOf(RED, settings).tls, deployed.network.tls);
  const { cluster } = deployed.options;
  return {
    api: hasTls && isUsable('apiUrl') && options.apiUrl === deployed.options.apiUrl,
    socket: hasTls && isUsable('socketUrl') && options.socketUrl === deployed.options.socketUrl,
    nats:
      isUsable('cluster', 'clusterTls') &&
      isSame(options.cluster?.servers, cluster?.servers) &&
      isSame(options.cluster?.tls, cluster?.tls),
  };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** With a client certificate, a server gets a signature by its key. */
function hasKey(tls: TlsSettings | undefined): boolean {
  return tls !== undefined && ('key' in tls || 'pfx' in tls);
}

function tlsProblem(field: string, wanted: DetailKey): ChatAppError {
  return ChatAppError.of('CONFIG_INVALID', 'malformed', { field, ...detail('wanted', wanted) });
}

/** The saved properties and credentials of a deployed node, with the names of variables, not with their values. */
function textsOf(RED: Runtime, id: string): JsonRecord {
  const texts: Record<string, unknown> = { ...RED.nodes.getCredentials(id) };
  RED.nodes.eachNode((node) => {
    if (node.id === id) Object.assign(texts, node);
  });
  return texts;
}

/** The name of the variable by whose value Node-RED replaces a text. */
function variableIn(value: unknown): string | undefined {
  const [, braced, bracketed] = (typeof value === 'string' ? VARIABLE.exec(value) : null) ?? [];
  return braced ?? bracketed;
}

const VARIABLE = /^\$(?:\{(\S+)\}|\((\S+)\))$/;
