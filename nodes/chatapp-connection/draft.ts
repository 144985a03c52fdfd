import type { Node, NodeAPI } from 'node-red';
import { ChatAppError } from '../../src/errors';
import { isRecord, type JsonRecord } from '../../src/events/json';
import { PHRASES } from '../shared/phrases';
import { withClusterTls } from './cluster';
import type { ConnectionSource, DeployedSources } from './connection-source';
import { isTlsDeployed, networkOf } from './network';
import { readConnectionSettings } from './settings';

/** What is kept, and the setting that says where to it is sent. */
const CREDENTIALS = {
  accessToken: 'apiUrl',
  refreshToken: 'apiUrl',
  password: 'apiUrl',
  email: 'apiUrl',
  appId: 'apiUrl',
  clusterUser: 'cluster',
  clusterPassword: 'cluster',
  clusterToken: 'cluster',
} as const;
type Place = (typeof CREDENTIALS)[keyof typeof CREDENTIALS];

/** Stands in Node-RED's editor for a password that it does not know. */
const UNKNOWN = '__PWRD__';

type Runtime = Pick<NodeAPI, 'nodes' | 'settings' | 'util'>;

/** Reads a `ConnectionDraft`; `undefined` where the body is none. What is wrong with its settings is among the problems. */
export function readDraft(RED: Runtime, body: unknown, sources: DeployedSources): ConnectionSource | undefined {
  if (!isRecord(body) || typeof body.id !== 'string') return undefined;
  if (!isRecord(body.settings) || !isRecord(body.credentials)) return undefined;
  const deployed = sources.find(body.id);
  const settings = resolved(RED, body.settings, deployed?.node);
  const typed = resolved(RED, body.credentials, deployed?.node);

  const stored: JsonRecord = { ...deployed?.node.credentials };
  const same = deployed ? samePlaces(settings, deployed.source) : { apiUrl: false, cluster: false };
  const credentials: Record<string, unknown> = {};
  const withheld = new Map<unknown, string>();
  for (const [name, place] of Object.entries(CREDENTIALS)) {
    const value = typed[name] ?? UNKNOWN;
    if (value !== UNKNOWN) credentials[name] = value;
    else if (same[place]) credentials[name] = stored[name];
    else if (stored[name]) withheld.set(name, place === 'apiUrl' ? PHRASES.retype : PHRASES.retypeCluster);
  }

  const { options, problems } = withClusterTls(RED, settings, readConnectionSettings(settings, credentials));
  const told = problems.map((problem) => {
    const { field } = problem.params;
    const wanted = withheld.get(field);
    if (field === undefined || wanted === undefined) return problem;
    return ChatAppError.of('CONFIG_INVALID', 'missing', { field, wanted });
  });
  return { options, problems: [...told, ...tlsProblems(RED, settings)], network: networkOf(RED, settings) };
}

/** A stored secret goes nowhere but where its connection already sends it. */
function samePlaces(settings: JsonRecord, { options, problems }: ConnectionSource): Record<Place, boolean> {
  const wanted = readConnectionSettings(settings, {}).options;
  const isUsable = (field: Place): boolean => !problems.some(({ params }) => params.field === field);
  return {
    apiUrl: isUsable('apiUrl') && wanted.apiUrl === options.apiUrl,
    cluster: isUsable('cluster') && wanted.cluster?.servers.join() === options.cluster?.servers.join(),
  };
}

function tlsProblems(RED: Runtime, settings: JsonRecord): ChatAppError[] {
  if (isTlsDeployed(RED, settings.tls)) return [];
  return [ChatAppError.of('CONFIG_INVALID', 'malformed', { field: 'tls', wanted: PHRASES.tls })];
}

/** With variables filled as Node-RED would, by the flow of the deployed node where there is one. */
function resolved(RED: Runtime, properties: JsonRecord, node: Node | undefined): JsonRecord {
  const valueOf = (name: string): unknown => (node ? RED.util.getSetting(node, name) : variable(RED, name));
  return Object.fromEntries(
    Object.entries(properties).map(([field, value]) => {
      const [, braced, bracketed] = (typeof value === 'string' ? VARIABLE.exec(value) : null) ?? [];
      const name = braced ?? bracketed;
      return [field, name === undefined ? value : (valueOf(name) ?? value)];
    }),
  );
}

const VARIABLE = /^\$(?:\{(\S+)\}|\((\S+)\))$/;

/** An environment variable, unless Node-RED's settings hide it from flows. */
function variable({ settings }: Pick<NodeAPI, 'settings'>, name: string): string | undefined {
  const hidden: unknown = 'envVarExcludes' in settings ? settings.envVarExcludes : undefined;
  return Array.isArray(hidden) && hidden.includes(name) ? undefined : process.env[name];
}
