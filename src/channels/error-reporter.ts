import type { Clock } from '../clock';
import { TOKEN_FAILURES, type ChatAppError } from '../errors';

/** Errors that last longer are reported; shorter ones appear in the status only, in ms. */
const REPORT_AFTER = 15_000;

interface FailingSource {
  readonly since: number;
  readonly reported: Set<string>;
}

/**
 * Reports an error that many sources share once, for instance if the API is down and a thousand channels fail. The error
 * is reported again only after all of its sources have recovered.
 */
export class ErrorReporter {
  readonly #sources = new Map<string, FailingSource>();

  constructor(
    private readonly clock: Clock,
    private readonly report: (error: ChatAppError) => void,
  ) {}

  /** `source` has failed with `error`. A token error is reported at once: nothing works until someone acts. */
  failed(source: string, error: ChatAppError): void {
    const now = this.clock.monotonic();
    const entry = this.#sources.get(source) ?? { since: now, reported: new Set() };
    this.#sources.set(source, entry);
    if (!TOKEN_FAILURES.has(error.code) && now - entry.since < REPORT_AFTER) return;
    const kind = `${error.code}.${error.reason}`;
    const isReported = [...this.#sources.values()].some(({ reported }) => reported.has(kind));
    entry.reported.add(kind);
    if (!isReported) this.report(error);
  }

  /** `source` works again, or is no longer wanted. */
  recovered(source: string): void {
    this.#sources.delete(source);
  }
}
