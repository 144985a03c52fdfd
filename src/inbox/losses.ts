import { ChatAppError, type ErrorParams, type ErrorReason } from '../errors';

interface Period {
  /** In unix seconds. */
  readonly from: number;
  readonly to: number;
}

/** Reports which messages of a gap are not delivered. */
export class Losses {
  readonly #reported = new Set<ErrorReason<'RECOVERY_FAILED'>>();

  constructor(
    /** Whose gap it is, and who gets the errors: `RECOVERY_FAILED`. */
    private readonly target: { readonly channel: string; onLoss(error: ChatAppError): void },
    /** When the gap began, in unix seconds. */
    private readonly from: number,
    /** ChatApp's time, in unix seconds. */
    private readonly serverTime: () => number,
  ) {}

  /** Reports what stays as it is. */
  reportOnce(reason: ErrorReason<'RECOVERY_FAILED'>, params: ErrorParams = {}): void {
    if (!this.#reported.has(reason)) this.report(reason, params);
    this.#reported.add(reason);
  }

  /** @param period default: from the beginning of the gap until now */
  report(reason: ErrorReason<'RECOVERY_FAILED'>, params: ErrorParams, period: Partial<Period> = {}): void {
    const { channel } = this.target;
    const { from = this.from, to = Math.floor(this.serverTime()) } = period;
    const times = { from: asTime(from), to: asTime(to) };
    this.target.onLoss(ChatAppError.of('RECOVERY_FAILED', reason, { channel, ...times, ...params }));
  }
}

/** Unix seconds as errors name them. */
export function asTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
