import type { Clock } from '../clock';
import type { Log } from '../log';

/** How long the same kind of refusal is not written again, in ms: a flood must not fill the log too. */
const QUIET = 5 * 60_000;

/** Why a callback is refused, in words for the log, and the HTTP status that says so. */
export const REFUSALS = {
  method: { status: 404, text: 'is no POST' },
  secret: { status: 404, text: 'has a wrong secret' },
  line: { status: 404, text: 'is for a line that nobody listens to' },
  notYet: { status: 503, text: 'came before the lines of the account were known' },
  notStored: { status: 503, text: 'could not be stored in time' },
  tooMany: { status: 503, text: 'came while too many others were at work' },
  tooLarge: { status: 413, text: 'is larger than 1 MB' },
  tooSlow: { status: 408, text: 'took too long to arrive' },
  gone: { status: 408, text: 'was broken off' },
  notJson: { status: 400, text: 'is not JSON' },
} as const satisfies Record<string, { readonly status: number; readonly text: string }>;

export type RefusalKind = keyof typeof REFUSALS;

/** Writes each kind of refusal into the log once in a while, however often it happens. */
export class Refusals {
  readonly #reportedAt = new Map<RefusalKind, number>();
  readonly #unreported = new Map<RefusalKind, number>();

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The status of the answer. */
  refuse(kind: RefusalKind): number {
    const { status, text } = REFUSALS[kind];
    const now = this.clock.monotonic();
    const reportedAt = this.#reportedAt.get(kind);
    if (reportedAt !== undefined && now - reportedAt < QUIET) {
      this.#unreported.set(kind, (this.#unreported.get(kind) ?? 0) + 1);
      return status;
    }
    const unreported = this.#unreported.get(kind) ?? 0;
    const more = unreported > 0 ? `, like ${unreported} before` : '';
    this.log.warn(`A callback was refused with ${status}: it ${text}${more}`);
    this.#reportedAt.set(kind, now);
    this.#unreported.delete(kind);
    return status;
  }
}
