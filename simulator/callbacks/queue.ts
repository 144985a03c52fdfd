import { setTimeout as pause } from 'node:timers/promises';
import type { CallbackFaults } from '../faults/contract';
import type { CallbackOptions, CallbackUrl } from './contract';
import type { Poster } from './poster';

/** What is posted, and where to. */
export interface Callback {
  readonly to: CallbackUrl;
  readonly event: string;
  readonly envelope: unknown;
}

interface QueueRules extends Required<Omit<CallbackOptions, 'timeoutMs' | 'events'>> {
  readonly poster: Poster;
  readonly faults: () => CallbackFaults;
  readonly signal: AbortSignal;
  readonly changed: () => void;
}

/** The callbacks of one messenger, one after the other. */
export class Queue {
  readonly #rules: QueueRules;
  readonly #waiting: Callback[] = [];
  #isWorking = false;

  constructor(rules: QueueRules) {
    this.#rules = rules;
  }

  /** How many are not over. */
  get length(): number {
    return this.#waiting.length;
  }

  add(callback: Callback): void {
    this.#waiting.push(callback);
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      await this.#deliver(next).catch(() => undefined);
      this.#waiting.shift();
      this.#rules.changed();
    }
    this.#isWorking = false;
  }

  /** Faults count from the moment they are set, so they are read again at each step. */
  async #deliver(callback: Callback): Promise<void> {
    for (let time = 0; time < (this.#rules.faults().times ?? 1); time += 1) await this.#tryOften(callback);
  }

  async #tryOften({ to, event, envelope }: Callback): Promise<void> {
    const { tries, waitMs, poster, signal } = this.#rules;
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      if (attempt > 1) await pause(waitMs, undefined, { ref: false, signal });
      const { delayMs } = this.#rules.faults();
      if (delayMs !== undefined) await pause(delayMs, undefined, { ref: false, signal });
      const { down = false, form, hangUps = 0 } = this.#rules.faults();
      if (down || signal.aborted) return;
      const body = JSON.stringify(form === 'array' ? [envelope] : envelope);
      const status = await poster.post({ to, event, body, attempt, hangsUp: attempt <= hangUps });
      if (status >= 200 && status < 300) return;
    }
  }
}
