import { ApiError } from '../api/api-error';
import type { Line } from '../api/lines';
import type { Clock, Timer } from '../clock';
import { ChatAppError, TOKEN_TROUBLES } from '../errors';
import { retryDelay } from '../retry-delay';

/** How often the account's lines are read again, so that new lines join by themselves, in ms. */
const READ_EVERY = 10 * 60_000;
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;
/** How often they are asked for while there is no usable token, in ms. */
const TOKEN_RETRY = 5 * 60_000;

export type LinesState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'known'; readonly lines: readonly Line[] }
  | { readonly kind: 'waiting' | 'tokenInvalid'; readonly nextTry: number };

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
  #isRunning = false;
  #timer: Timer | undefined;
  #turn = 0;
  #failures = 0;

  constructor(private readonly options: LineWatchOptions) {}

  get state(): LinesState {
    return this.#state;
  }

  /** Reads the lines now, and from now on every 10 min, unless it does so already. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#read();
  }

  /** Reads no more; what is known stays known. */
  stop(): void {
    this.#isRunning = false;
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
    const needsToken = error instanceof ChatAppError && TOKEN_TROUBLES.has(error.code);
    const usual = retryDelay(this.#failures, FIRST_RETRY, LONGEST_RETRY, random);
    const asked = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
    const wait = needsToken ? TOKEN_RETRY : Math.max(usual, asked);
    this.#failures += 1;
    this.#again(wait);
    if (this.#state.kind !== 'known') {
      this.#state = { kind: needsToken ? 'tokenInvalid' : 'waiting', nextTry: clock.now() + wait };
    }
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
