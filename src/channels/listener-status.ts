import type { LinesState } from './account-lines';
import type { SubscriptionState } from './subscription';
import type { SupervisorState } from '../socket/supervisor';
import type { Status } from '../status';
import { TOKEN_FAILURES } from '../errors';
import type { CallbackState } from '../webhook/callback-state';

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
  /** True while nothing can be stored. */
  readonly isUnstored?: boolean;
  /** Present where events come by webhook. */
  readonly receive?: 'both' | 'webhook';
  /** How the webhooks of its channels stand; `undefined` for a channel that has none. */
  readonly callbacks?: readonly (CallbackState | undefined)[];
}

/** The listener's status: its own subscriptions', not the socket's, as soon as there is a socket. */
export function statusOf(circumstances: ListenerCircumstances): Status {
  const status = bySources(circumstances);
  return circumstances.isUnstored && status.kind === 'listening' ? { ...status, isUnstored: true } : status;
}

function bySources(circumstances: ListenerCircumstances): Status {
  if (circumstances.receive === 'webhook') return byWebhook(circumstances);
  const status = bySocket(circumstances);
  return circumstances.receive === 'both' ? byBoth(status, circumstances) : status;
}

function bySocket({ socket, subscriptions, lines, recovered, lastEvent }: ListenerCircumstances): Status {
  if (socket.kind === 'idle') return { kind: 'stopped' };
  if (socket.kind !== 'open') return socket;
  if (lines?.kind === 'reading') return { kind: 'authorising' };
  if (lines && lines.kind !== 'known') return lines;

  const total = subscriptions.length;
  const listening = subscriptions.filter(({ kind }) => kind === 'subscribed').length;
  if (listening > 0 && recovered !== undefined) return { kind: 'recovering', recovered };
  return listening > 0 ? listeningTo(listening, total, lines, lastEvent) : ofWorst(subscriptions);
}

function listeningTo(
  listening: number,
  total: number,
  lines: LinesState | undefined,
  lastEvent: number | undefined,
): Status {
  return {
    kind: 'listening',
    ...(lastEvent !== undefined && { lastEvent }),
    ...(lines && { channels: { listening, total } }),
  };
}

/** Events come from either source. A source that does not work has to show in the status. */
function byBoth(
  status: Status,
  { subscriptions, callbacks = [], lines, recovered, lastEvent }: ListenerCircumstances,
): Status {
  if (status.kind === 'stopped' || status.kind === 'recovering') return status;
  const isSet = (at: number): boolean => callbacks[at]?.kind === 'set';
  if (status.kind !== 'listening') {
    if (!callbacks.some((_, at) => isSet(at))) return status;
    return recovered === undefined ? { kind: 'webhookOnly' } : { kind: 'recovering', recovered };
  }
  const taken = callbacks.find((callback) => callback?.kind === 'taken');
  if (taken?.kind === 'taken') return { kind: 'socketOnly', host: taken.host };
  if (callbacks.some((callback) => callback?.kind === 'failed')) return { kind: 'socketOnly' };
  const receiving = subscriptions.filter(({ kind }, at) => kind === 'subscribed' || isSet(at)).length;
  return listeningTo(receiving, subscriptions.length, lines, lastEvent);
}

/** There is no socket at all. */
function byWebhook({ callbacks = [], lines, recovered, lastEvent }: ListenerCircumstances): Status {
  if (lines?.kind === 'reading') return { kind: 'authorising' };
  if (lines && lines.kind !== 'known') return lines;
  const set = callbacks.filter((callback) => callback?.kind === 'set').length;
  if (set > 0 && recovered !== undefined) return { kind: 'recovering', recovered };
  return set > 0 ? listeningTo(set, callbacks.length, lines, lastEvent) : ofWorstCallback(callbacks);
}

/** No webhook is set: the state that most needs someone to act, with its soonest next try. */
function ofWorstCallback(callbacks: readonly (CallbackState | undefined)[]): Status {
  const failed = callbacks.flatMap((callback) => (callback?.kind === 'failed' ? [callback] : []));
  const taken = callbacks.find((callback) => callback?.kind === 'taken');
  const nextTry = Math.min(...failed.map((callback) => callback.nextTry));
  if (failed.some(({ error }) => TOKEN_FAILURES.has(error.code))) return { kind: 'tokenInvalid', nextTry };
  if (taken?.kind === 'taken') return { kind: 'webhookTaken', host: taken.host };
  if (failed.some(({ error }) => error.code === 'WEBHOOK_FAILED')) return { kind: 'refused', nextTry };
  if (failed.length > 0) return { kind: 'waiting', nextTry };
  // No channel at all: the account has no line that fits.
  return { kind: callbacks.length === 0 ? 'refused' : 'authorising' };
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

/** True if a user would see no difference. The times of the last event and of the next attempt count to the minute. */
export function sameStatus(a: Status | undefined, b: Status): boolean {
  return (
    a?.kind === b.kind &&
    a.nextTry === b.nextTry &&
    a.recovered === b.recovered &&
    a.backlog === b.backlog &&
    a.instances === b.instances &&
    a.isUnstored === b.isUnstored &&
    minute(a.nextAttempt) === minute(b.nextAttempt) &&
    a.since === b.since &&
    a.host === b.host &&
    minute(a.lastEvent) === minute(b.lastEvent) &&
    a.channels?.listening === b.channels?.listening &&
    a.channels?.total === b.channels?.total
  );
}

function minute(time: number | undefined): number | undefined {
  return time === undefined ? undefined : Math.floor(time / 60_000);
}
