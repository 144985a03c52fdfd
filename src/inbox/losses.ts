import type { ApiError } from '../api/api-error';
import { ChatAppError, type ErrorParams, type ErrorReason } from '../errors';

interface Period {
  /** In unix seconds. */
  readonly from: number;
  readonly to: number;
}

export interface LossesOptions {
  readonly channel: string;
  /** When the gap began, in unix seconds. */
  readonly from: number;
  /** ChatApp's time, in unix seconds. */
  readonly serverTime: () => number;
  /** `RECOVERY_FAILED`: some messages are not delivered. */
  readonly onLoss: (error: ChatAppError) => void;
}

/** Reports which messages of a gap are not delivered. What stays as it is, is reported once. */
export class Losses {
  #isRefusalReported = false;
  #isNoProgressReported = false;

  constructor(private readonly options: LossesOptions) {}

  /** ChatApp does not give the list of a line, or of the lines. */
  refused({ status }: ApiError): void {
    if (!this.#isRefusalReported) this.report('refused', { status: status ?? '' });
    this.#isRefusalReported = true;
  }

  /** A list repeats, or leads nowhere. */
  noProgress(): void {
    if (!this.#isNoProgressReported) this.report('noProgress');
    this.#isNoProgressReported = true;
  }

  /** @param period default: from the beginning of the gap until now */
  report(reason: ErrorReason<'RECOVERY_FAILED'>, params: ErrorParams = {}, period: Partial<Period> = {}): void {
    const { channel, onLoss, serverTime } = this.options;
    const { from = this.options.from, to = Math.floor(serverTime()) } = period;
    const times = { from: asTime(from), to: asTime(to) };
    onLoss(ChatAppError.of('RECOVERY_FAILED', reason, { channel, ...times, ...params }));
  }
}

/** Unix seconds as errors name them. */
export function asTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
