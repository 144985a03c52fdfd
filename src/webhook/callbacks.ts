import type { CallbackUrl } from '../api/callback-urls';
import type { Line } from '../api/lines';
import { pause, type Clock, type Timer } from '../clock';
import type { ChatAppError } from '../errors';
import { runInBackground } from '../log';
import { addressOf, hostOf, isOurs } from './address';
import {
  asChatAppError,
  asWebhookError,
  eventsNotOffered,
  isInputRefused,
  lineText,
  type CallbackState,
} from './callback-state';
import { basicEvents } from './offered-events';
import { Registration } from './registration';
import { Removal, type RemovalOptions } from './removal';
import { waitAfter } from './waits';

/** How long a change waits for others, in ms: a deploy brings many. */
const GATHER = 500;
/** How often it is looked whether somebody has replaced our addresses, in ms. */
const LOOK_EVERY = 10 * 60_000;
/** How long the removal of all callbacks may take, in ms: Node-RED waits 15 s for a node to close. */
const REMOVE_WITHIN = 8_000;

export interface CallbacksOptions extends RemovalOptions {
  /** `webhook`: no other source brings events, so those that ChatApp does not send by webhook never come. */
  readonly receive: 'both' | 'webhook';
  readonly set: (callback: CallbackUrl) => Promise<void>;
  readonly clock: Clock;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
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
  readonly #registrations = new Map<string, Registration>();
  readonly #removal: Removal;
  /** Whose callback may be replaced, by line. */
  readonly #permitted = new Map<string, string>();
  #timer: Timer | undefined;
  /** When the timer is due, in ms of the monotonic clock. */
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
    const known = this.#registrations.get(name);
    if (known?.wants(events)) return;
    if (known) known.events = events;
    else this.#registrations.set(name, new Registration(line, events, this.options.clock));
    this.#lookWithin(GATHER);
  }

  /** Nobody listens to the line any more. The callback is removed only if that is permanent. */
  leave(line: Line, isRemoved: boolean): void {
    const name = lineText(line);
    this.#permitted.delete(name);
    if (!this.#registrations.delete(name) || !isRemoved) return;
    this.#removal.add(name, line);
    this.#lookWithin(GATHER);
  }

  /** How the callbacks of all lines stand that have listeners. */
  get all(): { readonly line: Line; readonly state: CallbackState }[] {
    return [...this.#registrations.values()];
  }

  /**
   * A user has confirmed that the callback of another integration may be replaced. Resolves once that was tried, with false
   * where nobody listens to the line.
   */
  async replace(line: Line): Promise<boolean> {
    const registration = this.#registrations.get(lineText(line));
    if (!registration) return false;
    if (registration.state.kind === 'taken') this.#permitted.set(registration.name, registration.state.host);
    await this.#work();
    return true;
  }

  /** Sets what is to be set at once. Resolves once that was tried. */
  setNow(): Promise<void> {
    return this.#work();
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
    const due = this.options.clock.monotonic() + wait;
    if (this.#isOver || (this.#timer && this.#due <= due)) return;
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.options.clock.after(wait, () => {
      runInBackground(this.#work(), this.options.log, 'Setting the webhooks');
    });
  }

  /** Looks, and does what is to be done; one round after the other. */
  #work(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#working = this.#working.then(() => this.#round());
    return this.#working;
  }

  async #round(): Promise<void> {
    if (this.#isOver || this.#registrations.size + this.#removal.size === 0) return;
    try {
      const secret = await this.options.secret();
      const urls = new Map((await this.options.read()).map((url) => [lineText(url), url]));
      this.#failures = 0;
      this.options.onSuccess();
      await Promise.all([
        ...[...this.#registrations].map(([name, registration]) => this.#attend(registration, urls.get(name), secret)),
        this.#removal.run(urls, secret),
      ]);
      this.#lookWithin(this.#nextLook());
    } catch (error) {
      this.#lookFailed(error);
    }
  }

  /** Brings the callback of one line to where it is wanted, unless it is somebody else's. */
  async #attend(registration: Registration, found: CallbackUrl | undefined, secret: string): Promise<void> {
    const { baseUrl, receive, log } = this.options;
    const { line, name } = registration;
    if (found && !isOurs(found.url, baseUrl, secret)) {
      const host = hostOf(found.url);
      if (this.#permitted.get(name) !== host) return this.#become(registration, registration.taken(host));
    }
    const url = addressOf(baseUrl, secret, line);
    if (registration.isMetBy(found, url)) {
      this.#permitted.delete(name);
      return this.#become(registration, registration.set(receive === 'webhook'));
    }
    // Until our address stands there, events go elsewhere; while only the events differ, most of them come.
    if (found?.url !== url && registration.state.kind !== 'failed') this.#become(registration, { kind: 'setting' });
    try {
      await this.#register(registration, url);
      this.#permitted.delete(name);
      log.info(`The webhook of ${name} is set`);
      this.#become(registration, registration.set(receive === 'webhook'));
    } catch (error) {
      this.#failed(registration, asWebhookError(error, line, hostOf(baseUrl)), error);
    }
  }

  /** Sets `url` with the events that ChatApp offers: what it refuses with all of them, it may take with the basic ones. */
  async #register({ line, name, events, offered }: Registration, url: string): Promise<void> {
    const { set, log } = this.options;
    const asked = offered.among(events);
    try {
      await set({ ...line, events: asked, url });
    } catch (error) {
      const basic = basicEvents(asked);
      if (!isInputRefused(error) || basic.length === asked.length) throw error;
      if (basic.length === 0) throw error.says(/\bevents?\b/) ? eventsNotOffered(line, asked) : error;
      await set({ ...line, events: basic, url });
      const missing = asked.filter((event) => !basic.includes(event));
      offered.refuse(missing);
      log.warn(`ChatApp does not send these events of ${name} by webhook: ${missing.join(', ')}`);
    }
  }

  #failed(registration: Registration, error: ChatAppError, cause: unknown): void {
    const wait = waitAfter(registration.failures, cause, this.options.random);
    registration.countFailure();
    this.#become(registration, registration.failed(error, wait));
  }

  /** What is set stays set: a failed look does not end it. */
  #lookFailed(cause: unknown): void {
    const { random, onFailure } = this.options;
    const error = asChatAppError(cause);
    const wait = waitAfter(this.#failures, cause, random);
    this.#failures += 1;
    this.#lookWithin(wait);
    for (const registration of this.#registrations.values()) {
      if (registration.state.kind === 'set' || registration.state.kind === 'taken') continue;
      this.#become(registration, registration.failed(error, wait));
    }
    onFailure(error);
  }

  #nextLook(): number {
    const tries = [...this.#registrations.values()].flatMap(({ retryWait }) => retryWait ?? []);
    if (this.#removal.size > 0) tries.push(waitAfter(this.#removal.failures, undefined, this.options.random));
    return Math.min(LOOK_EVERY, ...tries);
  }

  #become(registration: Registration, state: CallbackState): void {
    // It has left meanwhile, or nothing is to be reported any more.
    if (this.#isOver || this.#registrations.get(registration.name) !== registration) return;
    if (registration.become(state)) this.options.onState(registration.line, state);
  }
}
