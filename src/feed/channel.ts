import type { ChatAppError } from '../errors';
import { readEnvelopes } from '../events';
import type { Socket } from '../socket/socket';
import type { CallbackState } from '../webhook/callback-state';
import { ChannelFeed, type ChannelFeedOptions } from './channel-feed';
import { ChannelWebhook, webhookEvents, type ChannelWebhookOptions } from './channel-webhook';
import { Progress } from './progress';
import type { Reception } from './reception';
import { Recovery, type RecoveryOptions } from './recovery';
import { Subscription, type SubscriptionOptions, type SubscriptionState } from './subscription';
import type { Trouble } from './trouble';

/** The same for all channels of a connection. */
export interface ChannelOptions
  extends ChannelFeedOptions, ChannelWebhookOptions, RecoveryOptions, SubscriptionOptions {}

/** One channel that somebody listens to: its subscription, its webhook, its listeners, and what it missed. */
export class Channel {
  readonly #progress: Progress;
  readonly #feed: ChannelFeed;
  readonly #recovery: Recovery;
  readonly #subscription: Subscription;
  readonly #webhook: ChannelWebhook;
  /** When its last event came, wanted or not, ms since the epoch. */
  lastHeard = 0;
  /** What its listeners were told when it was refused. */
  #refusal: ChatAppError | undefined;

  constructor(
    readonly name: string,
    private readonly options: ChannelOptions,
    private readonly trouble: Trouble,
    onState: (channel: Channel) => void,
  ) {
    const inform = (): void => {
      this.#webhook.checkRegularly();
      onState(this);
    };
    this.#progress = new Progress(name, options.positions, options.serverTime);
    this.#feed = new ChannelFeed(name, options, this.#progress);
    this.#recovery = new Recovery(this.#feed, this.#progress, options, {
      onState: inform,
      onFailure: (error) => trouble.failed(this.#historySource, error),
      onSuccess: () => trouble.over(this.#historySource),
      onLoss: (error) => this.tell(error),
      isGapless: () => this.isSubscribed,
    });
    this.#subscription = new Subscription(name, options, {
      onState: inform,
      onFailure: (error) => this.#onFailure(error),
      onSuccess: () => this.#onSuccess(),
    });
    this.#webhook = new ChannelWebhook(this, options, this.#recovery);
  }

  get state(): SubscriptionState {
    return this.#subscription.state;
  }

  /** True where the socket brings its events. */
  get isSubscribed(): boolean {
    return this.state.kind === 'subscribed';
  }

  /** How its webhook stands; absent where it has none. */
  get callback(): CallbackState | undefined {
    return this.#webhook.state;
  }

  /** The events that its listeners want, out of those that a webhook can bring. */
  get wanted(): readonly string[] {
    return webhookEvents(this.receptions);
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
    if (this.#webhook.error) reception.listener.onError(this.#webhook.error);
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
    if (this.isSubscribed) this.#recovery.unheard();
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
    if (this.hears(event)) this.#feed.receive(event, data, 'socket', this.#webhook.mayBring);
  }

  /** Takes what a callback brought: envelopes whose meta names the event. */
  receiveCallback(body: unknown): void {
    const { envelopes, problems } = readEnvelopes(body);
    for (const problem of problems) this.#feed.reject(problem);
    // The server may have subscribed us already while we do not know it yet.
    const isCopyDue = this.isSubscribed || this.state.kind === 'authorising';
    for (const { items, meta } of envelopes) {
      const { type } = meta;
      if (typeof type !== 'string' || type === '') this.#feed.reject('its meta names no event');
      else if (this.hears(type)) this.#feed.receive(type, { data: items, meta }, 'webhook', isCopyDue);
    }
  }

  /** True where it has been heard since `time`, in ms since the epoch, with nothing missing. */
  isWhole(time: number): boolean {
    return this.#isHeard && this.#recovery.isWhole(time);
  }

  /** True where ChatApp lets nobody hear it. */
  get isRefused(): boolean {
    return this.state.kind === 'refused';
  }

  /** This copy leads from now on: see `Feed.takeOver`. */
  takeOver(heardBy: number): Promise<void> | undefined {
    this.#feed.trustFrom(heardBy);
    return this.#isHeard ? this.#recovery.takeOver(heardBy) : undefined;
  }

  /** Another copy leads from now on. */
  standBy(): void {
    this.#recovery.standBy();
  }

  /** Its webhook stands otherwise than before. */
  onCallback(state: CallbackState): void {
    this.#webhook.onState(state);
  }

  noteHeard(): void {
    if (this.#isHeard) this.#recovery.noteHeard();
  }

  /** Nobody listens any more. */
  stop(): void {
    this.noteHeard();
    this.#webhook.stop();
    this.#recovery.stop();
    this.#subscription.stop();
    this.trouble.over(this.name);
    this.trouble.over(this.#historySource);
  }

  /** Tells all of its listeners. */
  tell(error: ChatAppError): void {
    for (const { listener } of this.receptions) listener.onError(error);
  }

  get #isHeard(): boolean {
    return this.isSubscribed || this.#webhook.isSet;
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
    this.tell(error);
  }

  #onSuccess(): void {
    this.#refusal = undefined;
    this.trouble.over(this.name);
    void this.#recovery.fill();
  }
}
