import { VERSION, type Migration } from '../shared/migration';

export const MIGRATION: Migration = {
  defaults: {
    name: '',
    auth: 'account',
    apiUrl: 'https://api.chatapp.online',
    socketUrl: 'wss://socket.chatapp.online:6001',
    appKey: 'ChatsAppApiProdKey',
    tls: '',
    recover: true,
    recoverHours: 24,
    receive: 'socket',
    webhookUrl: '',
    cluster: '',
    clusterAuth: 'none',
    clusterCreds: '',
    clusterTls: '',
    replicas: 1,
    partitions: 16,
    keepHours: 24,
    version: VERSION,
  },
  unversioned: { auth: 'token' },
};
