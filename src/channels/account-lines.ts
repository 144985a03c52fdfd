import { ApiError } from '../api/api-error';
import type { AccountLine } from '../api/lines';
import { shownTime, type Clock, type Timer } from '../clock';
import { ChatAppError, TOKEN_FAILURES } from '../errors';
import { runInBackground, type Log } from '../log';
import { retryDelay } from '../retry-delay';
import { lineText } from '../webhook/callback-state';

/** How often the account's lines are read, so that new lines are found, in ms. */
const READ_EVERY = 10 * 60_000;
const FIRST_RETRY = 1_000;
const MAX_RETRY = 60_000;
/** Delay between reads while there is no valid token, in ms. */
const TOKEN_RETRY = 5 * 60_000;
/** How soon the lines are read again if an answer lacks one, and for how long it must be inactive to be given up, in ms. */
const CONFIRM_AFTER = 60_000;
/** For how long all answers must lack a line before it is given up, in ms: a subscription too many does no harm. */
const MISSING_FOR = 60 * 60_000;

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
    const needsToken = error instanceof ChatAppError && TOKEN_FAILURES.has(error.code);
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

/**
 * The account's lines by what ChatApp has answered so far. A new line counts at once. A line that is missing, or no
 * longer active, counts until later answers confirm that: ChatApp's list lacks lines now and then, and events of a line
 * that is given up are lost.
 */
export class KnownLines {
  #lines = new Map<string, AccountLine>();
  /** When an answer first lacked each line that still counts, in ms of the monotonic clock. */
  readonly #missingSince = new Map<string, number>();
  /** The licences whose inactivity is in the log. */
  #logged: ReadonlySet<string> = new Set();

  constructor(
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** The lines that count, inactive ones included. */
  get all(): readonly AccountLine[] {
    return [...this.#lines.values()];
  }

  /** True if the next answer decides whether some lines are given up. */
  get isUnconfirmed(): boolean {
    return this.#missingSince.size > 0;
  }

  update(answer: readonly AccountLine[]): void {
    const lines = new Map(answer.map((line) => [lineText(line), line]));
    for (const [key, line] of this.#lines) {
      if (!line.isInactive && this.#isKept(key, lines.get(key))) lines.set(key, line);
    }
    this.#lines = lines;
    this.#logInactive();
  }

  /** True if a line that counts still does; `found` is what the answer says of it. */
  #isKept(key: string, found: AccountLine | undefined): boolean {
    const now = this.clock.monotonic();
    const since = this.#missingSince.get(key);
    const isMissing = !found || found.isInactive === true;
    if (isMissing && (since === undefined || now - since < (found ? CONFIRM_AFTER : MISSING_FOR))) {
      if (since === undefined) this.log.warn(`ChatApp's list of lines lacks ${key}: it is read again in a minute`);
      this.#missingSince.set(key, since ?? now);
      return true;
    }
    this.#missingSince.delete(key);
    if (isMissing) this.log.warn(`The account has no active line ${key} any more`);
    return false;
  }

  #logInactive(): void {
    const inactive = new Set(this.all.flatMap(({ licenseId, isInactive }) => (isInactive ? [licenseId] : [])));
    for (const licenseId of inactive) {
      if (this.#logged.has(licenseId)) continue;
      this.log.warn(`Line ${licenseId} is not active: nodes that listen to all lines leave it out`);
    }
    this.#logged = inactive;
  }
}
