import type { Line } from '../api/lines';
import type { Clock, Timer } from '../clock';
import { ChatAppError } from '../errors';
import { retryDelay } from '../socket/back-off';

/** How often the account's lines are read again, so that new lines join by themselves, in ms. */
const READ_EVERY = 10 * 60_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;

export type LinesState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'known'; readonly lines: readonly Line[] }
  | { readonly kind: 'failed'; readonly nextTry: number };

export interface LineWatchOptions {
  readonly read: () => Promise<Line[]>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onChange: () => void;
  readonly onFailure: (error: ChatAppError) => void;
  readonly onSuccess: () => void;
}

/** Knows the account's lines while somebody listens to all of them. */
export class LineWatch {
  #state: LinesState = { kind: 'reading' };
  #timer: Timer | undefined;
  #turn = 0;
  #failures = 0;

  constructor(private readonly options: LineWatchOptions) {}

  get state(): LinesState {
    return this.#state;
  }

  /** Reads the lines now, and from now on every 10 min. */
  start(): void {
    void this.#read();
  }

  /** Reads no more; what is known stays known. */
  stop(): void {
    this.#newTurn();
  }

  async #read(): Promise<void> {
    const turn = this.#newTurn();
    const { read, onChange, onSuccess } = this.options;
    try {
      const lines = await read();
      if (turn !== this.#turn) return;
      this.#failures = 0;
      this.#state = { kind: 'known', lines };
      this.#again(READ_EVERY);
      onSuccess();
      onChange();
    } catch (error) {
      if (turn === this.#turn) this.#failed(error);
    }
  }

  /** Lines that are known already stay: a failed look does not end a subscription. */
  #failed(error: unknown): void {
    const { clock, random, onFailure, onChange } = this.options;
    const wait = retryDelay(this.#failures, FIRST_RETRY, LONGEST_RETRY, random);
    this.#failures += 1;
    this.#again(wait);
    if (this.#state.kind !== 'known') this.#state = { kind: 'failed', nextTry: clock.now() + wait };
    if (error instanceof ChatAppError) onFailure(error);
    onChange();
  }

  #again(wait: number): void {
    this.#timer = this.options.clock.after(wait, () => void this.#read());
  }

  #newTurn(): number {
    this.#timer?.cancel();
    return ++this.#turn;
  }
}
