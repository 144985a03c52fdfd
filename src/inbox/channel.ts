import { Subscription, type SubscriptionOptions, type SubscriptionState } from '../channels/subscription';
import type { Timer } from '../clock';
import type { ChatAppError, ErrorCode } from '../errors';
import { eventsOf, readEnvelopes } from '../events';
import type { Socket } from '../socket/socket';
import type { CallbackState } from '../webhook/callback-state';
import { ChannelInbox, type ChannelInboxOptions } from './channel-inbox';
import { GapFiller, type GapFillerOptions } from './gap-filler';
import type { Subscriber } from './subscriber';

/** How often the history of a channel is read that only webhooks bring, in ms: nobody notices a lost callback. */
const CHECK_EVERY = 5 * 60_000;
/** Of what a webhook reports, this concerns the listeners of the line; all else concerns the connection. */
const LINE_ERRORS: ReadonlySet<ErrorCode> = new Set(['WEBHOOK_TAKEN', 'WEBHOOK_FAILED']);

/** The same for all channels. */
export interface ChannelOptions extends ChannelInboxOptions, GapFillerOptions, SubscriptionOptions {
  /** True if events come by webhook, too or only. */
  readonly hasWebhooks: boolean;
  /** The subscriber listens to a channel for the first time: that has to be stored. */
  readonly onSubscriber: (subscriber: Subscriber) => void;
  readonly onState: (channel: Channel) => void;
}

/** One channel that somebody listens to: whether it is received, and what is done about what it missed. */
export class Channel {
  readonly inbox: ChannelInbox;
  readonly #subscription: Subscription;
  readonly #filler: GapFiller;
  #callback: CallbackState | undefined;
  #callbackError: ChatAppError | undefined;
  #refusal: ChatAppError | undefined;
  #checkTimer: Timer | undefined;
  /** Since when it is subscribed, in ms (monotonic). */
  #subscribedAt = Infinity;
  /** When its last event arrived, wanted or not, in ms (monotonic). */
  lastEventAt = 0;

