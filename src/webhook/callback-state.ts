import { ApiError } from '../api/api-error';
import type { Line } from '../api/lines';
import { ChatAppError } from '../errors';

/** How the callback of one messenger of a line stands. */
export type CallbackState =
  | { readonly kind: 'setting' }
  /** With an error if ChatApp does not send all of the wanted events there. */
  | { readonly kind: 'set'; readonly error?: ChatAppError }
  /** It is another integration's: `host` is all that is reported of its address. */
  | { readonly kind: 'taken'; readonly host: string; readonly error: ChatAppError }
  | { readonly kind: 'failed'; readonly error: ChatAppError; readonly nextTry: number };

/** A line as errors and logs name it. */
export function lineText({ licenseId, messengerType }: Line): string {
  return `${licenseId} ${messengerType}`;
}

/** True if ChatApp refuses what the request says: our URL, whose test has failed, or the name of an event. */
export function isInputRefused(cause: unknown): cause is ApiError {
  return cause instanceof ApiError && cause.reason === 'refused' && (cause.status === 422 || cause.status === 400);
}

/** What ChatApp's refusal of our URL means; all other errors stay as they are. `host` is our own public one. */
export function asWebhookError(cause: unknown, line: Line, host: string): ChatAppError {
  if (!(cause instanceof ApiError)) return asChatAppError(cause);
  if (cause.passing || cause.reason !== 'refused') return cause;
  const params = { line: lineText(line), status: cause.status ?? '' };
  // The answer to a failed test of the URL is not documented: these are ChatApp's answers to wrong input.
  return isInputRefused(cause)
    ? ChatAppError.of('WEBHOOK_FAILED', 'probe', { ...params, host })
    : ChatAppError.of('WEBHOOK_FAILED', 'refused', params);
}

export function eventsNotOffered(line: Line, events: readonly string[]): ChatAppError {
  return ChatAppError.of('WEBHOOK_FAILED', 'events', { line: lineText(line), events: events.join(', ') });
}

export function asChatAppError(cause: unknown): ChatAppError {
  if (cause instanceof ChatAppError) return cause;
  return ChatAppError.of('API_FAILED', 'unreachable', { host: 'ChatApp', status: 'internal error' });
}

/** The earlier error if it says the same: an incident has one error, however often it is tried. */
export function sameIncident(before: CallbackState, error: ChatAppError): ChatAppError {
  const known = 'error' in before ? before.error : undefined;
  return known?.message === error.message && known.code === error.code ? known : error;
}
