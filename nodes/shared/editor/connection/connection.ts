import { withoutInvisible } from '../../../../src/pasted-text';
import { migrate, type Migration } from '../../migration';
import { CREDENTIALS, isNeeded, isUsed, missingCredentials, type Credential } from '../account/credentials';
import { paletteLabel } from '../account/labels';
import { claimForm, cleanOnChange, connectionField, fillForm, isObject, ownsForm } from '../form/fields';
import {
  filled,
  hours,
  httpUrl,
  isEnvironment,
  keepHours,
  natsServers,
  partitions,
  replicas,
  socketUrl,
  validator,
} from '../form/validate';
import { element, isTicked, showRow, valueOf } from '../page/dom';
import { text } from '../page/text';
import { prepareCheck, prepareWarnings } from './check';
import { clusterLogin, clusterLoginPart, prepareCluster, showAppTip, type ClusterSettings } from './cluster';
import { prepareDiagnostics } from './diagnostics';
import { prepareReceive, receiving, webhookUrl, type ReceiveSettings } from './receive';

/** What the dialog of a connection has to know of it. Hand-made flows may hold anything in these. */
export interface ConnectionSettings extends ReceiveSettings, ClusterSettings {
  readonly name: string;
  readonly auth: unknown;
  readonly apiUrl: unknown;
  readonly socketUrl: unknown;
  readonly recover: unknown;
  readonly recoverHours: unknown;
  readonly keepHours: unknown;
}

type Handler = 'paletteLabel' | 'label' | 'labelStyle' | 'oneditprepare' | 'oneditsave';

/** The definition of the connection, without what tools read from its page. */
export function connectionType(migration: Migration): ConnectionType {
  const label = (name: string): string => `chatapp-connection.label.${name}`;
  const tls = (name: string): SavedProperty => ({
    value: '',
    type: 'tls-config',
    required: false,
    label: text(label(name)),
  });
  return {
    properties: {
      auth: { value: 'account', validate: login },
      apiUrl: { value: 'https://api.chatapp.online', validate: validator(label('apiUrl'), httpUrl) },
      socketUrl: { value: 'wss://socket.chatapp.online:6001', validate: validator(label('socketUrl'), socketUrl) },
      tls: tls('tls'),
      recoverHours: { value: 24, validate: validator(label('recoverHours'), hours) },
      receive: { value: 'socket', validate: receiving },
      webhookUrl: { value: '', validate: webhookUrl },
      cluster: { value: '', validate: validator(label('cluster'), natsServers) },
      clusterAuth: { value: 'none', validate: clusterLogin },
      clusterCreds: { value: '', validate: clusterLoginPart('clusterCreds') },
      clusterTls: tls('clusterTls'),
      replicas: { value: 1, validate: validator(label('replicas'), replicas) },
      partitions: { value: 16, validate: validator(label('partitions'), partitions) },
      keepHours: { value: 24, validate: validator(label('keepHours'), keepHours) },
    },
    credentials: {
      accessToken: { type: 'password', validate: credential('accessToken') },
      email: { type: 'text', validate: credential('email') },
      password: { type: 'password', validate: credential('password') },
      appId: { type: 'text', validate: credential('appId') },
      clusterUser: { type: 'text', validate: clusterLoginPart('clusterUser') },
      clusterPassword: { type: 'password', validate: clusterLoginPart('clusterPassword') },
      clusterToken: { type: 'password', validate: clusterLoginPart('clusterToken') },
    },
    paletteLabel: paletteLabel('chatapp-connection'),
    label() {
      return this.name || text('chatapp-connection.placeholder.name');
    },
    labelStyle() {
      return this.name ? 'node_label_italic' : '';
    },
    oneditprepare() {
      prepareConnection(this, migration);
    },
    oneditsave() {
      Object.assign(this, migrate(this, migration));
    },
  };
}

type Checked =
  | ('auth' | 'apiUrl' | 'socketUrl' | 'tls' | 'recoverHours' | 'receive' | 'webhookUrl')
  | ('cluster' | 'clusterAuth' | 'clusterCreds' | 'clusterTls' | 'replicas' | 'partitions' | 'keepHours');
