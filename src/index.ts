/** The ChatApp client. It knows nothing of Node-RED and may be used without it. */
export * from './account';
export * from './connection';
export type { CompanyEntry, EmployeeEntry, LineEntry, MessengerEntry } from './api/entry';
export type { CheckStep } from './check';
export { ChatAppError, ERRORS, type ErrorCode } from './errors';
export * from './events';
export type * from './flow-message';
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
