import type { AccountLine, Line } from '../api/lines';
import type { Clock } from '../clock';
import type { Log } from '../log';

/** The least time between the two answers that must lack a line before it is given up, in ms. */
export const CONFIRM_AFTER = 60_000;

/**
 * The account's lines by what ChatApp has answered so far. A new line counts at once. A line that is missing, or no
 * longer active, counts until a second answer confirms that: ChatApp's list lacks lines for a moment now and then, and
 * events of a line that is given up are lost.
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
    const lines = new Map(answer.map((line) => [keyOf(line), line]));
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
    if (isMissing && (since === undefined || now - since < CONFIRM_AFTER)) {
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

function keyOf({ licenseId, messengerType }: Line): string {
  return `${licenseId} ${messengerType}`;
}
