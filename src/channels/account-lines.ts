import { ApiError } from '../api/api-error';
import type { AccountLine } from '../api/lines';
import { shownTime, type Clock, type Timer } from '../clock';
import { ChatAppError, TOKEN_TROUBLES } from '../errors';
import { runInBackground, type Log } from '../log';
import { retryDelay } from '../retry-delay';
import { CONFIRM_AFTER, KnownLines } from './known-lines';

/** How often the account's lines are read, so that new lines are found, in ms. */
const READ_EVERY = 10 * 60_000;
const FIRST_RETRY = 1_000;
const MAX_RETRY = 60_000;
/** Delay between reads while there is no valid token, in ms. */
const TOKEN_RETRY = 5 * 60_000;

export type LinesState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'known'; readonly lines: readonly AccountLine[] }
  | { readonly kind: 'waiting' | 'tokenInvalid'; readonly nextTry: number };

export interface AccountLinesOptions {
  readonly read: () => Promise<AccountLine[]>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly onChange: () => void;
  readonly onFailure: (error: ChatAppError) => void;
  readonly onSuccess: () => void;
}

/** The account's lines, read regularly while at least one listener wants all of them. */
export class AccountLines {
  #state: LinesState = { kind: 'reading' };
  #isRunning = false;
  #timer: Timer | undefined;
  /** Counts reads: the answer to an earlier one is ignored. */
  #attempt = 0;
  #failures = 0;
  readonly #known: KnownLines;

  constructor(private readonly options: AccountLinesOptions) {
    this.#known = new KnownLines(options.clock, options.log);
  }

  get state(): LinesState {
    return this.#state;
  }

  /** Reads the lines now and then every 10 min, or after a minute if an answer lacks lines that were there. Does nothing if that has started already. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#start();
  }

  /** Stops reading. The lines read so far stay known. */
  stop(): void {
    this.#isRunning = false;
    this.#newAttempt();
  }

  #start(): void {
    runInBackground(this.#read(), this.options.log, 'Reading the lines');
  }

  async #read(): Promise<void> {
    const attempt = this.#newAttempt();
    const { read, onChange, onSuccess } = this.options;
    try {
      const lines = await read();
      if (attempt !== this.#attempt) return;
      this.#failures = 0;
      this.#known.update(lines);
      this.#state = { kind: 'known', lines: this.#known.all };
      this.#readAfter(this.#known.isUnconfirmed ? CONFIRM_AFTER : READ_EVERY);
      onSuccess();
      onChange();
    } catch (error) {
      if (attempt === this.#attempt) this.#onFailure(error);
    }
  }

  /** Lines that are known stay known: a failed read does not end a subscription. */
  #onFailure(error: unknown): void {
    const { clock, random, onFailure, onChange } = this.options;
    const needsToken = error instanceof ChatAppError && TOKEN_TROUBLES.has(error.code);
    const usual = retryDelay(this.#failures, FIRST_RETRY, MAX_RETRY, random);
    const requested = error instanceof ApiError ? (error.retryAfter ?? 0) : 0;
    const wait = needsToken ? TOKEN_RETRY : Math.max(usual, requested);
    this.#failures += 1;
    this.#readAfter(wait);
    if (this.#state.kind !== 'known') {
      this.#state = { kind: needsToken ? 'tokenInvalid' : 'waiting', nextTry: shownTime(clock, wait) };
    }
    if (error instanceof ChatAppError) onFailure(error);
    onChange();
  }

  #readAfter(wait: number): void {
    this.#timer = this.options.clock.after(wait, () => this.#start());
  }

  #newAttempt(): number {
    this.#timer?.cancel();
    return ++this.#attempt;
  }
}
