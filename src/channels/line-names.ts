import type { LineEntry } from '../api/entry';
import { messengerName } from '../api/messenger-names';
import type { Clock, Timer } from '../clock';
import { kindOf, type Log } from '../log';
import { retryDelay } from '../retry-delay';

/** Delays between attempts to read the lines, in ms. What else needs the account reports why that fails. */
const FIRST_RETRY = 5_000;
const MAX_RETRY = 10 * 60_000;

/** What people call a messenger of a line. */
export interface LineNaming {
  /** Absent for a line without a name. */
  readonly lineName?: string;
  readonly messengerName: string;
}

export interface LineNamesOptions {
  /** Reads the account's lines, and passes them to `update`. */
  readonly read: () => Promise<unknown>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The names of the account's lines and their messengers. Events do not wait until they are known. */
export class LineNames {
  readonly #names = new Map<string, Map<string, LineNaming>>();
  #isStarted = false;
  #isKnown = false;
  #failures = 0;
  #timer: Timer | undefined;

  constructor(private readonly options: LineNamesOptions) {}

  /** Reads the lines, again until that works; not at all if something else has read them before. */
  start(): void {
    if (this.#isStarted || this.#isKnown) return;
    this.#isStarted = true;
    this.#read();
  }

  stop(): void {
    this.#isKnown = true;
    this.#timer?.cancel();
  }

  /** Takes the names of lines. Those of others stay: ChatApp's list lacks lines now and then. */
  update(lines: readonly LineEntry[]): void {
    this.#isKnown = true;
    this.#timer?.cancel();
    for (const { licenseId, name: lineName, messengers } of lines) {
      const namings = messengers.map((messenger): [string, LineNaming] => [
        messenger.type,
        { ...(lineName !== undefined && { lineName }), messengerName: messengerName(messenger) },
      ]);
      this.#names.set(licenseId, new Map(namings));
    }
  }

  of(licenseId = '', messengerType = ''): LineNaming | undefined {
    return this.#names.get(licenseId)?.get(messengerType);
  }

  #read(): void {
    const { read, clock, random, log } = this.options;
    read().catch((error: unknown) => {
      if (this.#isKnown) return;
      log.debug(`The names of the lines could not be read: ${kindOf(error)}`);
      const wait = retryDelay(this.#failures, FIRST_RETRY, MAX_RETRY, random);
      this.#failures += 1;
      this.#timer = clock.after(wait, () => this.#read());
    });
  }
}
