import { ApiError } from '../api/api-error';
import type { Line } from '../api/lines';
import { isNoProgress } from '../api/read-failures';
import { retryDelay } from '../retry-delay';

const FIRST_RETRY = 1_000;
const MAX_RETRY = 30_000;
/** The same for what is refused or leads nowhere, in ms: that does not pass soon. */
const MAX_REFUSED_RETRY = 10 * 60_000;

/** Something of a line could not be read; or, without a line, which lines there are. */
export interface Failure {
  readonly line: Line | undefined;
  readonly error: unknown;
}

/**
 * True if a further attempt will hardly change anything.
 * @param refused the lines whose lists ChatApp does not give
 */
export function willLast(failures: readonly Failure[], refused: ReadonlySet<Failure['line']>): boolean {
  return failures.every(({ line, error }) => refused.has(line) || isNoProgress(error));
}

/** How long to wait before the next attempt, in ms. */
export function waitAfter(
  failures: readonly Failure[],
  attempt: number,
  isLasting: boolean,
  random: () => number,
): number {
  const requested = failures.map(({ error }) => (error instanceof ApiError ? (error.retryAfter ?? 0) : 0));
  const longest = isLasting ? MAX_REFUSED_RETRY : MAX_RETRY;
  return Math.max(...requested, retryDelay(attempt, FIRST_RETRY, longest, random));
}