type CheckedCredential = Exclude<Credential, 'refreshToken'> | 'clusterUser' | 'clusterPassword' | 'clusterToken';

interface ConnectionType extends Required<Pick<NodeDefinition<ConnectionSettings, object>, Handler>> {
  readonly properties: Readonly<Record<Checked, SavedProperty>>;
  readonly credentials: Readonly<Record<CheckedCredential, SavedCredential>>;
}

/** Makes the dialog follow the way to log in: fields that it does not use are hidden, and keep what they hold. */
function prepareConnection(node: ConnectionSettings, migration: Migration): void {
  claimForm('node-config-input', node.id);
  fillForm('node-config-input', migrate(node, migration));
  cleanOnChange(PASTED.map(connectionField));
  cleanOnChange(['apiUrl', 'socketUrl'].map(connectionField), withoutInvisible);
  element(connectionField('auth')).addEventListener('change', showLogin);
  element(connectionField('recover')).addEventListener('change', showRecovery);
  showLogin();
  showRecovery();
  prepareCheck(node.id);
  prepareDiagnostics(node.id);
  prepareReceive(node);
  prepareCluster(node);
  prepareWarnings();
  markLeftFields(node.id);
  element('chatapp-advanced').toggleAttribute('open', hasOddSettings(node));
}

/**
 * The validator of `auth`, which tells of the credentials that are lacking. The editor knows a node's credentials only
 * once its dialog was open; until then it is left to the runtime to find out.
 */
const login: Validator = function (auth, _options) {
  const missing = missingCredentials(auth, openCredentials(this) ?? storedCredentials(this));
  return missing.length === 0 || missingText(missing);
};

/** The validator of one credential: wanted if the way to log in that is chosen in the open dialog needs it. */
function credential(name: Credential): Validator {
  return (value, _options) => {
    const problem = isNeeded(valueOf(connectionField('auth')), name) ? filled(value) : undefined;
    return problem === undefined || missingText([name]);
  };
}

const PASTED = ['accessToken', 'refreshToken', 'email', 'appId', 'appKey', 'recoverHours', 'keepHours'];

function showLogin(): void {
  const auth = valueOf(connectionField('auth'));
  for (const name of CREDENTIALS) showRow(connectionField(name), isUsed(auth, name));
  const tip = auth === 'account' ? 'chatapp-connection.tip.account' : 'chatapp-connection.tip.token';
  element('chatapp-login-tip').textContent = text(tip);
  showRow('chatapp-login-tip', !isEnvironment(auth));
  showAppTip();
}

/** Marks the fields that the user has left, in the dialog of a connection that does not exist yet. */
function markLeftFields(id: string): void {
  const form = element(connectionField('auth')).closest('.chatapp-form');
  form?.classList.toggle('chatapp-new', !RED.nodes.node(id));
  form?.addEventListener('focusout', ({ target }) => {
    if (target instanceof HTMLInputElement) target.classList.add('chatapp-left');
  });
}

function showRecovery(): void {
  showRow(
    connectionField('recoverHours'),
    isTicked(connectionField('recover')) || isEnvironment(valueOf(connectionField('recover'))),
  );
}

function hasOddSettings(node: ConnectionSettings): boolean {
  const problems = [
    httpUrl(node.apiUrl),
    socketUrl(node.socketUrl),
    hours(node.recoverHours),
    keepHours(node.keepHours),
  ];
  return problems.some((problem) => problem !== undefined);
}

function openCredentials(node: unknown): object | undefined {
  // The open dialog may be that of another connection.
  if (!ownsForm('node-config-input', node)) return undefined;
  return Object.fromEntries(CREDENTIALS.map((name) => [name, valueOf(connectionField(name))]));
}

function storedCredentials(node: unknown): unknown {
  return isObject(node) && 'credentials' in node ? node.credentials : undefined;
}

function missingText(names: readonly Credential[]): string {
  const labels = names.map((name) => text(`chatapp-connection.label.${name}`));
  return text('invalid.missing', { field: labels.join(', ') });
}
