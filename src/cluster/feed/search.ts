import { lineNamed } from '../../api/lines';
import { ApiError } from '../../api/api-error';
import type { History, HistoryQuery } from '../../api/history';
import { isRefusal, ReadFailures } from '../../api/read-failures';
import { pause, type Clock } from '../../clock';
import { ChatAppError, type ErrorParams, type ErrorReason } from '../../errors';
import { retryDelay } from '../../retry-delay';
import type { RecoveredItem } from './channel-feed';
import { OVERLAP } from './line-position';
import { MOST_MISSED, readMissed, type Gap, type Missed } from './missed';
import type { Positions } from './positions';

const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;

/** The same for all channels. */
export interface SearchOptions {
  readonly positions: Positions;
  readonly readHistory: (query: HistoryQuery) => Promise<History>;
  readonly clock: Clock;
  readonly random: () => number;
  /** How far back messages are fetched, in hours; 0 for never. */
  readonly hours: number;
}

/** Who is told how it goes with one channel's history. */
export interface SearchTold {
  /** The history cannot be read now; it is tried again. */
  readonly onFailure: (error: ChatAppError) => void;
  /** There is nothing left to try again. */
  readonly onSuccess: () => void;
  /** `RECOVERY_FAILED`: some messages will not come. */
  readonly onLoss: (error: ChatAppError) => void;
}

/** Finds what was missed on a channel in ChatApp's history, and tells what is not to be found there. */
export class Search {
  /** Something of the history was refused, or did not end, when it was last asked for. */
  #hadProblem = false;

  constructor(
    private readonly channel: string,
    private readonly options: SearchOptions,
    private readonly told: SearchTold,
  ) {}

  /** The lines that have been heard before, and since when each is missing. What is too old to fetch is told. */
  gaps(now: number): Gap[] {
    const { channel } = this;
    const { positions, hours } = this.options;
    if (hours === 0) return [];
    const earliest = now - hours * 3_600;
    const heard = positions.heard(channel) ?? now;
    const lines = [...positions.lines(channel)];
    if (lines.length > 0 && heard < earliest) this.#lose('tooOld', heard, earliest, { hours });
    return lines.flatMap(([name, position]) => {
      const line = lineNamed(name);
      return line ? [{ line, since: Math.max(position.since - OVERLAP, earliest) }] : [];
    });
  }

  /**
   * The messages of the gaps, in the order in which they were written; reads for as long as it takes, or until
   * `signal` gives it up. What is lost is told; of a refused look that `isGap` is not, only the first one.
   */
  async messages(
    gaps: readonly Gap[],
    now: number,
    isGap: boolean,
    signal: AbortSignal,
    more: Pick<HistoryQuery, 'alsoChats' | 'isAwaited' | 'onPage'>,
  ): Promise<readonly RecoveredItem[]> {
    const since = Math.min(...gaps.map((gap) => gap.since));
    const missed = await this.#read(gaps, signal, more);
    this.told.onSuccess();
    if (!missed) return [];
    const [refusal] = missed instanceof ApiError ? [missed] : missed.refused;
    // A look every few minutes would otherwise say so each time.
    const isKnown = !isGap && this.#hadProblem;
    this.#hadProblem = refusal !== undefined || (!(missed instanceof ApiError) && missed.isIncomplete);
    const lose = (reason: ErrorReason<'RECOVERY_FAILED'>, more: ErrorParams = {}): void =>
      this.#lose(reason, since, now, more);
    const status = refusal?.status ?? '';
    if (missed instanceof ApiError) {
      if (!isKnown) lose('refused', { status });
      return [];
    }
    const { messages, cutChats, isIncomplete, refused } = missed;
    if (refusal && !isKnown) lose('chatsRefused', { status, count: refused.length });
    if (isIncomplete && !isKnown) lose('noProgress');
    if (cutChats > 0) lose('tooMany', { limit: MOST_MISSED, count: cutChats });
    return messages;
  }

  /** Reads the history of all lines, for as long as it takes; gives back a refusal, and nothing where it was given up. */
  async #read(
    gaps: readonly Gap[],
    signal: AbortSignal,
    more: Pick<HistoryQuery, 'alsoChats' | 'isAwaited' | 'onPage'>,
  ): Promise<Missed | ApiError | undefined> {
    const { clock, random, readHistory } = this.options;
    const failures = new ReadFailures(clock);
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        return await readMissed(readHistory, gaps, { ...more, signal });
      } catch (error) {
        // The path names the line.
        if (error instanceof ApiError && failures.classify(String(error.params.path), error) === 'refused')
          return error;
        // A refusal is told once it is certain.
        if (error instanceof ChatAppError && !isRefusal(error)) this.told.onFailure(error);
        // A run that was given up ends its pause, and with it the loop.
        await pause(clock, retryDelay(attempt, FIRST_RETRY, LONGEST_RETRY, random), signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  #lose(reason: ErrorReason<'RECOVERY_FAILED'>, from: number, to: number, more: ErrorParams): void {
    const span = { channel: this.channel, from: asDate(from), to: asDate(to) };
    this.told.onLoss(ChatAppError.of('RECOVERY_FAILED', reason, { ...span, ...more }));
  }
}

function asDate(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
