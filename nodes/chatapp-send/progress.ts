import { ChatAppError } from '../../src/errors';
import type { SendStatus, SendStatusKind } from '../shared/send-status';

/** A message on its way. */
export interface Work {
  /** Its next try is due at that time, in ms since the epoch; `undefined`: it begins. */
  wait(nextTry: number | undefined): void;
  /** It was taken, or not, with this error. `now` in ms since the epoch. */
  end(now: number, error?: unknown): void;
}

/** How the messages of one send node get on, in one status: failure first, then work, then the last outcome. */
export class Progress {
  /** The messages under way, with the time of the next try where they wait for one. */
  readonly #works = new Map<Work, number | undefined>();
  #shown = '';

  constructor(private readonly show: (status: SendStatus) => void) {}

  begin(): Work {
    const work: Work = {
      wait: (nextTry) => {
        this.#works.set(work, nextTry);
        this.#tell({ kind: 'sending' });
      },
      end: (now, error) => {
        this.#works.delete(work);
        this.#tell(error === undefined ? { kind: 'sent', at: now } : { kind: failureOf(error) });
      },
    };
    work.wait(undefined);
    return work;
  }

  #tell(outcome: SendStatus): void {
    const tries = [...this.#works.values()].filter((nextTry) => nextTry !== undefined);
    const work: SendStatus = tries.length > 0 ? { kind: 'waiting', at: Math.min(...tries) } : { kind: 'sending' };
    const status = this.#works.size > 0 ? work : outcome;
    // A busy flow must not flood the editor with what it shows already: `sent` has minutes only.
    const shown = JSON.stringify({ ...status, ...(status.kind === 'sent' && { at: minuteOf(status.at ?? 0) }) });
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.show(status);
  }
}

function failureOf(error: unknown): SendStatusKind {
  const code = error instanceof ChatAppError ? error.code : undefined;
  if (code === 'CONFIG_INVALID') return 'configInvalid';
  if (error instanceof ChatAppError && error.reason === 'loop') return 'loop';
  return code === 'SEND_UNCERTAIN' ? 'uncertain' : 'notSent';
}

function minuteOf(time: number): number {
  return Math.floor(time / 60_000);
}
