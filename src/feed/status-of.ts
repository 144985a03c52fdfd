import type { SupervisorState } from '../socket/supervisor';
import type { Status } from '../status';
import type { LinesState } from './line-watch';
import type { SubscriptionState } from './subscription';

/** What the status of one listener follows from. */
export interface ListenerCircumstances {
  readonly socket: SupervisorState;
  /** Its channels. */
  readonly subscriptions: readonly SubscriptionState[];
  /** Present for a listener whose channels follow from the account's lines. */
  readonly lines?: LinesState;
  /** How many missed messages were fetched so far, where that is under way. */
  readonly recovered?: number;
  /** When its last event came, ms since the epoch. */
  readonly lastEvent?: number;
}

/** The listener's status: its own subscriptions', not the socket's, as soon as there is a socket. */
export function statusOf({ socket, subscriptions, lines, recovered, lastEvent }: ListenerCircumstances): Status {
  if (socket.kind === 'idle') return { kind: 'stopped' };
  if (socket.kind !== 'open') return socket;
  if (lines?.kind === 'reading') return { kind: 'authorising' };
  if (lines && lines.kind !== 'known') return lines;

  const total = subscriptions.length;
  const listening = subscriptions.filter(({ kind }) => kind === 'subscribed').length;
  if (listening > 0 && recovered !== undefined) return { kind: 'recovering', recovered };
  if (listening > 0) {
    return {
      kind: 'listening',
      ...(lastEvent !== undefined && { lastEvent }),
      ...(lines && { channels: { listening, total } }),
    };
  }
  return ofWorst(subscriptions);
}

/** Nothing is listening: the state that most needs someone to act, with its soonest next try. */
function ofWorst(subscriptions: readonly SubscriptionState[]): Status {
  for (const kind of ['tokenInvalid', 'refused', 'waiting'] as const) {
    const tries = subscriptions.flatMap((state) => (state.kind === kind ? [state.nextTry] : []));
    if (tries.length > 0) return { kind, nextTry: Math.min(...tries) };
  }
  // No channel at all: the account has no line that fits.
  return { kind: subscriptions.length === 0 ? 'refused' : 'authorising' };
}

/** True where a user would see no difference. The time of the last event counts to the minute. */
export function sameStatus(a: Status | undefined, b: Status): boolean {
  return (
    a?.kind === b.kind &&
    a.nextTry === b.nextTry &&
    a.recovered === b.recovered &&
    minute(a.lastEvent) === minute(b.lastEvent) &&
    a.channels?.listening === b.channels?.listening &&
    a.channels?.total === b.channels?.total
  );
}

function minute(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(time / 60_000);
}
