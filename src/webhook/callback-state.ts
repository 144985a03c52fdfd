import { ApiError } from '../api/api-error';
import type { Line } from '../api/lines';
import { ChatAppError } from '../errors';

/** How the callback of one messenger of a line stands. */
export type CallbackState =
  | { readonly kind: 'setting' | 'set' }
  /** It is another integration's: `host` is all that is told of its address. */
  | { readonly kind: 'taken'; readonly host: string; readonly error: ChatAppError }
  | { readonly kind: 'failed'; readonly error: ChatAppError; readonly nextTry: number };

/** A line as errors and logs name it. */
export function lineText({ licenseId, messengerType }: Line): string {
  return `${licenseId} ${messengerType}`;
}

/** What ChatApp's no to our address means; every other trouble as it is. `host` is our own public one. */
export function asWebhookError(cause: unknown, line: Line, host: string): ChatAppError {
  if (!(cause instanceof ApiError)) return asChatAppError(cause);
  if (cause.passing || cause.reason !== 'refused') return cause;
  const params = { line: lineText(line), status: cause.status ?? '' };
  // What ChatApp's answer to a failed probe looks like is not documented: these are its answers to wrong input.
  return cause.status === 422 || cause.status === 400
    ? ChatAppError.of('WEBHOOK_FAILED', 'probe', { ...params, host })
    : ChatAppError.of('WEBHOOK_FAILED', 'refused', params);
}

export function asChatAppError(cause: unknown): ChatAppError {
  if (cause instanceof ChatAppError) return cause;
  return ChatAppError.of('API_FAILED', 'unreachable', { host: 'ChatApp', status: 'internal error' });
}

/** The error that was told before where it says the same: an incident has one error, however often it is tried. */
export function sameIncident(before: CallbackState, error: ChatAppError): ChatAppError {
  if (before.kind !== 'failed' && before.kind !== 'taken') return error;
  return before.error.message === error.message && before.error.code === error.code ? before.error : error;
}
