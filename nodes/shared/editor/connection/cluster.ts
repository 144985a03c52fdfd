import { withoutInvisible } from '../../../../src/pasted-text';
import { CLUSTER_CREDENTIALS } from '../account/credentials';
import { cleanOnChange, connectionField, isObject, ownsForm, settingOf } from '../form/fields';
import { filled, isEnvironment, natsServers, partitions } from '../form/validate';
import { element, showRow, valueOf } from '../page/dom';
import { text } from '../page/text';

/** What the dialog has to know of several Node-REDs. Hand-made and older flows may hold anything in these. */
export interface ClusterSettings {
  readonly cluster: unknown;
  readonly clusterAuth: unknown;
  readonly replicas: unknown;
  readonly partitions: unknown;
}

/** Makes the dialog follow the NATS servers: without them there is nothing else to fill in. */
export function prepareCluster(node: ClusterSettings): void {
  cleanOnChange(['clusterToken', 'partitions'].map(connectionField));
  cleanOnChange(['cluster', 'clusterUser', 'clusterCreds'].map(connectionField), withoutInvisible);
  for (const event of ['change', 'input']) element(connectionField('cluster')).addEventListener(event, showFields);
  element(connectionField('clusterAuth')).addEventListener('change', showFields);
  showFields();
  const isOdd = natsServers(node.cluster) !== undefined || partitions(node.partitions) !== undefined;
  element('chatapp-cluster').toggleAttribute('open', isOdd || isClustered(node.cluster));
}

/** Says what the app id is for: to log in, to know which instances belong together, or only to know one's own messages. */
export function showAppTip(): void {
  const isShared = isClustered(valueOf(connectionField('cluster')));
  const ofTokens = isShared ? 'clusterAppId' : 'appId';
  const tip = valueOf(connectionField('auth')) === 'account' ? 'accountAppId' : ofTokens;
  element('chatapp-app-tip').textContent = text(`chatapp-connection.tip.${tip}`);
}

function showFields(): void {
  const isShown = isClustered(valueOf(connectionField('cluster')));
  const auth = valueOf(connectionField('clusterAuth'));
  for (const name of ['clusterAuth', 'clusterTls', 'replicas', 'partitions']) showRow(connectionField(name), isShown);
  showAppTip();
  for (const part of CLUSTER_LOGIN) showRow(connectionField(part), isShown && isPartOf(auth, part));
}

/** What a login to NATS may be made of, in the order of the form. The path of a creds file is no secret. */
export const CLUSTER_LOGIN = [...CLUSTER_CREDENTIALS, 'clusterCreds'] as const;

type Part = (typeof CLUSTER_LOGIN)[number];

/** Whether servers are given by which several Node-REDs share an account, or may be where a variable decides. */
export function isClustered(servers: unknown): boolean {
  return typeof servers === 'string' && servers.trim() !== '';
}

/** Whether the login to NATS uses a part of those. Where a variable decides, each is possible. */
export function isPartOf(auth: unknown, part: Part): boolean {
  return isEnvironment(auth) || partsOf(auth).includes(part);
}

/** The validator of the way to log in, which tells of the credentials that are lacking, where the editor knows them. */
export const clusterLogin: Validator = function (auth, _options) {
  const known = knownCredentials(this);
  if (!known || !isClustered(settingOf(PREFIX, this, 'cluster'))) return true;
  const needed = CLUSTER_CREDENTIALS.filter((name) => partsOf(auth).includes(name));
  const missing = needed.filter((name) => !known.get(name) && !known.get(`has_${name}`));
  return missing.length === 0 || missingText(missing);
};

/** The validator of a part of the login: wanted if the way that is chosen needs it. */
export function clusterLoginPart(part: Part): Validator {
  return function (value, _options) {
    // Of a credential the editor asks without saying whose it is: only in the open form there is something to mark.
    const setting = (name: string): unknown =>
      part === 'clusterCreds' ? settingOf(PREFIX, this, name) : valueOf(`${PREFIX}-${name}`);
    const isNeeded = isClustered(setting('cluster')) && partsOf(setting('clusterAuth')).includes(part);
    return !isNeeded || filled(value) === undefined || missingText([part]);
  };
}

const PREFIX = 'node-config-input';

function partsOf(auth: unknown): readonly Part[] {
  switch (auth) {
    case 'user':
      return ['clusterUser', 'clusterPassword'];
    case 'token':
      return ['clusterToken'];
    case 'creds':
      return ['clusterCreds'];
    default:
      return [];
  }
}

/** What the editor has of a node's credentials: text as it is, of a password only `has_<name>`. */
function knownCredentials(node: unknown): Map<string, unknown> | undefined {
  if (ownsForm(PREFIX, node)) return new Map(CLUSTER_CREDENTIALS.map((name) => [name, valueOf(`${PREFIX}-${name}`)]));
  const stored = isObject(node) && 'credentials' in node ? node.credentials : undefined;
  return isObject(stored) ? new Map<string, unknown>(Object.entries(stored)) : undefined;
}

function missingText(parts: readonly Part[]): string {
  const labels = parts.map((part) => text(`chatapp-connection.label.${part}`));
  return text('invalid.missing', { field: labels.join(', ') });
}
