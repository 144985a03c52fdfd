import type { ConnectionSettings } from '../shared/editor/connection/connection';
import { MIGRATION } from './migration';

interface Settings extends Omit<ConnectionSettings, 'id'> {
  appKey: string;
  tls: string;
  clusterCreds: unknown;
  clusterTls: string;
  version: unknown;
}

interface Credentials {
  accessToken: string;
  refreshToken: string;
  email: string;
  password: string;
  appId: string;
  clusterUser: string;
  clusterPassword: string;
  clusterToken: string;
}

const { properties, credentials, ...connection } = chatappEditor.connection(MIGRATION);

RED.nodes.registerType<Settings, Credentials>('chatapp-connection', {
  category: 'config',
  defaults: {
    name: { value: '' },
    auth: properties.auth,
    apiUrl: properties.apiUrl,
    socketUrl: properties.socketUrl,
    appKey: { value: 'ChatsAppApiProdKey' },
    tls: properties.tls,
    recover: { value: true },
    recoverHours: properties.recoverHours,
    receive: properties.receive,
    webhookUrl: properties.webhookUrl,
    cluster: properties.cluster,
    clusterAuth: properties.clusterAuth,
    clusterCreds: properties.clusterCreds,
    clusterTls: properties.clusterTls,
    replicas: properties.replicas,
    partitions: properties.partitions,
    keepHours: properties.keepHours,
    version: { value: 1 },
  },
  credentials: {
    accessToken: credentials.accessToken,
    refreshToken: { type: 'password' },
    email: credentials.email,
    password: credentials.password,
    appId: credentials.appId,
    clusterUser: credentials.clusterUser,
    clusterPassword: credentials.clusterPassword,
    clusterToken: credentials.clusterToken,
  },
  paletteLabel: connection.paletteLabel,
  label: connection.label,
  labelStyle: connection.labelStyle,
  oneditprepare: connection.oneditprepare,
  oneditsave: connection.oneditsave,
});
