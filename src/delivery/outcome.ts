/** How an attempt to deliver an event ended. After `failed` another one follows, unless it was the last; after `giveUp` none. */
export type Outcome = 'done' | 'failed' | 'giveUp';

/** What is known of an attempt that did not end well. */
export interface Failure {
  /** How long the next attempt has to wait at least, in ms. @default 0 */
  readonly retryAfter?: number;
  /** What went wrong, for those who read the error about a dead letter. */
  readonly cause?: string;
}

/** The HTTP status or the system code in a cause, without the words that follow: those may hold anything. */
export function statusIn(cause: string | undefined): string | undefined {
  return /^status (\d{3}|E[A-Z_]{2,30})\b/.exec(cause ?? '')?.[1];
}
