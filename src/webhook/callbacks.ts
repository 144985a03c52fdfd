import type { CallbackUrl } from '../api/callback-urls';
import type { Line } from '../api/lines';
import { pause, type Clock, type Timer } from '../clock';
import type { ChatAppError } from '../errors';
import type { Log } from '../log';
import { addressOf, hostOf, isOurs } from './address';
import { asChatAppError, asWebhookError, lineText, type CallbackState } from './callback-state';
import { Place } from './place';
import { Removal } from './removal';
import { waitAfter } from './waits';

/** How long a change waits for others, in ms: a deploy brings many. */
const GATHER = 500;
/** How often it is looked whether somebody has replaced our addresses, in ms. */
const LOOK_EVERY = 10 * 60_000;
/** How long the removal of all callbacks may take, in ms: Node-RED waits 15 s for a node to close. */
const REMOVE_WITHIN = 8_000;

export interface CallbacksOptions {
  /** The public address below which callbacks come in, without secret and line. */
  readonly baseUrl: string;
  readonly secret: () => Promise<string>;
  readonly read: () => Promise<CallbackUrl[]>;
  readonly set: (callback: CallbackUrl) => Promise<void>;
  readonly remove: (line: Line) => Promise<void>;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  readonly log: Log;
  /** The callback of this line stands otherwise than before. */
  readonly onState: (line: Line, state: CallbackState) => void;
  /** ChatApp's list cannot be read now; it is tried again. */
  readonly onFailure: (error: ChatAppError) => void;
  readonly onSuccess: () => void;
}

/**
 * Keeps ChatApp's callback URLs as they are wanted: ours for each line that has listeners, with the events they chose.
 * ChatApp has one for each messenger of a line; one of somebody else is replaced only when `replace` says so.
 */
export class Callbacks {
  readonly #places = new Map<string, Place>();
  readonly #removal: Removal;
  /** Whose callback may be replaced, by line. */
  readonly #permitted = new Map<string, string>();
  #timer: Timer | undefined;
  /** When the timer is due, ms since the epoch. */
  #due = 0;
  #working: Promise<void> = Promise.resolve();
  #failures = 0;
  #isOver = false;

  constructor(private readonly options: CallbacksOptions) {
    this.#removal = new Removal(options);
  }

  /** These events of the line are wanted. */
  want(line: Line, events: readonly string[]): void {
    const name = lineText(line);
    this.#removal.cancel(name);
    const known = this.#places.get(name);
    if (known?.wants(events)) return;
    if (known) known.events = events;
    else this.#places.set(name, new Place(line, events));
    this.#lookWithin(GATHER);
  }

  /** Nobody listens to the line any more; only where that is for good the callback is removed. */
  leave(line: Line, isForGood: boolean): void {
    const name = lineText(line);
    this.#permitted.delete(name);
    if (!this.#places.delete(name) || !isForGood) return;
    this.#removal.add(name, line);
    this.#lookWithin(GATHER);
  }

  /** How the callbacks of all lines stand that have listeners. */
  get all(): { readonly line: Line; readonly state: CallbackState }[] {
    return [...this.#places.values()];
  }

  /**
   * Someone has said that the callback of whoever has it now may be replaced. Resolves once that was tried, with false
   * where nobody listens to the line.
   */
  async replace(line: Line): Promise<boolean> {
    const place = this.#places.get(lineText(line));
    if (!place) return false;
    if (place.state.kind === 'taken') this.#permitted.set(place.name, place.state.host);
    await this.#work();
    return true;
  }

  /** Changes nothing any more: the callbacks stay as they are. */
  stop(): void {
    this.#isOver = true;
    this.#timer?.cancel();
  }

  /** The connection is removed: removes every callback of ours, as far as that goes within 8 s. */
  async removeAll(): Promise<void> {
    this.stop();
    const late = new AbortController();
    const removal = this.#working.then(() => this.#removal.all());
    await Promise.race([removal, pause(this.options.clock, REMOVE_WITHIN, late.signal).catch(() => undefined)]);
    late.abort();
  }

  #lookWithin(wait: number): void {
    const due = this.options.clock.now() + wait;
    if (this.#isOver || (this.#timer && this.#due <= due)) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.options.clock.after(wait, () => void this.#work());
  }

  /** Looks, and does what is to be done; one round after the other. */
  #work(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#working = this.#working.then(() => this.#round());
    return this.#working;
  }

  async #round(): Promise<void> {
    if (this.#isOver || this.#places.size + this.#removal.size === 0) return;
    try {
      const secret = await this.options.secret();
      const urls = new Map((await this.options.read()).map((url) => [lineText(url), url]));
      this.#failures = 0;
      this.options.onSuccess();
      await Promise.all([
        ...[...this.#places].map(([name, place]) => this.#attend(place, urls.get(name), secret)),
        this.#removal.run(urls, secret),
      ]);
      this.#lookWithin(this.#nextLook());
    } catch (error) {
      this.#lookFailed(error);
    }
  }

  /** Brings the callback of one line to where it is wanted, unless it is somebody else's. */
  async #attend(place: Place, found: CallbackUrl | undefined, secret: string): Promise<void> {
    const { baseUrl, set, log } = this.options;
    const { line, events, name } = place;
    if (found && !isOurs(found.url, baseUrl, secret)) {
      const host = hostOf(found.url);
      if (this.#permitted.get(name) !== host) return this.#become(place, place.taken(host));
    }
    const url = addressOf(baseUrl, secret, line);
    if (place.isMetBy(found, url)) {
      this.#permitted.delete(name);
      return this.#become(place, { kind: 'set' });
    }
    // Until our address stands there, events go elsewhere; while only the events differ, most of them come.
    if (found?.url !== url && place.state.kind !== 'failed') this.#become(place, { kind: 'setting' });
    try {
      await set({ ...line, events, url });
      this.#permitted.delete(name);
      log.info(`The webhook of ${name} is set`);
      this.#become(place, { kind: 'set' });
    } catch (error) {
      this.#failed(place, asWebhookError(error, line, hostOf(baseUrl)), error);
    }
  }

  #failed(place: Place, error: ChatAppError, cause: unknown): void {
    const wait = waitAfter(place.failures, cause, this.options.random);
    place.countFailure();
    this.#become(place, place.failed(error, this.options.clock.now() + wait));
  }

  /** What is set stays set: a failed look does not end it. */
  #lookFailed(cause: unknown): void {
    const { clock, random, onFailure } = this.options;
    const error = asChatAppError(cause);
    const wait = waitAfter(this.#failures, cause, random);
    this.#failures += 1;
    this.#lookWithin(wait);
    for (const place of this.#places.values()) {
      if (place.state.kind === 'set' || place.state.kind === 'taken') continue;
      this.#become(place, place.failed(error, clock.now() + wait));
    }
    onFailure(error);
  }

  #nextLook(): number {
    const { clock, random } = this.options;
    const now = clock.now();
    const tries = this.all.flatMap(({ state }) => (state.kind === 'failed' ? [Math.max(0, state.nextTry - now)] : []));
    if (this.#removal.size > 0) tries.push(waitAfter(this.#removal.failures, undefined, random));
    return Math.min(LOOK_EVERY, ...tries);
  }

  #become(place: Place, state: CallbackState): void {
    // Left meanwhile, or nobody is to be told any more.
    if (this.#isOver || this.#places.get(place.name) !== place) return;
    if (place.become(state)) this.options.onState(place.line, state);
  }
}
