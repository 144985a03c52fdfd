import { ApiError } from '../api/api-error';
import { ChatAppError, TOKEN_FAILURES } from '../errors';
import { retryDelay } from '../retry-delay';

const FIRST_RETRY = 5_000;
const MAX_RETRY = 5 * 60_000;
/** How often ChatApp is asked while there is no usable token, in ms. */
const TOKEN_RETRY = 5 * 60_000;

/** How long to wait before the next try, in ms, after `failures` in a row before the one due to `cause`. */
export function waitAfter(failures: number, cause: unknown, random: () => number): number {
  if (cause instanceof ChatAppError && TOKEN_FAILURES.has(cause.code)) return TOKEN_RETRY;
  const asked = cause instanceof ApiError ? (cause.retryAfter ?? 0) : 0;
  return Math.max(asked, retryDelay(failures, FIRST_RETRY, MAX_RETRY, random));
}
