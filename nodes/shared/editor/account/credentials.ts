import type { ConnectionDraft } from '../../account-answers';
import { isEnvironment } from '../form/validate';

/** The credentials of a connection, in the order of the form. */
export const CREDENTIALS = ['accessToken', 'refreshToken', 'email', 'password', 'appId'] as const;

/** Those for the NATS of several Node-REDs. */
export const CLUSTER_CREDENTIALS = ['clusterUser', 'clusterPassword', 'clusterToken'] as const;

export type Credential = (typeof CREDENTIALS)[number];

const NEEDED: Readonly<Record<string, readonly Credential[]>> = {
  token: ['accessToken'],
  account: ['email', 'password', 'appId'],
};

/** Whether a connection with this `auth` can do nothing without `credential`. */
export function isNeeded(auth: unknown, credential: Credential): boolean {
  return typeof auth === 'string' && (NEEDED[auth] ?? []).includes(credential);
}

/** Whether a connection with this `auth` uses `credential` at all. Where a variable decides, both ways are possible. */
export function isUsed(auth: unknown, credential: Credential): boolean {
  if (isEnvironment(auth) || credential === 'appId') return true;
  const ofToken = credential === 'accessToken' || credential === 'refreshToken';
  return ofToken === (auth === 'token');
}

/**
 * The credentials that a connection needs and lacks. `known` holds what the editor has of them: text as it is, of a
 * password only `has_<name>`. Undefined, as it is until the dialog was open once, tells nothing: then none is lacking.
 */
export function missingCredentials(auth: unknown, known: unknown): Credential[] {
  if (typeof known !== 'object' || known === null) return [];
  const values = new Map<string, unknown>(Object.entries(known));
  return CREDENTIALS.filter((name) => isNeeded(auth, name) && !values.get(name) && !values.get(`has_${name}`));
}

/** What the editor writes into the field of a password that it knows to exist but does not know. */
const UNTOUCHED = '__PWRD__';

/** A connection as the editor holds it, with what Node-RED does not have of it yet. */
export function draftOf(node: EditorNode): ConnectionDraft {
  const values = new Map<string, unknown>(Object.entries(node));
  const settings = Object.keys(node._def.defaults).map((name): [string, unknown] => [name, values.get(name)]);
  return { id: node.id, settings: Object.fromEntries(settings), credentials: knownCredentials(node.credentials ?? {}) };
}

/**
 * The credentials out of `values` that the editor really has. A password that nobody typed again is left out: Node-RED
 * has it. One that was emptied stays, empty.
 */
export function knownCredentials(values: object): Record<string, unknown> {
  const known = new Map<string, unknown>(Object.entries(values));
  const names = [...CREDENTIALS, ...CLUSTER_CREDENTIALS];
  const typed = names.filter((name) => known.get(name) !== undefined && known.get(name) !== UNTOUCHED);
  return Object.fromEntries(typed.map((name): [string, unknown] => [name, known.get(name)]));
}
