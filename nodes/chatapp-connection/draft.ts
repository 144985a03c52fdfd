import type { Node, NodeAPI } from 'node-red';
import { ChatAppError } from '../../src/errors';
import { isRecord, type JsonRecord } from '../../src/events/json';
import { PHRASES } from '../shared/phrases';
import type { ConnectionSource, DeployedSources } from './connection-source';
import { isTlsDeployed, networkOf } from './network';
import { readConnectionSettings } from './settings';

const CREDENTIALS = ['accessToken', 'refreshToken', 'password', 'email', 'appId'] as const;
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
  const mayUseStored = deployed !== undefined && isSamePlace(settings, deployed.source);
  const credentials: Record<string, unknown> = {};
  const withheld = new Set<unknown>();
  for (const name of CREDENTIALS) {
    const value = typed[name] ?? UNKNOWN;
    if (value !== UNKNOWN) credentials[name] = value;
    else if (mayUseStored) credentials[name] = stored[name];
    else if (stored[name]) withheld.add(name);
  }

  const { options, problems } = readConnectionSettings(settings, credentials);
  const told = problems.map((problem) => {
    const { field } = problem.params;
    if (field === undefined || !withheld.has(field)) return problem;
    return ChatAppError.of('CONFIG_INVALID', 'missing', { field, wanted: PHRASES.retype });
  });
  return { options, problems: [...told, ...tlsProblems(RED, settings)], network: networkOf(RED, settings) };
}

/** A stored secret goes nowhere but where its connection already sends it. */
function isSamePlace(settings: JsonRecord, { options, problems }: ConnectionSource): boolean {
  if (problems.some(({ params }) => params.field === 'apiUrl')) return false;
  return readConnectionSettings(settings, {}).options.apiUrl === options.apiUrl;
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
