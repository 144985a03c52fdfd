/** The ChatApp client. It knows nothing of Node-RED and may be used without it. */
export * from './connection';
export { ChatAppError, ERRORS, type ErrorCode } from './errors';
export * from './events';
export type { Delivery } from './feed/delivery';
export type { Stop } from './feed/listener';
export type { SocketState } from './socket/supervisor';
export type { ChannelChoice, ItemFilter, LineChoice, Listener } from './feed/listener';
export type { NetworkSettings, TlsSettings } from './api/network';
export { Sessions } from './session/sessions';
export type { Credentials } from './session/credentials';
export { fileStore, memoryStore, type Store } from './store';
export { STATUS_KINDS, type Status, type StatusKind } from './status';
export type { Clock, Timer } from './clock';
export type { Log } from './log';
