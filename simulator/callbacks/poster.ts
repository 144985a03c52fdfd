import type { RequestLog } from '../request-log';
import type { CallbackUrl } from './contract';
import { post } from './post';

interface PosterRules {
  readonly requestLog: RequestLog;
  /** In ms since the epoch. */
  readonly now: () => number;
  /** In ms. */
  readonly timeoutMs: number;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

interface Letter {
  readonly to: CallbackUrl;
  readonly event: string;
  readonly body: string;
  readonly attempt: number;
  readonly hangsUp?: boolean;
}

/** Posts to webhook addresses, and notes it. */
export class Poster {
  readonly #rules: PosterRules;

  constructor(rules: PosterRules) {
    this.#rules = rules;
  }

  /** Resolves with the status of the answer, or with 0 where none came. */
  async post({ to, event, body, attempt, hangsUp = false }: Letter): Promise<number> {
    const { requestLog, now, timeoutMs, signal } = this.#rules;
    const { url, licenseId, messengerType } = to;
    const about = { method: 'POST', url, licenseId, messengerType, event, attempt } as const;
    const entry = requestLog.delivery({ ...about, at: now(), status: undefined });
    const status = await post(url, body, { timeoutMs, hangsUp, signal });
    requestLog.answered(entry, status);
    return status;
  }

  /** As ChatApp does before it keeps an address: a POST with an empty body, to be answered with 2xx. */
  async probe(to: CallbackUrl): Promise<boolean> {
    const status = await this.post({ to, event: '', body: '', attempt: 1 });
    return status >= 200 && status < 300;
  }
}
