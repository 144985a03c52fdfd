import { ApiError } from './api/api-error';
import type { LineEntry } from './api/entry';
import { shownTime, type Clock } from './clock';
import { Deadline } from './deadline';
import { ChatAppError } from './errors';
import { errorOf, lost, type SocketEnd } from './socket/end';
import type { Socket, SocketHandlers } from './socket/socket';

/** How long the whole check may take, in ms. */
const CHECK_WITHIN = 14_000;

export interface CheckStep {
  readonly step: 'login' | 'lines' | 'socket' | 'cluster';
  /** `skipped`: the step before failed, without which it makes no sense, or no socket is wanted. */
  readonly outcome: 'ok' | 'failed' | 'skipped';
  /** Why it failed. */
  readonly error?: ChatAppError;
  /** How many lines and messengers the account has (`lines`). */
  readonly lines?: number;
  readonly messengers?: number;
}

export interface CheckOptions {
  /** Resolves where ChatApp takes the credentials. */
  readonly login: () => Promise<unknown>;
  readonly readLines: () => Promise<readonly LineEntry[]>;
  /** Absent where no socket is wanted. */
  readonly openSocket?: (handlers: SocketHandlers) => Socket;
  /** Resolves if NATS can be used. Absent if none is wanted: then it has no step. */
  readonly probeCluster?: () => Promise<void>;
  /** Named in errors. */
  readonly apiHost: string;
  readonly socketHost: string;
  readonly clock: Clock;
  /** Gets each step as soon as it is known. */
  readonly onStep: (step: CheckStep) => void;
  /** Ends the check: from then on nothing is reported or begun. */
  readonly signal?: AbortSignal;
}

/**
 * Tries what a connection needs: login, socket and NATS at the same time. Resolves when every step was reported, within
 * 14 s; what has not ended by then has failed.
 */
export async function runCheck(options: CheckOptions): Promise<void> {
  const { clock, apiHost, signal } = options;
  if (signal?.aborted) return;
  const deadline = new Deadline(clock, CHECK_WITHIN, () => ApiError.timeout(apiHost, CHECK_WITHIN));
  const end = (): void => deadline.end();
  const onStep = (step: CheckStep): void => {
    if (!deadline.ended) options.onStep(step);
  };
  signal?.addEventListener('abort', end, { once: true });
  try {
    const reported = { ...options, onStep };
    await Promise.all([
      checkAccount(reported, deadline),
      checkSocket(reported, deadline),
      checkCluster(reported, deadline),
    ]);
  } catch (error) {
    if (!deadline.ended) throw error;
  } finally {
    signal?.removeEventListener('abort', end);
    end();
  }
}

async function checkAccount({ login, readLines, onStep }: CheckOptions, deadline: Deadline): Promise<void> {
  const refused = await failureOf(deadline.within(login()));
  onStep({ step: 'login', ...outcomeOf(refused) });
  if (refused) return onStep({ step: 'lines', outcome: 'skipped' });
  let found: readonly LineEntry[] = [];
  const unread = await failureOf(deadline.within(readLines().then((lines) => (found = lines))));
  if (unread) return onStep({ step: 'lines', ...outcomeOf(unread) });
  const messengers = found.reduce((count, line) => count + line.messengers.length, 0);
  onStep({ step: 'lines', outcome: 'ok', lines: found.length, messengers });
}

async function checkSocket({ openSocket, socketHost, clock, onStep }: CheckOptions, deadline: Deadline): Promise<void> {
  if (!openSocket) return onStep({ step: 'socket', outcome: 'skipped' });
  const begun = shownTime(clock);
  const nothing = (): void => undefined;
  let settle: (end?: SocketEnd) => void = nothing;
  const settled = new Promise<SocketEnd | undefined>((resolve) => (settle = resolve));
  const socket = openSocket({
    receiver: { onSubscribed: nothing, onRefused: nothing, isWanted: () => false, onEvent: nothing },
    onEstablished: () => settle(),
    onEnd: (end) => settle(end),
  });
  try {
    const end = await deadline.within(settled).catch(() => lost('no handshake'));
    onStep({ step: 'socket', ...outcomeOf(end && errorOf(end, socketHost, begun)) });
  } finally {
    socket.close();
  }
}

async function checkCluster({ probeCluster, onStep }: CheckOptions, deadline: Deadline): Promise<void> {
  if (probeCluster) onStep({ step: 'cluster', ...outcomeOf(await failureOf(deadline.within(probeCluster()))) });
}

/** The error out of the closed list with which `attempt` fails; `undefined` where it does not. */
async function failureOf(attempt: Promise<unknown>): Promise<ChatAppError | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof ChatAppError) return error;
    throw error;
  }
}

function outcomeOf(error: ChatAppError | undefined): Pick<CheckStep, 'outcome' | 'error'> {
  return error ? { outcome: 'failed', error } : { outcome: 'ok' };
}
