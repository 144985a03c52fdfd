import type { Clock } from '../clock';
import { retryDelay } from '../retry-delay';
import { ApiError } from './api-error';

/** How far apart two refusals have to be for the second one to count, in ms: an outage may answer 404 for a while. */
export const CONFIRM_AFTER = 60_000;
const FIRST_RETRY = 1_000;
const MAX_RETRY = 30_000;
/** The same for what is refused or leads nowhere, in ms: that does not pass soon. */
const MAX_REFUSED_RETRY = 10 * 60_000;
/** What a server answers if something does not exist, or is not for us. */
const REFUSALS: readonly (number | undefined)[] = [403, 404, 410];

/** `passing`: it is tried again; `refused`: ChatApp does not give this, however often it is asked. */
export type ReadFailure = 'passing' | 'refused';

/** Decides whether it is worth reading something again that could not be read. */
export class ReadFailures {
  /** When each thing was first refused, in monotonic ms. */
  readonly #refusedAt = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'monotonic'>) {}

  /** @param subject what could not be read, such as the list of a line or the messages of a chat */
  classify(subject: string, error: unknown): ReadFailure {
    if (!isRefusal(error)) return 'passing';
    const now = this.clock.monotonic();
    const first = this.#refusedAt.get(subject) ?? now;
    this.#refusedAt.set(subject, first);
    if (now - first < CONFIRM_AFTER) return 'passing';
    this.#refusedAt.delete(subject);
    return 'refused';
  }

  /** It was read: an earlier refusal counts no more. */
  succeeded(subject: string): void {
    this.#refusedAt.delete(subject);
  }
}

/** True if ChatApp says that it does not give this. A dead token says nothing about what was asked for. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && !error.invalidToken && REFUSALS.includes(error.status);
}

/** True if a list repeats or does not end. */
export function isNoProgress(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'noProgress';
}

/**
 * How long to wait before what has failed is read again, in ms.
 * @param attempt how often that was done, from 0
 * @param isLasting true if a further attempt will hardly change anything
 */
export function readAgainAfter(
  errors: readonly unknown[],
  attempt: number,
  isLasting: boolean,
  random: () => number,
): number {
  const requested = errors.map((error) => (error instanceof ApiError ? (error.retryAfter ?? 0) : 0));
  return Math.max(...requested, retryDelay(attempt, FIRST_RETRY, isLasting ? MAX_REFUSED_RETRY : MAX_RETRY, random));
}
