import type { ConnectionDraft } from '../account-answers';
import { CLUSTER_CREDENTIALS, CREDENTIALS } from './credentials';

/** What the editor writes into the field of a password that it knows to exist but does not know. */
const UNTOUCHED = '__PWRD__';

/** A connection as the editor holds it, with what Node-RED does not have of it yet. */
export function draftOf(node: EditorNode): ConnectionDraft {
  const values = new Map<string, unknown>(Object.entries(node));
  const settings = Object.keys(node._def.defaults).map((name): [string, unknown] => [name, values.get(name)]);
  return { id: node.id, settings: Object.fromEntries(settings), credentials: knownCredentials(node.credentials ?? {}) };
}

/**
 * The credentials out of `values` that the editor really has. A password that nobody typed anew is left out: Node-RED
 * has it. One that was emptied stays, empty.
 */
export function knownCredentials(values: object): Record<string, unknown> {
  const known = new Map<string, unknown>(Object.entries(values));
  const names = [...CREDENTIALS, ...CLUSTER_CREDENTIALS];
  const typed = names.filter((name) => known.get(name) !== undefined && known.get(name) !== UNTOUCHED);
  return Object.fromEntries(typed.map((name): [string, unknown] => [name, known.get(name)]));
}