  constructor(
    readonly name: string,
    private readonly options: ChannelOptions,
  ) {
    this.inbox = new ChannelInbox(name, options);
    this.#subscription = new Subscription(name, options, {
      onState: () => this.#onState(),
      onFailure: (error) => this.#onFailure(error),
      onSuccess: () => this.#onSubscribed(),
    });
    this.#filler = new GapFiller(this.inbox, options, {
      isSubscribed: () => this.isSubscribed,
      onState: () => options.onState(this),
    });
  }

  get subscription(): SubscriptionState {
    return this.#subscription.state;
  }

  /** Why it is not received, as far as its last attempt says. */
  get failure(): ChatAppError | undefined {
    return this.#refusal ?? this.#subscription.failure;
  }

  /** Fetches what is missing. */
  get filler(): Pick<GapFiller, 'isRunning' | 'progress' | 'failure'> {
    return this.#filler;
  }

  get isSubscribed(): boolean {
    return this.subscription.kind === 'subscribed';
  }

  /** The state of its webhook; absent if it has none. */
  get callback(): CallbackState | undefined {
    return this.#callback;
  }

  /** True if a webhook brings all of its events. */
  get hasWholeWebhook(): boolean {
    return this.#callback?.kind === 'set' && !this.#callback.error;
  }

  /** How many missing messages were fetched so far; absent while none are being fetched. */
  get recovered(): number | undefined {
    return this.#filler.recovered;
  }

  /** The events that a webhook has to bring. */
  get webhookEvents(): readonly string[] {
    const all = eventsOf('messenger').map(({ name }) => name);
    const wanted = all.filter((name) => this.inbox.isWanted(name));
    // ChatApp might refuse names that are none of a messenger's, and the good ones with them.
    return wanted.length > 0 ? wanted : all;
  }

  /** True if it was subscribed at this time, in ms (monotonic), and ever since. */
  wasSubscribedSince(time: number): boolean {
    return this.isSubscribed && this.#subscribedAt <= time;
  }

  /** Fetches what is missing now, instead of at the next try. */
  fetchMissing(): void {
    if (this.isReceived && this.options.gaps.get(this.name)) this.#filler.start(true);
  }

  /** From now on this instance records what the channel receives, and fetches what it missed. */
  resume(): void {
    if (!this.isSubscribed) return;
    this.#beginAll();
    this.#filler.holdLiveEvents();
    this.#filler.start(true);
  }

  /** From now on another instance fetches what the channel missed. */
  pause(): void {
    this.#filler.stop();
  }

  add(subscriber: Subscriber): void {
    this.inbox.subscribers.add(subscriber);
    this.inbox.update();
    if (this.isReceived) this.#begin(subscriber);
    if (this.#refusal) subscriber.reportError(this.#refusal);
    if (this.#callbackError) subscriber.reportError(this.#callbackError);
  }

  remove(subscriber: Subscriber): void {
    this.inbox.subscribers.delete(subscriber);
    this.inbox.update();
  }

  open(socket: Socket): void {
    // Events may arrive before the subscription is confirmed.
    this.#filler.holdLiveEvents();
    this.#subscription.open(socket);
  }

  close(): void {
    this.#openGap();
    this.#subscription.close();
  }

  confirm(): void {
    this.#subscription.confirm();
  }

  refuse(): void {
    this.#openGap();
    // Events may arrive before the next subscription is confirmed.
    if (this.isSubscribed) this.#filler.holdLiveEvents();
    this.#subscription.refuse();
  }

  /** Notes that the channel is busy; true if somebody wants the event. */
  isWanted(event: string): boolean {
    this.lastEventAt = this.options.clock.monotonic();
    if (this.inbox.isWanted(event)) return true;
    this.inbox.counts.skipUnwanted();
    return false;
  }

  /** True if what the socket brings may come by webhook, too. */
  get mayComeByWebhook(): boolean {
    return this.options.hasWebhooks && this.inbox.line !== undefined && this.#callback?.kind !== 'taken';
  }

  /** Takes what a callback brought: envelopes whose meta names the event. Resolves when no crash can lose it any more. */
  async receiveCallback(body: unknown): Promise<void> {
    const { envelopes, problems } = readEnvelopes(body);
    for (const problem of problems) this.inbox.reject(problem);
    // The server may have subscribed us already while we do not know it yet.
    const isCopyDue = this.isSubscribed || this.subscription.kind === 'authorising';
    for (const { items, meta } of envelopes) {
      const { type } = meta;
      if (typeof type !== 'string' || type === '') this.inbox.reject('noEvent');
      else if (this.isWanted(type)) this.inbox.receive(type, { data: items, meta }, 'webhook', isCopyDue);
    }
    await this.inbox.settled();
  }

  onCallback(state: CallbackState): void {
    const wasSet = this.#callback?.kind === 'set';
    this.#callback = state;
    const error = 'error' in state ? state.error : undefined;
    const lineError = error && LINE_ERRORS.has(error.code) ? error : undefined;
    if (error && !lineError) this.options.reporter.failed(this.#webhook, error);
    else this.options.reporter.recovered(this.#webhook);
    if (lineError && lineError !== this.#callbackError) this.inbox.report(lineError);
    this.#callbackError = lineError;
    if (state.kind === 'set' && !wasSet && !this.isSubscribed) {
      this.#beginAll();
      this.options.gaps.open(this.name);
      this.#filler.start(true);
    }
    this.#onState();
  }

  /** Nobody listens any more. */
  stop(): void {
    this.#openGap();
    this.#checkTimer?.cancel();
    this.#checkTimer = undefined;
    this.#callback = undefined;
    this.#filler.stop();
    this.#subscription.stop();
    for (const source of [this.name, this.#webhook]) this.options.reporter.recovered(source);
  }

  /** The source under which errors of its webhook are reported. */
  get #webhook(): string {
    return `webhook of ${this.name}`;
  }

  /** From now on the channel is not received by the socket. */
  #openGap(): void {
    if (this.isSubscribed) this.options.gaps.open(this.name);
  }

  get isReceived(): boolean {
    return this.isSubscribed || this.#callback?.kind === 'set';
  }

  #onState(): void {
    this.#checkRegularly();
    this.options.onState(this);
  }

  #onFailure(error: ChatAppError): void {
    const { reporter } = this.options;
    if (error.code !== 'CHANNEL_REFUSED') return reporter.failed(this.name, error);
    reporter.recovered(this.name);
    if (this.#refusal) return;
    this.#refusal = error;
    this.inbox.report(error);
  }

  #onSubscribed(): void {
    this.#refusal = undefined;
    this.#subscribedAt = this.options.clock.monotonic();
    this.options.reporter.recovered(this.name);
    this.#beginAll();
    this.#filler.start(true);
  }

  /** The channel is received from now on. As long as nobody knows when that is, its gap grows. */
  #beginAll(): void {
    if (!this.options.mayRecord()) return;
    const { line, employee } = this.inbox;
    // No other channel has a history.
    if (line || employee !== undefined) this.options.gaps.begin(this.name);
    for (const subscriber of this.inbox.subscribers) this.#begin(subscriber);
  }

  #begin(subscriber: Subscriber): void {
    if (!this.options.mayRecord()) return;
    const now = Math.floor(this.options.serverTime());
    if (subscriber.begin(this.name, now)) this.options.onSubscriber(subscriber);
  }

  /** While only webhooks bring events, the history is read now and then. */
  #checkRegularly(): void {
    const isWanted = this.#callback?.kind === 'set' && !this.isSubscribed;
    if (isWanted === Boolean(this.#checkTimer)) return;
    this.#checkTimer?.cancel();
    this.#checkTimer = isWanted ? this.options.clock.after(CHECK_EVERY, () => this.#check()) : undefined;
  }

  #check(): void {
    this.#checkTimer = undefined;
    if (!this.#filler.isRunning) this.#filler.start(false);
    this.#checkRegularly();
  }
}
