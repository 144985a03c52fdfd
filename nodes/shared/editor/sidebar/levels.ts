import type {
  ChannelHealth,
  ConnectionHealth,
  HealthEntry,
  ListenerHealth,
  SenderHealth,
  SkipReason,
} from '../../health-answers';

/**
 * How much something needs somebody.
 *
 * `bad`  it does not work, or something is lost, until somebody acts
 * `warn` it does not work now; it is tried again by itself
 * `busy` something is being done that ends by itself
 * `ok`   it works
 * `off`  nobody needs it
 */
export type Level = 'bad' | 'warn' | 'busy' | 'ok' | 'off';

/** The most urgent first. */
const LEVELS: readonly Level[] = ['bad', 'warn', 'busy', 'ok', 'off'];

/** In ms. An event that a flow has not finished for so long is worth a look. */
const LONG_WAIT = 600_000;

/** Of these, messages are missing, and stay so. */
const LOST = ['refusedChat', 'cutChat', 'unreadable'] as const;

export function worst(levels: readonly Level[]): Level {
  return LEVELS.find((level) => levels.includes(level)) ?? 'off';
}

/** Orders by urgency, as a function for sorting does. */
export function byLevel(one: Level, other: Level): number {
  return LEVELS.indexOf(one) - LEVELS.indexOf(other);
}

export function needsAttention(level: Level): boolean {
  return level === 'bad' || level === 'warn';
}

/** What concerns the connection itself. */
export function connectionLevel({ problems, health }: HealthEntry): Level {
  if (problems.length > 0 || !health) return 'bad';
  return worst([loginLevel(health), socketLevel(health), clusterLevel(health), health.store.isWorking ? 'ok' : 'bad']);
}

export function loginLevel({ login }: ConnectionHealth): Level {
  if (login.state === 'failed') return 'bad';
  return login.state === 'ok' ? 'ok' : 'off';
}

export function socketLevel({ socket }: ConnectionHealth): Level {
  if (!socket) return 'off';
  return ({ idle: 'off', connecting: 'busy', open: 'ok', waiting: 'warn', refused: 'bad' } as const)[socket.state];
}

export function clusterLevel({ cluster }: ConnectionHealth): Level {
  if (!cluster) return 'off';
  if (cluster.failure) return 'bad';
  return ({ joining: 'busy', leader: 'ok', standby: 'ok', lost: 'bad' } as const)[cluster.role];
}

export function channelLevel(channel: ChannelHealth): Level {
  return worst([stateLevel(channel), webhookLevel(channel), gapLevel(channel), lossLevel(channel)]);
}

function stateLevel({ state }: ChannelHealth): Level {
  const levels = { receiving: 'ok', subscribing: 'busy', disconnected: 'warn', waiting: 'warn' } as const;
  return state === 'refused' || state === 'tokenInvalid' ? 'bad' : levels[state];
}

export function webhookLevel({ webhook }: ChannelHealth): Level {
  if (!webhook) return 'off';
  if (webhook.state === 'set') return webhook.failure ? 'warn' : 'ok';
  return ({ setting: 'busy', taken: 'bad', failed: 'warn' } as const)[webhook.state];
}

function gapLevel({ gap, state }: ChannelHealth): Level {
  if (!gap) return 'off';
  return gap.failure && state === 'receiving' ? 'warn' : 'busy';
}

function lossLevel(channel: ChannelHealth): Level {
  return lostOf(channel).length > 0 ? 'warn' : 'off';
}

/** Why messages of this run are missing, and stay so. */
export function lostOf({ skipped }: ChannelHealth): SkipReason[] {
  return LOST.filter((reason) => (skipped[reason] ?? 0) > 0);
}

export function listenerLevel(listener: ListenerHealth, ageOf: (at: number) => number): Level {
  if (listener.deadLetters > 0 || listener.status === 'configInvalid') return 'bad';
  const isLate = listener.oldest !== undefined && ageOf(listener.oldest) > LONG_WAIT;
  if (isLate || listener.nextAttempt !== undefined) return 'warn';
  return listener.waiting + listener.inFlight > 0 ? 'busy' : 'ok';
}

export function senderLevel({ refused, uncertain, queued }: SenderHealth): Level {
  if (uncertain > 0 || Object.values(refused).some((count) => count > 0)) return 'warn';
  return queued > 0 ? 'busy' : 'ok';
}
