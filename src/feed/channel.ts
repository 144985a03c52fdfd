import type { Clock, Timer } from '../clock';
import type { ChatAppError, ErrorCode } from '../errors';
import { eventsOf, readEnvelopes } from '../events';
import type { Log } from '../log';
import type { Socket } from '../socket/socket';
import { ChannelFeed } from './channel-feed';
import { Progress } from './progress';
import type { Reception } from './reception';
import { Recovery, type RecoveryOptions } from './recovery';
import { Subscription, type SubscriptionOptions, type SubscriptionState } from './subscription';
import type { Trouble } from './trouble';
import type { CallbackState } from '../webhook/callback-state';

/** How often a channel that is heard by webhook only is looked up in the history, in ms: a callback gets lost unseen. */
const CHECK_EVERY = 5 * 60_000;

export interface ChannelOptions
  extends
    Pick<RecoveryOptions, 'readHistory' | 'serverTime' | 'hours' | 'positions'>,
    Pick<SubscriptionOptions, 'authorise'> {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** What concerns the listeners of a line; every other trouble with its webhook is the connection's. */
const WEBHOOK_ERRORS: ReadonlySet<ErrorCode> = new Set(['WEBHOOK_TAKEN', 'WEBHOOK_FAILED']);

/** One channel that somebody listens to: its subscription, its listeners, and what it missed. */
export class Channel {
  readonly #feed: ChannelFeed;
  readonly #progress: Progress;
  readonly #recovery: Recovery;
  readonly #subscription: Subscription;
  /** When its last event came, wanted or not, ms since the epoch. */
  lastHeard = 0;
  /** What its listeners were told when it was refused. */
  #refusal: ChatAppError | undefined;
  /** How its webhook stands; absent where it has none. */
  #callback: CallbackState | undefined;
  /** What its listeners were told of it. */
  #callbackError: ChatAppError | undefined;
  #checkTimer: Timer | undefined;

  constructor(
    readonly name: string,
    private readonly options: ChannelOptions,
    private readonly trouble: Trouble,
    onState: (channel: Channel) => void,
  ) {
    const inform = (): void => {
      this.#checkRegularly();
      onState(this);
    };
    this.#progress = new Progress(name, options.positions, options.serverTime);
    this.#feed = new ChannelFeed({ ...options, channel: name, progress: this.#progress });
    this.#recovery = new Recovery({
      ...options,
      channel: name,
      feed: this.#feed,
      progress: this.#progress,
      onState: inform,
      onFailure: (error) => trouble.failed(this.#historySource, error),
      onSuccess: () => trouble.over(this.#historySource),
      isGapless: () => this.#isSubscribed,
      onLoss: (error) => this.#tell(error),
    });
    this.#subscription = new Subscription({
      ...options,
      channel: name,
      onState: inform,
      onFailure: (error) => this.#onFailure(error),
      onSuccess: () => this.#onSuccess(),
    });
  }

  get state(): SubscriptionState {
    return this.#subscription.state;
  }

  get callback(): CallbackState | undefined {
    return this.#callback;
  }

  /** The events that its listeners want, out of those that a webhook can bring. */
  get wanted(): readonly string[] {
    const all = eventsOf('messenger').map(({ name }) => name);
    const choices = [...this.receptions].map(({ listener: { events } }) => events);
    const wanted = all.filter((name) => choices.some((events) => events.length === 0 || events.includes(name)));
    // Names that are none of a messenger's ChatApp might refuse, and the good ones with them.
    return wanted.length > 0 ? wanted : all;
  }

  /** How many missed messages were fetched so far; absent while none are being fetched. */
  get recovered(): number | undefined {
    return this.#recovery.recovered;
  }

  get receptions(): ReadonlySet<Reception> {
    return this.#feed.receptions;
  }

  add(reception: Reception): void {
    this.#feed.add(reception);
    if (this.#isHeard) void this.#recovery.admit(reception);
    if (this.#refusal) reception.listener.onError(this.#refusal);
    if (this.#callbackError) reception.listener.onError(this.#callbackError);
  }

  /** Removes a listener that goes away for good, or, `isForgotten` being false, may come back after a restart. */
  remove(reception: Reception, isForgotten: boolean): void {
    this.#feed.remove(reception);
    if (isForgotten) this.options.positions.leave(this.name, reception.id);
  }

  /** The listener does not take what it is given for the moment: it counts as not delivered. */
  leaveOpen(): void {
    this.#progress.pause();
  }

  /** The listener has taken what was kept for it, or is gone. */
  settle(): void {
    this.#progress.resume();
  }

  open(socket: Socket): void {
    this.#subscription.open(socket);
  }

  close(): void {
    if (this.#isSubscribed) this.#recovery.unheard();
    this.#subscription.close();
  }

  confirm(): void {
    this.#subscription.confirm();
  }

  refuse(): void {
    this.#subscription.refuse();
  }

  /** Notes that the channel is busy; true where somebody wants the event. */
  hears(event: string): boolean {
    this.lastHeard = this.options.clock.now();
    return this.#feed.isWanted(event);
  }

  /** Takes an event off the socket. */
  receive(event: string, data: unknown): void {
    // While ours is being changed, ChatApp may well call by what was set before.
    const isCopyDue = this.#callback !== undefined && this.#callback.kind !== 'taken';
    if (this.hears(event)) this.#feed.receive(event, data, 'socket', isCopyDue);
  }

  /** Takes what a callback brought: envelopes whose meta names the event. */
  receiveCallback(body: unknown): void {
    const { envelopes, problems } = readEnvelopes(body);
    for (const problem of problems) this.#feed.reject(problem);
    // The server may have subscribed us already while we do not know it yet.
    const isCopyDue = this.#isSubscribed || this.state.kind === 'authorising';
    for (const { items, meta } of envelopes) {
      const { type } = meta;
      if (typeof type !== 'string' || type === '') this.#feed.reject('its meta names no event');
      else if (this.hears(type)) this.#feed.receive(type, { data: items, meta }, 'webhook', isCopyDue);
    }
  }

  /** Its webhook stands otherwise than before. */
  onCallback(state: CallbackState): void {
    const wasSet = this.#callback?.kind === 'set';
    this.#callback = state;
    this.#tellOfCallback('error' in state && WEBHOOK_ERRORS.has(state.error.code) ? state.error : undefined);
    if (wasSet && state.kind !== 'set' && !this.#isSubscribed) this.#recovery.unheard();
    if (state.kind === 'set' && !wasSet && !this.#isSubscribed) void this.#recovery.fill();
    this.#checkRegularly();
  }

  noteHeard(): void {
    if (this.#isHeard) this.#recovery.noteHeard();
  }

  /** Nobody listens any more. */
  stop(): void {
    this.noteHeard();
    this.#checkTimer?.cancel();
    this.#callback = undefined;
    this.#recovery.stop();
    this.#subscription.stop();
    this.trouble.over(this.name);
    this.trouble.over(this.#historySource);
  }

  get #isSubscribed(): boolean {
    return this.state.kind === 'subscribed';
  }

  get #isHeard(): boolean {
    return this.#isSubscribed || this.#callback?.kind === 'set';
  }

  /** While only the webhook brings events, the history is looked up now and then. */
  #checkRegularly(): void {
    const isWebhookOnly = this.#callback !== undefined && !this.#isSubscribed;
    if (isWebhookOnly) this.options.positions.doubt(this.name);
    const isWanted = isWebhookOnly && this.#callback?.kind === 'set';
    if (isWanted === Boolean(this.#checkTimer)) return;
    this.#checkTimer?.cancel();
    this.#checkTimer = isWanted ? this.options.clock.after(CHECK_EVERY, () => this.#check()) : undefined;
  }

  #check(): void {
    this.#checkTimer = undefined;
    void this.#recovery.check();
    this.#checkRegularly();
  }

  #tellOfCallback(error: ChatAppError | undefined): void {
    const isNews = error !== this.#callbackError;
    this.#callbackError = error;
    if (error && isNews) this.#tell(error);
  }

  get #historySource(): string {
    return `history of ${this.name}`;
  }

  /** A refusal is told to the channel's listeners; every other trouble is the connection's. */
  #onFailure(error: ChatAppError): void {
    if (error.code !== 'CHANNEL_REFUSED') return this.trouble.failed(this.name, error);
    this.trouble.over(this.name);
    if (this.#refusal) return;
    this.#refusal = error;
    this.#tell(error);
  }

  #onSuccess(): void {
    this.#refusal = undefined;
    this.trouble.over(this.name);
    void this.#recovery.fill();
  }

  #tell(error: ChatAppError): void {
    for (const { listener } of this.receptions) listener.onError(error);
  }
}
