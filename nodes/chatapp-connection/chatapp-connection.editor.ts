import { clusterLogin, clusterLoginPart } from '../shared/editor/cluster-login';
import { credential, login, prepareConnection } from '../shared/editor/connection';
import { offerFlowTypes } from '../shared/editor/flow-types';
import { receiving, webhookUrl } from '../shared/editor/receive';
import { text } from '../shared/editor/text';
import { hours, httpUrl, keepHours, natsServers, partitions, replicas, socketUrl } from '../shared/editor/validate';
import { validator } from '../shared/editor/validator';
import { migrate } from '../shared/migration';
import { MIGRATION } from './migration';

interface Settings {
  name: string;
  auth: unknown;
  apiUrl: string;
  socketUrl: string;
  appKey: string;
  tls: string;
  recover: unknown;
  recoverHours: unknown;
  receive: unknown;
  webhookUrl: unknown;
  cluster: unknown;
  clusterAuth: unknown;
  clusterCreds: unknown;
  clusterTls: string;
  replicas: unknown;
  partitions: unknown;
  keepHours: unknown;
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

RED.nodes.registerType<Settings, Credentials>('chatapp-connection', {
  category: 'config',
  defaults: {
    name: { value: '' },
    auth: { value: 'token', validate: login },
    apiUrl: { value: 'https://api.chatapp.online', validate: validator('chatapp-connection.label.apiUrl', httpUrl) },
    socketUrl: {
      value: 'wss://socket.chatapp.online:6001',
      validate: validator('chatapp-connection.label.socketUrl', socketUrl),
    },
    appKey: { value: 'ChatsAppApiProdKey' },
    tls: { value: '', type: 'tls-config', required: false, label: text('chatapp-connection.label.tls') },
    recover: { value: true },
    recoverHours: { value: 24, validate: validator('chatapp-connection.label.recoverHours', hours) },
    receive: { value: 'socket', validate: receiving },
    webhookUrl: { value: '', validate: webhookUrl },
    cluster: { value: '', validate: validator('chatapp-connection.label.cluster', natsServers) },
    clusterAuth: { value: 'none', validate: clusterLogin },
    clusterCreds: { value: '', validate: clusterLoginPart('clusterCreds') },
    clusterTls: { value: '', type: 'tls-config', required: false, label: text('chatapp-connection.label.clusterTls') },
    replicas: { value: 1, validate: validator('chatapp-connection.label.replicas', replicas) },
    partitions: { value: 16, validate: validator('chatapp-connection.label.partitions', partitions) },
    keepHours: { value: 24, validate: validator('chatapp-connection.label.keepHours', keepHours) },
    version: { value: 1 },
  },
  credentials: {
    accessToken: { type: 'password', validate: credential('accessToken') },
    refreshToken: { type: 'password' },
    email: { type: 'text', validate: credential('email') },
    password: { type: 'password', validate: credential('password') },
    appId: { type: 'text', validate: credential('appId') },
    clusterUser: { type: 'text', validate: clusterLoginPart('clusterUser') },
    clusterPassword: { type: 'password', validate: clusterLoginPart('clusterPassword') },
    clusterToken: { type: 'password', validate: clusterLoginPart('clusterToken') },
  },
  paletteLabel() {
    return this._('chatapp-connection.paletteLabel');
  },
  label() {
    return this.name || text('chatapp-connection.placeholder.name');
  },
  labelStyle() {
    return this.name ? 'node_label_italic' : '';
  },
  oneditprepare() {
    prepareConnection(this, MIGRATION);
  },
  oneditsave() {
    Object.assign(this, migrate(this, MIGRATION));
  },
});

offerFlowTypes();
