import { systemCode } from '../api/api-error';
import { isRecord } from '../events/json';
import { ChatAppError, type ErrorReason } from '../errors';

/** Why NATS cannot be used. `status` is safe to show. */
export interface Failure {
  readonly reason: ErrorReason<'CLUSTER_FAILED'>;
  readonly status: string;
}

export const DISCONNECTED: Failure = { reason: 'unreachable', status: 'DISCONNECTED' };

const REFUSALS: ReadonlySet<unknown> = new Set([
  'AUTHORIZATION_VIOLATION',
  'AUTHENTICATION_EXPIRED',
  'ACCOUNT_EXPIRED',
  'PERMISSIONS_VIOLATION',
  'BAD_AUTHENTICATION',
  'BAD_CREDS',
]);
/** Of the file with the login. */
const FILE_TROUBLES: ReadonlySet<unknown> = new Set(['ENOENT', 'EACCES', 'EISDIR', 'EPERM']);

/** Error codes of JetStream. */
export const STREAM_NOT_FOUND = 10059;
const NO_JETSTREAM: ReadonlySet<number> = new Set([10039, 10076]);
/** Servers that elect one of them, or two copies that make the stream at once. */
const PASSING: ReadonlySet<number> = new Set([10008, 10009, 10058, 10118]);

/** What an error of nats.js, or of the file with the login, comes to. */
export function failureOf(error: unknown): Failure {
  const jetStream = jetStreamCode(error);
  if (jetStream !== undefined) {
    const reason = NO_JETSTREAM.has(jetStream) ? 'noJetStream' : PASSING.has(jetStream) ? 'unreachable' : 'storage';
    return { reason, status: `error ${jetStream}` };
  }
  const { code, syscall } = isRecord(error) ? error : {};
  const status = systemCode(error);
  // Nobody answers where JetStream should.
  if (code === '503') return { reason: 'noJetStream', status };
  if (REFUSALS.has(code) || (FILE_TROUBLES.has(code) && syscall !== 'connect')) return { reason: 'refused', status };
  return { reason: 'unreachable', status };
}

/** What is told of it: `since` in ms since the epoch. */
export function clusterFailed({ reason, status }: Failure, hosts: string, since: number): ChatAppError {
  return ChatAppError.of('CLUSTER_FAILED', reason, { hosts, since: new Date(since).toISOString(), status });
}

/** JetStream's own code in an error of nats.js. */
export function jetStreamCode(error: unknown): number | undefined {
  const answer = isRecord(error) ? error.api_error : undefined;
  return isRecord(answer) && typeof answer.err_code === 'number' ? answer.err_code : undefined;
}
