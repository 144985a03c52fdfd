import { systemCode } from '../api/api-error';
import { isRecord } from '../events/json';
import { ChatAppError, type ErrorParams, type ErrorReason } from '../errors';

type Reason = ErrorReason<'CLUSTER_FAILED'>;

/** Why NATS cannot be used. */
export interface Failure {
  readonly reason: Reason;
  /** Safe to show: never words of a server. */
  readonly params: ErrorParams & { readonly status: string };
}

/** A value in a bucket is not one of ours. */
export class UnreadableValueError extends Error {
  override readonly name = 'UnreadableValueError';

  /** @param key its key in the bucket */
  constructor(
    readonly bucket: string,
    readonly key: string,
  ) {
    super('A value in NATS cannot be read');
  }
}

/** The servers of NATS are choosing one of them as leader, or too few are left for that. */
export class LeaderlessError extends Error {
  readonly code = 'NO_LEADER';
}

export const DISCONNECTED: Failure = { reason: 'unreachable', params: { status: 'DISCONNECTED' } };

const DENIED = 'PermissionViolationError';

/** Of the creds file. */
const FILE_ERRORS: ReadonlySet<unknown> = new Set(['ENOENT', 'EACCES', 'EISDIR', 'EPERM']);

/** By the error codes of JetStream. All others are `storage`. */
const REASONS: ReadonlyMap<number, Reason> = new Map<number, Reason>([
  // No JetStream on the server, in the account, or no limits for it.
  ...[10039, 10076, 10120].map((code) => [code, 'noJetStream'] as const),
  // Room of the server, of the account, of the stream.
  ...[10023, 10028, 10047, 10002, 10077].map((code) => [code, 'full'] as const),
  // As many consumers or streams as the account may have.
  ...[10026, 10027].map((code) => [code, 'limits'] as const),
  // Replicas without a cluster; no servers for all replicas.
  ...[10074, 10005].map((code) => [code, 'replicas'] as const),
  // Servers that are choosing a leader, or start; two instances that make the stream at once; a stream or consumer that is
  // missing until the next check.
  ...[10006, 10007, 10008, 10009, 10041, 10058, 10118, 10119, 10014, 10059].map(
    (code) => [code, 'unreachable'] as const,
  ),
]);

/** These often end by themselves: servers start, elect a leader, get room in their cluster. */
const PASSING: ReadonlySet<Reason> = new Set(['unreachable', 'noJetStream']);

/** True if the failure may end by itself. */
export function isPassing({ reason, params }: Failure): boolean {
  return PASSING.has(reason) || params.status === 'error 10005';
}

/** Classifies an error of the clients of NATS, of the creds file, or one of the classes above. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UnreadableValueError) {
    return { reason: 'unreadable', params: { status: 'unreadable', bucket: error.bucket, key: error.key } };
  }
  const cause = causeOf(error);
  const name = cause instanceof Error ? cause.name : '';
  if (isRecord(cause) && name === DENIED) return denied(cause.subject);
  const code = jetStreamCode(cause);
  if (code !== undefined) return { reason: REASONS.get(code) ?? 'storage', params: { status: `error ${code}` } };
  if (name === 'JetStreamNotEnabled') return { reason: 'noJetStream', params: { status: 'no JetStream' } };
  if (name === 'AuthorizationError') return { reason: 'refused', params: { status: 'AUTHORIZATION_VIOLATION' } };
  if (name === 'UserAuthenticationExpiredError') return { reason: 'refused', params: { status: 'LOGIN_EXPIRED' } };
  const { code: system, syscall } = isRecord(cause) ? cause : {};
  if (FILE_ERRORS.has(system) && syscall !== 'connect')
    return { reason: 'refused', params: { status: String(system) } };
  return { reason: 'unreachable', params: { status: name === 'TimeoutError' ? 'TIMEOUT' : systemCode(error) } };
}

/** JetStream's own code of an error; `undefined` if it has none. */
export function jetStreamCode(error: unknown): number | undefined {
  const isApiError = error instanceof Error && 'apiError' in error && 'code' in error;
  return isApiError && typeof error.code === 'number' ? error.code : undefined;
}

/** True if somebody else has changed the key or the subject meanwhile; the second code is that of newer servers. */
export function isConflict(error: unknown): boolean {
  const code = jetStreamCode(error);
  return code === 10071 || code === 10164;
}

/** True if there is no such stream. */
export function isStreamMissing(error: unknown): boolean {
  return jetStreamCode(error) === 10059;
}

/** True if NATS does not let us use a subject. */
export function isDenied(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof Error && cause.name === DENIED;
}

/** @param since when NATS was lost, in ms since the epoch; only shown */
export function clusterFailed({ reason, params }: Failure, hosts: string, since: number): ChatAppError {
  return ChatAppError.of('CLUSTER_FAILED', reason, { hosts, since: new Date(since).toISOString(), ...params });
}

/** The error that says most: what is denied or refused by JetStream stands below an error of the request. */
function causeOf(error: unknown): unknown {
  for (let cause = error, depth = 0; depth < 5 && cause instanceof Error; cause = cause.cause, depth += 1) {
    if (cause.name === DENIED || jetStreamCode(cause) !== undefined) return cause;
  }
  return error;
}

/** The subject comes from the server: nothing but a subject is shown, and an inbox without its random part. */
function denied(subject: unknown): Failure {
  const isSubject = typeof subject === 'string' && /^[\w$.>*=/-]{1,200}$/.test(subject);
  const shown = isSubject ? subject.replace(/^_INBOX\..*/, '_INBOX.>') : 'a subject';
  return { reason: 'denied', params: { status: 'PERMISSIONS_VIOLATION', subject: shown } };
}
