/** Waits before the next try, all in ms. */
const FIRST = 500;
const SOON = 1_000;
/** Most outages are over by then. */
const USUAL_OUTAGE = 15_000;
/** Nearly all others, such as a restart of the server, are over by then. */
const RESTARTS = 120_000;
/** With the spread, 4.5 s and 45 s at most. */
const MAX_DELAY_AT_FIRST = 3_000;
const MAX_DELAY = 30_000;

export interface ReconnectTry {
  /** 0 for the first try after a loss. */
  readonly attempt: number;
  /** How many tries were made since the outage became a long one. */
  readonly slowAttempt: number;
  /** How long the outage has lasted, in ms. */
  readonly downFor: number;
  /** Gives numbers from 0 up to, not including, 1. */
  readonly random: () => number;
}

/**
 * How long to wait before opening the socket again, in ms: half a second at first, then about a second while most
 * outages last, then doubling up to 3 s, and after 2 min up to 30 s. Each is spread by half either way, so that a thousand clients do not come
 * back at once. `slow` tells whether the outage has become a long one.
 */
export function reconnectDelay({ attempt, slowAttempt, downFor, random }: ReconnectTry): {
  wait: number;
  slow: boolean;
} {
  const slow = attempt > 0 && downFor >= USUAL_OUTAGE;
  const longest = downFor < RESTARTS ? MAX_DELAY_AT_FIRST : MAX_DELAY;
  const usual = attempt === 0 ? FIRST : slow ? Math.min(longest, SOON * 2 ** (slowAttempt + 1)) : SOON;
  return { wait: usual * (0.5 + random()), slow };
}
