import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { entriesOf } from '../../scripts/example-flows';
import { isRecord, type JsonRecord } from '../../src/events/json';
import { ROOT } from './documents';

/** The files for several Node-REDs. */
export const FOLDER = join(ROOT, 'docs/scaling');
export const ALONE = recordOf(parse(fileText('compose.yaml'), { merge: true }));
export const ON_TOP = recordOf(parse(fileText('compose.three-servers.yaml'), { merge: true }));
export const MANIFESTS = parseAllDocuments(fileText('kubernetes.yaml')).map((one) => recordOf(one.toJS()));
/** What the page tells to put into the Secrets. */
export const SECRETS: Readonly<Record<string, readonly string[]>> = {
  chatapp: ['CHATAPP_EMAIL', 'CHATAPP_PASSWORD', 'CHATAPP_APP_ID', 'WORK_URL'],
  nats: ['NATS_USER', 'NATS_PASSWORD'],
};
export function fileText(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** The variables that a text names as `${NAME}`, and as `${NAME:?}` in Compose. */
export function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(/\$\{(\w+)(?::[?-])?\}/g)].map(([, name = '']) => name))].sort();
}

export function service(file: JsonRecord, name: string): JsonRecord {
  return recordOf(recordOf(file.services)[name]);
}

export function manifest(kind: string): JsonRecord {
  return MANIFESTS.find((one) => one.kind === kind) ?? assert.fail(kind);
}

export function container(kind: string): JsonRecord {
  const { template } = recordOf(manifest(kind).spec);
  const [only, ...others] = entriesOf(recordOf(recordOf(template).spec).containers);
  assert.deepEqual(others, []);
  return recordOf(only);
}

/** The names of the environment variables of a container. */
export function variablesOf({ env, envFrom }: JsonRecord): string[] {
  const own = entriesOf(env).map((one) => String(recordOf(one).name));
  const secrets = entriesOf(envFrom).map((one) => String(recordOf(recordOf(one).secretRef).name));
  return [...own, ...secrets.flatMap((name) => SECRETS[name] ?? assert.fail(name))];
}

export function recordOf(value: unknown): JsonRecord {
  assert.ok(isRecord(value), JSON.stringify(value));
  return value;
}
