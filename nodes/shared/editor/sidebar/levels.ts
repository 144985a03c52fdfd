import type { ChannelHealth, ConnectionHealth, HealthEntry, ListenerHealth, SenderHealth } from '../../health-answers';

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

/** What is missing in this run, and stays missing. */
function lossLevel({ skipped }: ChannelHealth): Level {
  const lost = (skipped.refusedChat ?? 0) + (skipped.cutChat ?? 0) + (skipped.unreadable ?? 0);
  return lost > 0 ? 'warn' : 'off';
}

export function listenerLevel(listener: ListenerHealth, ageOf: (at: number) => number): Level {
  if (listener.deadLetters > 0 || listener.status === 'configInvalid') return 'bad';
  if (listener.oldest !== undefined && ageOf(listener.oldest) > LONG_WAIT) return 'warn';
  return listener.waiting + listener.inFlight > 0 ? 'busy' : 'ok';
}

export function senderLevel({ refused, uncertain, queued }: SenderHealth): Level {
  if (uncertain > 0 || Object.values(refused).some((count) => count > 0)) return 'warn';
  return queued > 0 ? 'busy' : 'ok';
}
